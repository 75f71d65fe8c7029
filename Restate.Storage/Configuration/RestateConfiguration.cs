using Restate.Storage.Types;

namespace Restate.Storage.Configuration;

/// <summary>Effective configuration of a node. Immutable; a change makes a new one.</summary>
public sealed record RestateConfiguration
{
    /// <summary>Name of the cluster. TOML: <c>cluster-name</c>.</summary>
    public string ClusterName { get; init; } = "localcluster";

    /// <summary>Name of this node; also its folder below the base directory. TOML: <c>node-name</c>; default: the host name.</summary>
    public required string NodeName { get; init; }

    /// <summary>Folder of all data. TOML: <c>base-dir</c>; default <c>restate-data</c> in the working directory.</summary>
    public string BaseDir { get; init; } = "restate-data";

    /// <summary>Node port (metrics, health): IP address and port. TOML: <c>bind-address</c>, or <c>bind-ip</c> and <c>bind-port</c>.</summary>
    public string BindAddress { get; init; } = "127.0.0.1:5122";

    /// <summary>IP address of every listener that has no address of its own; null: 127.0.0.1. TOML: <c>bind-ip</c>.</summary>
    public string? BindIp { get; init; }

    /// <summary>Port of the node listener when it has no address of its own, 0 for any free one; null: 5122. TOML: <c>bind-port</c>.</summary>
    public int? BindPort { get; init; }

    /// <summary>Partitions made when the node first starts, 1 to 1,024. TOML: <c>default-num-partitions</c>.</summary>
    public int DefaultNumPartitions { get; init; } = 24;

    /// <summary>Total for the shared block cache, memtables included. TOML: <c>rocksdb-total-memory-size</c>. At least 256 MiB.</summary>
    public ByteSize RocksDbTotalMemorySize { get; init; } = ByteSize.FromGiB(2);

    /// <summary>Share of the total for memtables, 0.1 to 1. TOML: <c>rocksdb-total-memtables-ratio</c>.</summary>
    public float RocksDbTotalMemtablesRatio { get; init; } = 0.85f;

    /// <summary>Memory limit of the process; null: cgroup, else the machine. TOML: <c>process-total-memory-size</c>.</summary>
    public ByteSize? ProcessTotalMemorySize { get; init; }

    /// <summary>
    /// What becomes of pools that the memory limit has no room for: <c>warn</c>, <c>clamp</c> or <c>refuse</c>. TOML: <c>memory-limit-policy</c>.
    /// </summary>
    public string MemoryLimitPolicy { get; init; } = "warn";

    /// <summary>Longest wait for a graceful stop. TOML: <c>shutdown-timeout</c>.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Log filter: <c>off</c>, <c>error</c>, <c>warn</c>, <c>info</c>, <c>debug</c> or <c>trace</c>, per target after commas. TOML: <c>log-filter</c>.</summary>
    public string LogFilter { get; init; } = "warn,restate=info";

    /// <summary>Form of the log: <c>pretty</c>, <c>compact</c> (a line for every message) or <c>json</c>. TOML: <c>log-format</c>.</summary>
    public string LogFormat { get; init; } = "compact";

    /// <summary>True writes no colours, not even to a terminal. TOML: <c>log-disable-ansi-codes</c>.</summary>
    public bool LogDisableAnsiCodes { get; init; }

    /// <summary><c>[admin]</c>.</summary>
    public AdminOptions Admin { get; init; } = new();

    /// <summary><c>[worker.storage]</c>.</summary>
    public WorkerStorageOptions WorkerStorage { get; init; } = new();

    /// <summary><c>[log-server]</c>.</summary>
    public ComponentMemoryOptions LogServer { get; init; } = new() { RocksDbMemoryRatio = 0.5f };

    /// <summary><c>[metadata-server]</c>.</summary>
    public ComponentMemoryOptions MetadataServer { get; init; } = new() { RocksDbMemoryRatio = 0.01f };

    /// <summary><c>[bifrost]</c>.</summary>
    public BifrostOptions Bifrost { get; init; } = new();

    /// <summary>Folder of this node's data: <see cref="NodeName"/> below <see cref="BaseDir"/>.</summary>
    public string NodeDirectory => Path.Combine(BaseDir, NodeName);
}

/// <summary><c>[admin]</c>.</summary>
public sealed record AdminOptions
{
    /// <summary>Admin port: IP address and port. TOML: <c>admin.bind-address</c>.</summary>
    public string BindAddress { get; init; } = "127.0.0.1:9070";

    /// <summary>IP address of the admin listener when it has no address; null: <c>bind-ip</c>. TOML: <c>admin.bind-ip</c>.</summary>
    public string? BindIp { get; init; }

    /// <summary>Port of the admin listener when it has no address, 0 for any free one; null: 9070. TOML: <c>admin.bind-port</c>.</summary>
    public int? BindPort { get; init; }

    /// <summary>True refuses everything on the admin port but reads and queries. TOML: <c>admin.read-only</c>.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>File of the tokens that the admin port asks for; null: it asks for none. TOML: <c>admin.auth.token-file</c>.</summary>
    public string? TokenFile { get; init; }

    /// <summary><c>[admin.tls]</c>.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary><c>[admin.query-engine]</c>.</summary>
    public QueryEngineOptions QueryEngine { get; init; } = new();
}

/// <summary><c>[admin.tls]</c>: both files, or none for plain http.</summary>
public sealed record TlsOptions
{
    /// <summary>The server's certificate in PEM, followed by those it is issued by. TOML: <c>admin.tls.cert-file</c>.</summary>
    public string? CertFile { get; init; }

    /// <summary>Its private key in PEM. TOML: <c>admin.tls.key-file</c>.</summary>
    public string? KeyFile { get; init; }
}

/// <summary><c>[admin.query-engine]</c>.</summary>
public sealed record QueryEngineOptions
{
    /// <summary>Memory for all SQL queries together. TOML: <c>admin.query-engine.memory-size</c>.</summary>
    public ByteSize MemorySize { get; init; } = ByteSize.FromGiB(1);

    /// <summary>Folder below which a private spill folder is made; null: below the base directory. TOML: <c>admin.query-engine.tmp-dir</c>.</summary>
    public string? TmpDir { get; init; }

    /// <summary>Most bytes of spill files. TOML: <c>admin.query-engine.tmp-dir-size-limit</c>.</summary>
    public ByteSize TmpDirSizeLimit { get; init; } = ByteSize.FromGiB(4);

    /// <summary>Threads of a query; null: the number of processors. TOML: <c>admin.query-engine.query-parallelism</c>.</summary>
    public int? QueryParallelism { get; init; }

    /// <summary>Longest time a query may take, waiting included. TOML: <c>admin.query-engine.query-timeout</c>.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary><c>[worker.storage]</c>.</summary>
public sealed record WorkerStorageOptions
{
    /// <summary>Budget of all partition stores, before the ratio when set. TOML: <c>worker.storage.rocksdb-memory-budget</c>.</summary>
    public ByteSize? RocksDbMemoryBudget { get; init; }

    /// <summary>Share of the memtable memory, 0 to 1. TOML: <c>worker.storage.rocksdb-memory-ratio</c>.</summary>
    public float RocksDbMemoryRatio { get; init; } = 0.49f;

    /// <summary>True stops the controller's flushes, not its division of the budget. TOML: <c>worker.storage.rocksdb-disable-auto-memory-reclaimer</c>.</summary>
    public bool DisableAutoMemoryReclaimer { get; init; }

    /// <summary>Time between two ticks of the memory controller. TOML: <c>worker.storage.rocksdb-rebalance-interval</c>; 100 ms to 1 h.</summary>
    public TimeSpan RebalanceInterval { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Memory of one component: an explicit budget, or a share.</summary>
public sealed record ComponentMemoryOptions
{
    /// <summary>Explicit budget, before the ratio when set. TOML: <c>…rocksdb-memory-budget</c>.</summary>
    public ByteSize? RocksDbMemoryBudget { get; init; }

    /// <summary>Share of the memtable memory, 0 to 1. TOML: <c>…rocksdb-memory-ratio</c>.</summary>
    public float RocksDbMemoryRatio { get; init; }
}

/// <summary><c>[bifrost]</c>.</summary>
public sealed record BifrostOptions
{
    /// <summary><c>replicated</c> (the embedded log server), <c>local</c> or <c>in-memory</c>. TOML: <c>bifrost.default-provider</c>.</summary>
    public string DefaultProvider { get; init; } = "replicated";

    /// <summary>Bytes of recent log records kept in memory; 0 disables. TOML: <c>bifrost.record-cache-memory-size</c>.</summary>
    public ByteSize RecordCacheMemorySize { get; init; } = ByteSize.FromMiB(250);

    /// <summary><c>[bifrost.local]</c>.</summary>
    public ComponentMemoryOptions Local { get; init; } = new() { RocksDbMemoryRatio = 0.5f };
}
