namespace Restate.Storage.Configuration;

/// <summary>One layer: values by TOML path. An option in a higher layer hides the same one in lower layers.</summary>
/// <param name="Source">What the layer is.</param>
/// <param name="Values">Raw values, known keys and unknown ones.</param>
internal sealed record ConfigurationLayer(ConfigurationSource Source, IReadOnlyDictionary<string, RawValue> Values)
{
    private const string Prefix = "RESTATE_";

    /// <summary>Variable that names the config file; it is not an option.</summary>
    public const string ConfigFileVariable = "RESTATE_CONFIG";

    /// <summary>Variables of Restate's command line client: whoever uses it has them set, and they are no options.</summary>
    private static readonly string[] ClientVariables = ["RESTATE_ADMIN_URL", "RESTATE_AUTH_TOKEN", "RESTATE_CLI_CONFIG_HOME", "RESTATE_ENVIRONMENT", "RESTATE_INGRESS_URL"];

    /// <summary>No runtime overrides.</summary>
    public static ConfigurationLayer EmptyRuntime { get; } = new(ConfigurationSource.Runtime, new Dictionary<string, RawValue>());

    /// <summary>The layer of environment variables: <c>RESTATE_A__B_C</c> is <c>a.b-c</c>, in any letter case.</summary>
    public static ConfigurationLayer FromEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var values = new Dictionary<string, RawValue>(StringComparer.Ordinal);

        // Of two spellings of one variable the upper-case one counts: it comes last in this order.
        foreach ((string name, string text) in environment.OrderByDescending(variable => variable.Key, StringComparer.Ordinal))
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
                || name.Equals(ConfigFileVariable, StringComparison.OrdinalIgnoreCase)
                || ClientVariables.Contains(name, StringComparer.Ordinal))
                continue;
            string key = name[Prefix.Length..].ToLowerInvariant().Replace("__", ".").Replace('_', '-');
            values[key] = RawValue.FromText(text, Origin(name));
        }

        foreach (ConfigurationOption option in ConfigurationOptions.All)
        {
            if (option.SpecialVariable is { } name && environment.TryGetValue(name, out string? text))
                values[option.Key] = RawValue.FromText(text, Origin(name));
        }

        return new ConfigurationLayer(ConfigurationSource.Env, values);
    }

    /// <summary>The config file that the environment names, or null. An empty variable names none.</summary>
    public static string? ConfigFileOf(IReadOnlyDictionary<string, string> environment)
    {
        string? path = environment
            .Where(variable => variable.Key.Equals(ConfigFileVariable, StringComparison.OrdinalIgnoreCase))
            .OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .Select(variable => variable.Value)
            .FirstOrDefault();
        return string.IsNullOrEmpty(path) ? null : path;
    }

    private static string Origin(string variable) => $"environment variable {variable}";
}
