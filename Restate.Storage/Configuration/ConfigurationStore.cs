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

/// <summary>The configuration in force at one moment.</summary>
/// <param name="Generation">1 at start, one more with every change.</param>
/// <param name="Value">The effective values.</param>
/// <param name="Sources">Source by TOML path, for every key that is not at its default.</param>
public sealed record ConfigurationSnapshot(
    long Generation,
    RestateConfiguration Value,
    IReadOnlyDictionary<string, ConfigurationSource> Sources);

/// <summary>A value in a configuration layer is not acceptable. The message names key, value and what is allowed.</summary>
public sealed class ConfigurationException(string message) : Exception(message);

/// <summary>The change was made against another generation than the one in force. HTTP 412.</summary>
public sealed class GenerationMismatchException(long expected, long actual)
    : Exception($"the configuration is at generation {actual}, not {expected}; read it again");

/// <summary>Holds the effective configuration and takes changes to it at run time. Thread-safe.</summary>
public sealed class ConfigurationStore
{
    /// <summary>The configuration in force.</summary>
    public ConfigurationSnapshot Current => throw new NotImplementedException();

    /// <summary>Raised after <see cref="Current"/> changed, on the thread that changed it. Handlers return at once.</summary>
    public event Action<ConfigurationSnapshot>? Changed
    {
        add => throw new NotImplementedException();
        remove => throw new NotImplementedException();
    }

    /// <summary>What <see cref="Apply"/> would lead to; changes nothing. The result has the next generation.</summary>
    /// <param name="patch">TOML path to new value: <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>; null removes a runtime override.</param>
    /// <exception cref="ConfigurationException">A key is unknown or not changeable at run time, or a value is not allowed.</exception>
    public ConfigurationSnapshot Preview(IReadOnlyDictionary<string, object?> patch) => throw new NotImplementedException();

    /// <summary>Changes the runtime layer, all or nothing, and returns the configuration then in force.</summary>
    /// <param name="patch">As for <see cref="Preview"/>.</param>
    /// <param name="expectedGeneration">When set, the generation that must be in force.</param>
    /// <param name="persist">True keeps the whole runtime layer over a restart.</param>
    /// <exception cref="ConfigurationException">A key is unknown or not changeable at run time, or a value is not allowed.</exception>
    /// <exception cref="GenerationMismatchException">Another generation is in force.</exception>
    public ConfigurationSnapshot Apply(IReadOnlyDictionary<string, object?> patch, long? expectedGeneration, bool persist) =>
        throw new NotImplementedException();
}
