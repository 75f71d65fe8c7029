namespace Restate.Storage.Configuration;

/// <summary>How a reload of the configuration file ended.</summary>
public enum ReloadOutcome
{
    /// <summary>At least one value in force is another now.</summary>
    Applied,

    /// <summary>No value in force is another; what differs waits for a restart, is hidden by a higher layer, or means the same.</summary>
    Unchanged,

    /// <summary>The file cannot be used. The configuration from before is in force, whole.</summary>
    Refused,
}

/// <summary>One option in a <see cref="ConfigurationReload"/>.</summary>
/// <param name="Key">TOML path.</param>
/// <param name="Before">The value in force before, as TOML; null where it was not set.</param>
/// <param name="After">The value that the file and the other layers lead to, as TOML; null where it is not set.</param>
/// <param name="Reason">Why it is listed where it is; null where the list says enough.</param>
public sealed record ReloadedOption(string Key, string? Before, string? After, string? Reason = null);

/// <summary>What the last reading of the configuration file led to.</summary>
/// <param name="At">When.</param>
/// <param name="File">The file, as its user named it.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Generation">Generation in force after it.</param>
/// <param name="Applied">Options whose value in force changed.</param>
/// <param name="NeedsRestart">Options that the file sets to another value than the one this process runs with, and that only a start reads.</param>
/// <param name="Unchanged">Options whose text in the file changed without effect: a higher layer sets them, or the value is the same.</param>
/// <param name="Refused">Why the file was refused, a line for every error: key, value, what is allowed.</param>
/// <param name="Warnings">Values that were clamped and keys that have no effect.</param>
public sealed record ConfigurationReload(
    DateTimeOffset At,
    string File,
    ReloadOutcome Outcome,
    long Generation,
    IReadOnlyList<ReloadedOption> Applied,
    IReadOnlyList<ReloadedOption> NeedsRestart,
    IReadOnlyList<ReloadedOption> Unchanged,
    IReadOnlyList<string> Refused,
    IReadOnlyList<ConfigurationWarning> Warnings);
