namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>What must come of an attempt to hurt the node through SQL.</summary>
internal enum AttemptOutcome
{
    /// <summary>400 or 413, with a message that names what was refused.</summary>
    Refused,

    /// <summary>It may run, and end with an answer, an error of its own, 408, 413 or 507: what counts is that it stays in its bounds.</summary>
    Bounded,
}

/// <summary>A statement somebody may send to learn what is not for him, or to make the node suffer.</summary>
/// <param name="Kind">What is attempted.</param>
/// <param name="Name">Short name, for reports.</param>
/// <param name="Sql">The statement; <see cref="AttemptTargets.Fill"/> puts paths into it.</param>
/// <param name="Outcome">What must come out.</param>
/// <param name="Names">What the message of a refusal must hold.</param>
internal sealed record Attempt(string Kind, string Name, string Sql, AttemptOutcome Outcome, string Names)
{
    private const int LongestName = 90;

    /// <summary>One that must be refused.</summary>
    internal static Attempt Refused(string kind, string sql, string names = "") => new(kind, Shortened(sql), sql, AttemptOutcome.Refused, names);

    /// <summary>One that must be refused, whose text is too long to be its name.</summary>
    internal static Attempt RefusedLong(string kind, string name, string sql, string names = "") =>
        new(kind, name, sql, AttemptOutcome.Refused, names);

    /// <summary>One that may run within its bounds.</summary>
    internal static Attempt Bounded(string kind, string sql) => new(kind, Shortened(sql), sql, AttemptOutcome.Bounded, "");

    /// <summary>One that may run within its bounds, whose text is too long to be its name.</summary>
    internal static Attempt BoundedLong(string kind, string name, string sql) => new(kind, name, sql, AttemptOutcome.Bounded, "");

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Name}";

    private static string Shortened(string sql)
    {
        string oneLine = string.Concat(sql.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return oneLine.Length <= LongestName ? oneLine : oneLine[..LongestName] + "…";
    }
}

/// <summary>The files attempts go for.</summary>
/// <param name="Secret">A readable file whose content no answer may hold.</param>
/// <param name="Target">A path that must not exist afterwards.</param>
/// <param name="Spill">The folder queries spill to.</param>
internal sealed record AttemptTargets(string Secret, string Target, string Spill)
{
    /// <summary>The statement with the paths in it.</summary>
    internal string Fill(string sql) => sql
        .Replace("@secret@", Secret, StringComparison.Ordinal)
        .Replace("@target@", Target, StringComparison.Ordinal)
        .Replace("@spill@", Spill, StringComparison.Ordinal);
}
