namespace Restate.Storage.Configuration;

/// <summary>Loads the configuration: defaults, TOML file, environment, flags, persisted runtime overrides, from lowest to highest. Writes nothing.</summary>
public static class ConfigurationLoader
{
    /// <summary>Loads the configuration.</summary>
    /// <param name="commandLine">The flags.</param>
    /// <param name="environment">The environment variables.</param>
    /// <param name="hostName">Name of the machine: the node's default name.</param>
    /// <param name="processLimit">Memory limit of the process in bytes where the configuration sets none; called only when a size is a percentage of it.</param>
    /// <exception cref="ConfigurationLoadException">Something cannot be read or used; all errors at once, exit code 1.</exception>
    public static ConfigurationStore Load(
        CommandLine commandLine, IReadOnlyDictionary<string, string> environment, string hostName, Func<long> processLimit)
    {
        ArgumentNullException.ThrowIfNull(commandLine);
        var baseline = new RestateConfiguration { NodeName = hostName };
        List<ConfigurationLayer> layers = [];
        ConfigurationFile? file = null;
        if ((commandLine.ConfigFile ?? ConfigurationLayer.ConfigFileOf(environment)) is { } path)
        {
            Dictionary<string, RawValue> values =
                TomlDocument.ReadFile(path, ConfigurationFile.Title, ConfigurationFileReader.Read, out UInt128 hash);
            layers.Add(new ConfigurationLayer(ConfigurationSource.File, values));
            file = new ConfigurationFile(path, hash);
        }

        layers.Add(ConfigurationLayer.FromEnvironment(environment));
        layers.Add(commandLine.Layer);

        if (commandLine.Demo)
            baseline = DemoDefaults.Apply(baseline, ConfiguredLimit(baseline, layers, processLimit) ?? processLimit());

        // The folder of the overrides is itself an option, which overrides cannot change.
        Resolution resolution = ConfigurationResolver.Resolve(baseline, layers, processLimit);
        if (resolution.Errors.Count > 0)
            throw new ConfigurationLoadException(resolution.Errors);
        if (commandLine.IgnoreRuntimeOverrides)
            return new ConfigurationStore(baseline, layers, ConfigurationLayer.EmptyRuntime, resolution, processLimit, file);

        ConfigurationLayer runtime = RuntimeOverridesFile.Read(resolution.Value.NodeDirectory);
        resolution = ConfigurationResolver.Resolve(baseline, [.. layers, runtime], processLimit);
        if (resolution.Errors.Count > 0)
            throw new ConfigurationLoadException([.. resolution.Errors.Select(RuntimeOverridesFile.WithAdvice)]);
        return new ConfigurationStore(baseline, layers, runtime, resolution, processLimit, file);
    }

    private static long? ConfiguredLimit(RestateConfiguration baseline, List<ConfigurationLayer> layers, Func<long> processLimit) =>
        ConfigurationResolver.Resolve(baseline, layers, processLimit).Value.ProcessTotalMemorySize?.ToInt64();
}
