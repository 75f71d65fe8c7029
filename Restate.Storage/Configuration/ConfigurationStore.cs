namespace Restate.Storage.Configuration;

/// <summary>Holds the effective configuration and takes changes to it at run time. Thread-safe.</summary>
public sealed partial class ConfigurationStore
{
    private readonly Lock _gate = new();
    private readonly RestateConfiguration _baseline;
    private readonly Func<long> _processLimit;
    private ConfigurationLayer[] _layers;
    private ConfigurationLayer _runtime;
    private volatile ConfigurationSnapshot _current;

    /// <summary>A store over fixed values, without file, environment and flags.</summary>
    /// <param name="baseline">The values to start from.</param>
    /// <param name="processLimit">Memory limit of the process in bytes where the configuration sets none; called only when a size is a percentage of it.</param>
    public ConfigurationStore(RestateConfiguration baseline, Func<long> processLimit)
        : this(baseline, [], ConfigurationLayer.EmptyRuntime, ConfigurationResolver.Resolve(baseline, [], processLimit), processLimit)
    {
    }

    internal ConfigurationStore(
        RestateConfiguration baseline,
        IReadOnlyList<ConfigurationLayer> layers,
        ConfigurationLayer runtime,
        Resolution resolution,
        Func<long> processLimit,
        ConfigurationFile? file = null)
    {
        _baseline = baseline;
        _layers = [.. layers];
        _fileRead = layers.FirstOrDefault(layer => layer.Source == ConfigurationSource.File);
        _file = file;
        _runtime = runtime;
        _processLimit = processLimit;
        _current = SnapshotOf(resolution, generation: 1);
    }

    /// <summary>TOML paths of the options that can be changed at run time.</summary>
    public static IReadOnlyList<string> RuntimeKeys { get; } =
        [.. ConfigurationOptions.All.Where(option => option.Live).Select(option => option.Key)];

    /// <summary>The configuration in force.</summary>
    public ConfigurationSnapshot Current => _current;

    /// <summary>Raised after <see cref="Current"/> changed, on the thread that changed it, in the order of generations. Handlers return at once.</summary>
    public event Action<ConfigurationSnapshot>? Changed;

    /// <summary>The beginning of a message that refuses a key where others are allowed: the key, its value, and what is wrong with it.</summary>
    /// <param name="key">The key as it was given.</param>
    /// <param name="value">The value it was given, of a type that <see cref="Preview"/> takes.</param>
    public static string WhyNotHere(string key, object? value)
    {
        string reason = ConfigurationOptions.Find(key) switch
        {
            { Live: true } => "can be changed at run time, but not here",
            { } => "needs a restart to change",
            null => KeyAdvice.Describe(key),
        };
        return $"key {RawValue.Quote(key)} ({(value is null ? "null" : RawValue.FromObject(key, value).Describe())}) {reason}";
    }

    /// <summary>What <see cref="Apply"/> would lead to; changes nothing. The result has the next generation.</summary>
    /// <param name="patch">TOML path to new value: <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>; null removes a runtime override.</param>
    /// <exception cref="ConfigurationException">A key is unknown or not changeable at run time, or a value is not allowed.</exception>
    public ConfigurationSnapshot Preview(IReadOnlyDictionary<string, object?> patch)
    {
        lock (_gate)
        {
            return Next(Patched(patch));
        }
    }

    /// <summary>Changes the runtime layer, all or nothing, and returns the configuration then in force.</summary>
    /// <param name="patch">As for <see cref="Preview"/>.</param>
    /// <param name="expectedGeneration">When set, the generation that must be in force.</param>
    /// <param name="persist">True keeps the whole runtime layer over a restart.</param>
    /// <exception cref="ConfigurationException">A key is unknown or not changeable at run time, or a value is not allowed.</exception>
    /// <exception cref="GenerationMismatchException">Another generation is in force.</exception>
    /// <exception cref="IOException">The change cannot be kept over a restart; nothing changed.</exception>
    /// <exception cref="AggregateException">A handler of <see cref="Changed"/> failed; the change is in force and the other handlers ran.</exception>
    public ConfigurationSnapshot Apply(IReadOnlyDictionary<string, object?> patch, long? expectedGeneration, bool persist)
    {
        lock (_gate)
        {
            if (expectedGeneration is { } expected && expected != _current.Generation)
                throw new GenerationMismatchException(expected, _current.Generation);
            ConfigurationLayer runtime = Patched(patch);
            ConfigurationSnapshot next = Next(runtime);
            if (persist)
                RuntimeOverridesFile.Write(next.Value.NodeDirectory, runtime);
            _runtime = runtime;
            _current = next;
            Raise(next);
            return next;
        }
    }

    /// <summary>
    /// Reads the layers against the process limit of now, which percentages and the limit policy follow. A configuration that the new
    /// limit would refuse stays in force.
    /// </summary>
    /// <returns>True when a value in force is another now.</returns>
    /// <exception cref="AggregateException">A handler of <see cref="Changed"/> failed; the change is in force and the other handlers ran.</exception>
    public bool Refresh()
    {
        lock (_gate)
        {
            Resolution resolution = ConfigurationResolver.Resolve(_baseline, [.. _layers, _runtime], _processLimit);
            if (resolution.Errors.Count > 0 || resolution.Value == _current.Value)
                return false;
            _current = SnapshotOf(resolution, _current.Generation + 1);
            Raise(_current);
            return true;
        }
    }

    private static ConfigurationSnapshot SnapshotOf(Resolution resolution, long generation) =>
        new(generation, resolution.Value, resolution.Sources) { Warnings = resolution.Warnings };

    private ConfigurationSnapshot Next(ConfigurationLayer runtime)
    {
        Resolution resolution = ConfigurationResolver.Resolve(_baseline, [.. _layers, runtime], _processLimit);

        // Values were read once before; what is refused now depends on the others, such as a percentage of a limit that moved.
        return resolution.Errors.Count == 0
            ? SnapshotOf(resolution, _current.Generation + 1)
            : throw new ConfigurationException(string.Join("; ", resolution.Errors));
    }

    private ConfigurationLayer Patched(IReadOnlyDictionary<string, object?> patch)
    {
        ArgumentNullException.ThrowIfNull(patch);
        var values = new Dictionary<string, RawValue>(_runtime.Values, StringComparer.Ordinal);
        List<string> errors = [];
        foreach ((string key, object? value) in patch)
        {
            RawValue? raw = value is null ? null : RawValue.FromObject(key, value);
            if (ConfigurationOptions.Find(key) is not { Live: true } option)
                errors.Add($"{WhyNotHere(key, value)}; what can be changed at run time is {string.Join(", ", RuntimeKeys)}");
            else if (raw is null)
                values.Remove(key);
            else if (option.Kind.Read(raw, ProcessLimit).Problem is { } problem)
                errors.Add(ConfigurationResolver.Error(problem, key, raw));
            else
                values[key] = raw;
        }

        return errors.Count == 0
            ? new ConfigurationLayer(ConfigurationSource.Runtime, values)
            : throw new ConfigurationException(string.Join("; ", errors));
    }

    private ulong ProcessLimit() => _current.Value.ProcessTotalMemorySize?.Bytes ?? (ulong)_processLimit();

    private void Raise(ConfigurationSnapshot snapshot)
    {
        List<Exception> failures = [];
        foreach (Action<ConfigurationSnapshot> handler in (Changed?.GetInvocationList() ?? []).Cast<Action<ConfigurationSnapshot>>())
        {
            try
            {
                handler(snapshot);
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
            throw new AggregateException("the configuration changed, but a part of the node failed to take notice", failures);
    }
}
