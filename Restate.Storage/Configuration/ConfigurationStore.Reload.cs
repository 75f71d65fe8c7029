namespace Restate.Storage.Configuration;

/// <summary>A configuration file as the start read it.</summary>
/// <param name="Path">The file, as its user named it.</param>
/// <param name="Hash">XXH3-128 of its content.</param>
internal sealed record ConfigurationFile(string Path, UInt128 Hash)
{
    /// <summary>What it is, for messages.</summary>
    public const string Title = "config file";
}

/// <summary>The file layer, read again while the node runs.</summary>
public sealed partial class ConfigurationStore
{
    private readonly ConfigurationFile? _file;

    /// <summary>The file layer as it was on disk at the last successful reading, options that wait for a restart included.</summary>
    private ConfigurationLayer? _fileRead;

    /// <summary>The configuration file, as its user named it; null when there is none.</summary>
    public string? File => _file?.Path;

    /// <summary>Hash of the content that the start read.</summary>
    internal UInt128? FileHash => _file?.Hash;

    /// <summary>What the last reload led to; null when there was none since the start.</summary>
    public ConfigurationReload? LastReload { get; private set; }

    /// <summary>
    /// Reads the configuration file again. Options that can change at run time take their new values, all or none; the others keep
    /// those of the start. Environment, flags and runtime overrides go on hiding what the file says.
    /// </summary>
    /// <param name="at">Time of the report.</param>
    /// <exception cref="InvalidOperationException">The node was started without a file.</exception>
    /// <exception cref="AggregateException">A handler of <see cref="Changed"/> failed; the change is in force, see <see cref="LastReload"/>.</exception>
    public ConfigurationReload Reload(DateTimeOffset at)
    {
        string file = File ?? throw new InvalidOperationException("the node was started without a configuration file");
        lock (_gate)
        {
            ConfigurationLayer read;
            try
            {
                read = new ConfigurationLayer(
                    ConfigurationSource.File,
                    TomlDocument.ReadFile(file, ConfigurationFile.Title, ConfigurationFileReader.ReadWithoutWaiting, out _));
            }
            catch (ConfigurationLoadException e)
            {
                return LastReload = Refuse(at, file, e.Errors);
            }

            Resolution wanted = ConfigurationResolver.Resolve(_baseline, [.. WithFile(read), _runtime], _processLimit);
            if (wanted.Errors.Count > 0)
                return LastReload = Refuse(at, file, wanted.Errors);
            ConfigurationLayer[] layers = WithFile(KeepingWhatNeedsRestart(read));
            Resolution resolved = ConfigurationResolver.Resolve(_baseline, [.. layers, _runtime], _processLimit);
            if (resolved.Errors.Count > 0)
                return LastReload = Refuse(at, file, resolved.Errors);
            return LastReload = Take(at, file, read, layers, wanted, resolved);
        }
    }

    private ConfigurationReload Take(
        DateTimeOffset at, string file, ConfigurationLayer read, ConfigurationLayer[] layers, Resolution wanted, Resolution resolved)
    {
        var applied = new List<ReloadedOption>();
        var needsRestart = new List<ReloadedOption>();
        var unchanged = new List<ReloadedOption>();
        foreach (ConfigurationOption option in ConfigurationOptions.All)
        {
            string? before = Text(option, _current.Value);
            string? want = Text(option, wanted.Value);
            if (before != Text(option, resolved.Value))
                applied.Add(new ReloadedOption(option.Key, before, want));
            else if (before != want)
                needsRestart.Add(new ReloadedOption(option.Key, before, want, "is read at the start only"));
            else if (_fileRead?.Values.GetValueOrDefault(option.Key)?.Describe() != read.Values.GetValueOrDefault(option.Key)?.Describe())
                unchanged.Add(new ReloadedOption(option.Key, before, want, WhyUnchanged(option, wanted)));
        }

        _fileRead = read;
        _layers = layers;
        ReloadOutcome outcome = applied.Count > 0 ? ReloadOutcome.Applied : ReloadOutcome.Unchanged;
        var report = new ConfigurationReload(
            at, file, outcome, _current.Generation + (applied.Count > 0 ? 1 : 0), applied, needsRestart, unchanged, [], wanted.Warnings);
        if (applied.Count == 0)
            return report;

        // Before the handlers: one that throws leaves the change in force, and the report has to say so.
        LastReload = report;
        _current = SnapshotOf(resolved, report.Generation);
        Raise(_current);
        return report;
    }

    private ConfigurationReload Refuse(DateTimeOffset at, string file, IReadOnlyList<string> errors) =>
        new(at, file, ReloadOutcome.Refused, _current.Generation, [], [], [], errors, []);

    private ConfigurationLayer[] WithFile(ConfigurationLayer file) =>
        [file, .. _layers.Where(layer => layer.Source != ConfigurationSource.File)];

    /// <summary>The layer as read, but with the values of the start for options that only a start reads.</summary>
    private ConfigurationLayer KeepingWhatNeedsRestart(ConfigurationLayer read)
    {
        ConfigurationLayer? running = _layers.FirstOrDefault(layer => layer.Source == ConfigurationSource.File);
        var values = new Dictionary<string, RawValue>(read.Values, StringComparer.Ordinal);
        foreach (ConfigurationOption option in ConfigurationOptions.All.Where(option => !option.Live))
        {
            values.Remove(option.Key);
            if (running?.Values.TryGetValue(option.Key, out RawValue? value) == true)
                values[option.Key] = value;
        }

        return new ConfigurationLayer(ConfigurationSource.File, values);
    }

    private static string WhyUnchanged(ConfigurationOption option, Resolution wanted) => wanted.Sources.GetValueOrDefault(option.Key) switch
    {
        ConfigurationSource.Env => $"the environment sets it ({option.EnvironmentVariable})",
        ConfigurationSource.Cli => "a flag sets it",
        ConfigurationSource.Runtime => "a runtime override sets it; PATCH it to null to remove that",
        _ => "the value is the same",
    };

    private static string? Text(ConfigurationOption option, RestateConfiguration configuration) =>
        option.Get(configuration) is { } value ? option.Kind.ToToml(value) : null;
}
