namespace Restate.Storage.Configuration;

/// <summary>One option: everything that loading, environment names, messages, help and the dump need to know about it.</summary>
/// <param name="key">TOML path.</param>
/// <param name="kind">Type and range.</param>
/// <param name="get">Its place in the configuration.</param>
/// <param name="set">The configuration with another value in that place.</param>
internal sealed class ConfigurationOption(
    string key,
    OptionKind kind,
    Func<RestateConfiguration, object?> get,
    Func<RestateConfiguration, object, RestateConfiguration> set)
{
    /// <summary>TOML path: kebab-case names joined by dots.</summary>
    public string Key { get; } = key;

    /// <summary>Type and range.</summary>
    public OptionKind Kind { get; } = kind;

    /// <summary>True when it can be changed while the node runs.</summary>
    public bool Live { get; init; }

    /// <summary>Its flag, without dashes; null: only <c>--set</c>.</summary>
    public string? Flag { get; init; }

    /// <summary>What the flag does, for the help text. Set where <see cref="Flag"/> is.</summary>
    public string? FlagHelp { get; init; }

    /// <summary>What it is, in one phrase: the flag's text, or that of <see cref="OptionDescriptions"/>.</summary>
    public string Description => FlagHelp ?? OptionDescriptions.Of(Key);

    /// <summary>A variable of another name that beats the <c>RESTATE_</c> one.</summary>
    public string? SpecialVariable { get; init; }

    /// <summary>Its environment variable: <c>RESTATE_</c>, <c>__</c> between tables.</summary>
    public string EnvironmentVariable => "RESTATE_" + Key.ToUpperInvariant().Replace(".", "__").Replace('-', '_');

    /// <summary>The value, or null when it is not set and has no fixed default.</summary>
    public object? Get(RestateConfiguration configuration) => get(configuration);

    /// <summary>The configuration with another value.</summary>
    public RestateConfiguration Set(RestateConfiguration configuration, object value) => set(configuration, value);
}
