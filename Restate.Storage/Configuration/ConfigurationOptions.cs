using Restate.Storage.Types;

namespace Restate.Storage.Configuration;

/// <summary>The table of all options, in the order of the dump. A new option is a property in <see cref="RestateConfiguration"/> and a row here.</summary>
internal static class ConfigurationOptions
{
    private static readonly OptionKind Budget = new SizeKind(new ByteSize(1), clamped: false, percentage: true);
    private static readonly OptionKind Share = new RatioKind(0f, 1f);
    private static readonly OptionKind Port = new IntegerKind(0, 65_535);
    private static readonly OptionKind Timeout = new DurationKind(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1), clamped: false);

    /// <summary>All options. The process limit comes first: percentages in the others are of it.</summary>
    public static IReadOnlyList<ConfigurationOption> All { get; } = [.. Common(), .. Admin(), .. Worker(), .. Logs()];

    private static readonly Dictionary<string, ConfigurationOption> ByKey = All.ToDictionary(option => option.Key, StringComparer.Ordinal);

    /// <summary>The option of a TOML path, or null.</summary>
    public static ConfigurationOption? Find(string key) => ByKey.GetValueOrDefault(key);

    /// <summary>True when options live below this TOML path, so that it must be a table.</summary>
    public static bool IsTable(string key) => All.Any(option => option.Key.StartsWith(key + ".", StringComparison.Ordinal));

    private static IEnumerable<ConfigurationOption> Common() =>
    [
        Row("process-total-memory-size", new SizeKind(new ByteSize(1), clamped: false, percentage: false),
            c => c.ProcessTotalMemorySize, (c, v) => c with { ProcessTotalMemorySize = (ByteSize)v }, live: true),
        Row(MemoryLimitPolicy.Key, TextKinds.Choice(MemoryLimitPolicy.Warn, MemoryLimitPolicy.Clamp, MemoryLimitPolicy.Refuse),
            c => c.MemoryLimitPolicy, (c, v) => c with { MemoryLimitPolicy = (string)v }, live: true),
        Row("cluster-name", TextKinds.Name, c => c.ClusterName, (c, v) => c with { ClusterName = (string)v },
            flag: "cluster-name", help: "Name of the cluster"),
        Row("node-name", TextKinds.FolderName, c => c.NodeName, (c, v) => c with { NodeName = (string)v },
            flag: "node-name", help: "Name of this node and of its folder; default: the host name"),
        Row("base-dir", TextKinds.Path, c => c.BaseDir, (c, v) => c with { BaseDir = (string)v },
            flag: "base-dir", help: "Folder of all data; default: restate-data"),
        Row("bind-ip", TextKinds.IpAddress, c => c.BindIp, (c, v) => c with { BindIp = (string)v },
            flag: "bind-ip", help: "IP address of every listener that has no address of its own"),
        Row("bind-port", Port, c => c.BindPort, (c, v) => c with { BindPort = (int)v },
            flag: "bind-port", help: "Port of the node listener (metrics, health); 0: any free one"),
        Row("bind-address", TextKinds.Endpoint(5122), c => c.BindAddress, (c, v) => c with { BindAddress = (string)v },
            flag: "bind-address", help: "Address of the node listener; before --bind-ip and --bind-port"),
        Row("default-num-partitions", new IntegerKind(1, 1024), c => c.DefaultNumPartitions, (c, v) => c with { DefaultNumPartitions = (int)v },
            flag: "default-num-partitions", help: "Partitions made when the node first starts, 1 to 1024"),
        Row("shutdown-timeout", Timeout, c => c.ShutdownTimeout, (c, v) => c with { ShutdownTimeout = (TimeSpan)v },
            flag: "shutdown-timeout", help: "Longest wait for a graceful stop"),
        Row("log-filter", TextKinds.LogFilter, c => c.LogFilter, (c, v) => c with { LogFilter = (string)v }, live: true,
            flag: "log-filter", help: "Log levels, such as warn,restate=info", variable: "RUST_LOG"),
        Row("log-format", TextKinds.Choice("pretty", "compact", "json"), c => c.LogFormat, (c, v) => c with { LogFormat = (string)v }, live: true,
            flag: "log-format", help: "Form of the log: pretty, compact or json; default compact"),
        Row("log-disable-ansi-codes", new BooleanKind(), c => c.LogDisableAnsiCodes, (c, v) => c with { LogDisableAnsiCodes = (bool)v }, live: true,
            flag: "log-disable-ansi-codes", help: "true: no colours in the log, not even on a terminal"),
        Row("rocksdb-total-memory-size", new SizeKind(ByteSize.FromMiB(256), clamped: true, percentage: true),
            c => c.RocksDbTotalMemorySize, (c, v) => c with { RocksDbTotalMemorySize = (ByteSize)v }, live: true, variable: "MEMORY_LIMIT"),
        Row("rocksdb-total-memtables-ratio", new RatioKind(0.1f, 1f),
            c => c.RocksDbTotalMemtablesRatio, (c, v) => c with { RocksDbTotalMemtablesRatio = (float)v }, live: true),
    ];

    private static IEnumerable<ConfigurationOption> Admin() =>
    [
        AdminRow("bind-ip", TextKinds.IpAddress, a => a.BindIp, (a, v) => a with { BindIp = (string)v }),
        AdminRow("bind-port", Port, a => a.BindPort, (a, v) => a with { BindPort = (int)v }),
        AdminRow("bind-address", TextKinds.Endpoint(9070), a => a.BindAddress, (a, v) => a with { BindAddress = (string)v },
            flag: "admin-bind-address", help: "Address of the admin listener (REST, SQL)"),
        AdminRow("read-only", new BooleanKind(), a => a.ReadOnly, (a, v) => a with { ReadOnly = (bool)v }, live: true),
        AdminRow("auth.token-file", TextKinds.Path, a => a.TokenFile, (a, v) => a with { TokenFile = (string)v }),
        AdminRow("tls.cert-file", TextKinds.Path, a => a.Tls.CertFile, (a, v) => a with { Tls = a.Tls with { CertFile = (string)v } }),
        AdminRow("tls.key-file", TextKinds.Path, a => a.Tls.KeyFile, (a, v) => a with { Tls = a.Tls with { KeyFile = (string)v } }),
        QueryRow("memory-size", Budget, q => q.MemorySize, (q, v) => q with { MemorySize = (ByteSize)v }, live: true),
        QueryRow("tmp-dir", TextKinds.Path, q => q.TmpDir, (q, v) => q with { TmpDir = (string)v }),
        QueryRow("tmp-dir-size-limit", new SizeKind(new ByteSize(1), clamped: false, percentage: false),
            q => q.TmpDirSizeLimit, (q, v) => q with { TmpDirSizeLimit = (ByteSize)v }),
        QueryRow("query-parallelism", new IntegerKind(1, 1024), q => q.QueryParallelism, (q, v) => q with { QueryParallelism = (int)v }),
        QueryRow("query-timeout", Timeout, q => q.QueryTimeout, (q, v) => q with { QueryTimeout = (TimeSpan)v }, live: true),
    ];

    private static IEnumerable<ConfigurationOption> Worker() =>
    [
        StorageRow("rocksdb-memory-budget", Budget, s => s.RocksDbMemoryBudget, (s, v) => s with { RocksDbMemoryBudget = (ByteSize)v }),
        StorageRow("rocksdb-memory-ratio", Share, s => s.RocksDbMemoryRatio, (s, v) => s with { RocksDbMemoryRatio = (float)v }),
        StorageRow("rocksdb-disable-auto-memory-reclaimer", new BooleanKind(),
            s => s.DisableAutoMemoryReclaimer, (s, v) => s with { DisableAutoMemoryReclaimer = (bool)v }),
        StorageRow("rocksdb-rebalance-interval", new DurationKind(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), clamped: true),
            s => s.RebalanceInterval, (s, v) => s with { RebalanceInterval = (TimeSpan)v }),
    ];

    private static IEnumerable<ConfigurationOption> Logs() =>
    [
        .. Component("log-server", c => c.LogServer, (c, m) => c with { LogServer = m }),
        .. Component("metadata-server", c => c.MetadataServer, (c, m) => c with { MetadataServer = m }),
        Row("bifrost.default-provider", TextKinds.Choice("replicated", "local", "in-memory"),
            c => c.Bifrost.DefaultProvider, (c, v) => c with { Bifrost = c.Bifrost with { DefaultProvider = (string)v } }),
        Row("bifrost.record-cache-memory-size", new SizeKind(default, clamped: false, percentage: true),
            c => c.Bifrost.RecordCacheMemorySize,
            (c, v) => c with { Bifrost = c.Bifrost with { RecordCacheMemorySize = (ByteSize)v } }, live: true),
        .. Component("bifrost.local", c => c.Bifrost.Local, (c, m) => c with { Bifrost = c.Bifrost with { Local = m } }),
    ];

    private static IEnumerable<ConfigurationOption> Component(
        string table,
        Func<RestateConfiguration, ComponentMemoryOptions> get,
        Func<RestateConfiguration, ComponentMemoryOptions, RestateConfiguration> set) =>
    [
        Row(table + ".rocksdb-memory-budget", Budget,
            c => get(c).RocksDbMemoryBudget, (c, v) => set(c, get(c) with { RocksDbMemoryBudget = (ByteSize)v }), live: true),
        Row(table + ".rocksdb-memory-ratio", Share,
            c => get(c).RocksDbMemoryRatio, (c, v) => set(c, get(c) with { RocksDbMemoryRatio = (float)v }), live: true),
    ];

    private static ConfigurationOption AdminRow(
        string name,
        OptionKind kind,
        Func<AdminOptions, object?> get,
        Func<AdminOptions, object, AdminOptions> set,
        bool live = false,
        string? flag = null,
        string? help = null) =>
        Row("admin." + name, kind, c => get(c.Admin), (c, v) => c with { Admin = set(c.Admin, v) }, live, flag, help);

    private static ConfigurationOption QueryRow(
        string name,
        OptionKind kind,
        Func<QueryEngineOptions, object?> get,
        Func<QueryEngineOptions, object, QueryEngineOptions> set,
        bool live = false) =>
        AdminRow("query-engine." + name, kind, a => get(a.QueryEngine), (a, v) => a with { QueryEngine = set(a.QueryEngine, v) }, live);

    private static ConfigurationOption StorageRow(
        string name, OptionKind kind, Func<WorkerStorageOptions, object?> get, Func<WorkerStorageOptions, object, WorkerStorageOptions> set) =>
        Row("worker.storage." + name, kind,
            c => get(c.WorkerStorage), (c, v) => c with { WorkerStorage = set(c.WorkerStorage, v) }, live: true);

    private static ConfigurationOption Row(
        string key,
        OptionKind kind,
        Func<RestateConfiguration, object?> get,
        Func<RestateConfiguration, object, RestateConfiguration> set,
        bool live = false,
        string? flag = null,
        string? help = null,
        string? variable = null) =>
        new(key, kind, get, set) { Live = live, Flag = flag, FlagHelp = help, SpecialVariable = variable };
}
