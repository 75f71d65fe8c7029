namespace Restate.Storage.Configuration;

/// <summary>Where an effective value comes from.</summary>
public enum ConfigurationSource
{
    /// <summary>The built-in default.</summary>
    Default,

    /// <summary>The TOML file.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Env,

    /// <summary>A command-line flag.</summary>
    Cli,

    /// <summary>A change made over REST.</summary>
    Runtime,
}

/// <summary>Something in the configuration that does not fail the start but that its author should know.</summary>
/// <param name="Key">TOML path it is about.</param>
/// <param name="Message">One line: key, value, where it was set, and what is done about it.</param>
public sealed record ConfigurationWarning(string Key, string Message);

/// <summary>The effective value of one option.</summary>
/// <param name="Value">
/// <see cref="Types.ByteSize"/>, <see cref="float"/>, <see cref="int"/>, <see cref="TimeSpan"/>, <see cref="bool"/> or <see cref="string"/>;
/// null where the option is not set and has no fixed default.
/// </param>
/// <param name="Source">The layer it comes from.</param>
/// <param name="Live">True when it can be changed while the node runs.</param>
public sealed record EffectiveOption(object? Value, ConfigurationSource Source, bool Live);

/// <summary>The configuration in force at one moment.</summary>
/// <param name="Generation">1 at start, one more with every change.</param>
/// <param name="Value">The effective values.</param>
/// <param name="Sources">Source by TOML path, for every key that is not at its default.</param>
public sealed record ConfigurationSnapshot(
    long Generation,
    RestateConfiguration Value,
    IReadOnlyDictionary<string, ConfigurationSource> Sources)
{
    /// <summary>Values that were clamped, keys that are unknown or have no effect; in the order they were found.</summary>
    public IReadOnlyList<ConfigurationWarning> Warnings { get; init; } = [];

    /// <summary>Every option by TOML path, in the order of the documentation.</summary>
    public IReadOnlyDictionary<string, EffectiveOption> Effective => new OrderedDictionary<string, EffectiveOption>(
        ConfigurationOptions.All.Select(option => KeyValuePair.Create(option.Key, Describe(option))), StringComparer.Ordinal);

    /// <summary>The effective value of one option; see <see cref="EffectiveOption"/> for its type.</summary>
    /// <param name="key">TOML path.</param>
    /// <exception cref="ArgumentException">There is no such option.</exception>
    public object? Get(string key) => ConfigurationOptions.Find(key) is { } option
        ? option.Get(Value)
        : throw new ArgumentException($"there is no option \"{key}\"", nameof(key));

    /// <summary>The effective configuration as TOML. Loaded as a file it gives the same <see cref="Value"/> again.</summary>
    public string DumpToml() => TomlText.Write(
        ConfigurationOptions.All
            .Where(option => option.Get(Value) is not null)
            .Select(option => new TomlEntry(option.Key, option.Kind.ToToml(option.Get(Value)!), SourceComment(option.Key))));

    private EffectiveOption Describe(ConfigurationOption option) => new(option.Get(Value), SourceOf(option.Key), option.Live);

    private ConfigurationSource SourceOf(string key) => Sources.GetValueOrDefault(key, ConfigurationSource.Default);

    private string? SourceComment(string key) => SourceOf(key) switch
    {
        ConfigurationSource.Default => null,
        ConfigurationSource source => "from " + source.ToString().ToLowerInvariant(),
    };
}
