using System.Globalization;
using System.Net;

namespace Restate.Storage.Configuration;

/// <summary>What the layers together say.</summary>
/// <param name="Value">The effective values; where there are errors, the value of a lower layer or the default stands.</param>
/// <param name="Sources">Source by TOML path, for every key that a layer sets.</param>
/// <param name="Warnings">Clamped values, keys without effect.</param>
/// <param name="Errors">Values that cannot be used, each one line.</param>
internal sealed record Resolution(
    RestateConfiguration Value,
    IReadOnlyDictionary<string, ConfigurationSource> Sources,
    IReadOnlyList<ConfigurationWarning> Warnings,
    IReadOnlyList<string> Errors);

/// <summary>Puts layers on top of each other. As in Restate, only the highest value of a key is looked at: a bad one below it does no harm.</summary>
internal sealed class ConfigurationResolver
{
    private readonly Dictionary<string, ConfigurationSource> _sources = new(StringComparer.Ordinal);
    private readonly List<ConfigurationWarning> _warnings = [];
    private readonly List<string> _errors = [];
    private readonly Func<ulong> _processLimit;
    private RestateConfiguration _value;

    private ConfigurationResolver(RestateConfiguration baseline, Func<long> processLimit)
    {
        _value = baseline;
        _processLimit = () => _value.ProcessTotalMemorySize?.Bytes ?? (ulong)processLimit();
    }

    /// <summary>Resolves layers.</summary>
    /// <param name="baseline">The defaults.</param>
    /// <param name="layers">From lowest to highest.</param>
    /// <param name="processLimit">Memory limit of the process in bytes, where the layers set none; called only for percentages.</param>
    public static Resolution Resolve(RestateConfiguration baseline, IReadOnlyList<ConfigurationLayer> layers, Func<long> processLimit)
    {
        var resolver = new ConfigurationResolver(baseline, processLimit);
        foreach (ConfigurationLayer layer in layers)
            resolver.AddOtherKeys(layer);
        foreach (ConfigurationOption option in ConfigurationOptions.All)
            resolver.AddOption(option, layers);
        resolver.DeriveListeners();
        resolver._value = MemoryLimitPolicy.Apply(resolver._value, resolver._processLimit, resolver._warnings, resolver._errors);
        return new Resolution(resolver._value, resolver._sources, resolver._warnings, resolver._errors);
    }

    /// <summary>The line for a value that cannot be used.</summary>
    public static string Error(string problem, string key, RawValue raw) =>
        $"{problem} for key \"{key}\"{(raw.Origin is null ? string.Empty : " in " + raw.Origin)}";

    private void AddOtherKeys(ConfigurationLayer layer)
    {
        foreach ((string key, RawValue raw) in layer.Values)
        {
            if (ConfigurationOptions.Find(key) is not null)
                continue;
            if (layer.Source == ConfigurationSource.File && ConfigurationOptions.IsTable(key))
                _errors.Add(Error($"invalid type: found {raw.Describe()}, expected a table", key, raw));
            else // without the value: it may be a secret of another program
                _warnings.Add(new ConfigurationWarning(key, $"key {RawValue.Quote(key)} in {raw.Origin} {KeyAdvice.Describe(key)}"));
        }
    }

    private void AddOption(ConfigurationOption option, IReadOnlyList<ConfigurationLayer> layers)
    {
        ConfigurationLayer? layer = layers.LastOrDefault(layer => layer.Values.ContainsKey(option.Key));
        if (layer is null)
            return;
        RawValue raw = layer.Values[option.Key];
        Reading reading = option.Kind.Read(raw, _processLimit);
        if (reading.Value is null)
        {
            _errors.Add(Error(reading.Problem!, option.Key, raw));
            return;
        }

        if (reading.Clamped is { } clamped)
        {
            string origin = raw.Origin ?? "the runtime overrides";
            _warnings.Add(new ConfigurationWarning(option.Key, $"key \"{option.Key}\" ({raw.Describe()}) in {origin} {clamped}"));
        }

        _value = option.Set(_value, reading.Value);
        _sources[option.Key] = layer.Source;
    }

    // A listener's own address beats its own IP and port, which beat the common IP.
    private void DeriveListeners()
    {
        if (Derive("bind-address", _value.BindAddress, [(_value.BindIp, "bind-ip")], (_value.BindPort, "bind-port")) is { } node)
            _value = _value with { BindAddress = node };
        AdminOptions admin = _value.Admin;
        (string?, string)[] adminIps = [(admin.BindIp, "admin.bind-ip"), (_value.BindIp, "bind-ip")];
        if (Derive("admin.bind-address", admin.BindAddress, adminIps, (admin.BindPort, "admin.bind-port")) is { } address)
            _value = _value with { Admin = admin with { BindAddress = address } };
    }

    private string? Derive(string key, string current, (string? Value, string Key)[] ips, (int? Value, string Key) port)
    {
        (string? ip, string ipKey) = Array.Find(ips, candidate => candidate.Value is not null);
        if (_sources.ContainsKey(key) || (ip is null && port.Value is null))
            return null;
        IPEndPoint endpoint = IPEndPoint.Parse(current);
        if (ip is not null)
            endpoint.Address = IPAddress.Parse(ip);
        endpoint.Port = port.Value ?? endpoint.Port;

        ConfigurationSource source = new[] { ip is null ? null : ipKey, port.Value is null ? null : port.Key }
            .Max(part => part is null ? ConfigurationSource.Default : _sources.GetValueOrDefault(part));
        if (source != ConfigurationSource.Default)
            _sources[key] = source;
        return string.Create(CultureInfo.InvariantCulture, $"{endpoint}");
    }
}
