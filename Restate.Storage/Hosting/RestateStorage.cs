using Microsoft.Extensions.Logging;
using Restate.Storage.Configuration;
using Restate.Storage.Logs;
using Restate.Storage.Memory;
using Restate.Storage.Metadata;
using Restate.Storage.Metadata.Schema;
using Restate.Storage.Partitions;
using Restate.Storage.Processing;
using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Storage.Hosting;

/// <summary>
/// The storage of a node: opened in order (lock, shared memory, metadata, logs, partitions, controller), closed in the reverse order.
/// </summary>
public sealed partial class RestateStorage : IAsyncDisposable
{
    private const string StoresFolder = "db";

    /// <summary>Most databases besides those of partitions: metadata and two providers of logs.</summary>
    private const int NodeDatabases = 3;

    private readonly Stack<Func<ValueTask>> _closing = new();
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
#pragma warning disable CA2213 // Both are on the closing stack, which keeps the order.
    private RocksDbManager _rocks = null!;
    private LogStore? _logStore;
#pragma warning restore CA2213
    private readonly Lock _limitLock = new();
    private ProcessMemoryLimit _limit;
    private long _limitReadAt;
    private long _followedLimit;
    private bool _closed;

    private RestateStorage(ConfigurationStore configuration, TimeProvider time, ILoggerFactory loggers)
    {
        Configuration = configuration;
        _time = time;
        _logger = loggers.CreateLogger<RestateStorage>();
        Census = new PartitionCensus(time);
        Ledger = new MemoryLedger(() => configuration.Current);
    }

    /// <summary>The configuration.</summary>
    public ConfigurationStore Configuration { get; }

    /// <summary>The memory that all databases share.</summary>
    public ISharedMemory SharedMemory => _rocks;

    /// <summary>RocksDB's own figures.</summary>
    public RocksMetrics RocksMetrics { get; private set; } = null!;

    /// <summary>Which partitions count for the memory budget.</summary>
    public PartitionCensus Census { get; }

    /// <summary>All named pools.</summary>
    public MemoryLedger Ledger { get; }

    /// <summary>Divides the memory.</summary>
    public MemoryController Controller { get; private set; } = null!;

    /// <summary>Keeps the process from its memory limit.</summary>
    public MemoryGuard Guard { get; private set; } = null!;

    /// <summary>The last hour of the process's memory.</summary>
    public MemoryHistory History { get; private set; } = null!;

    /// <summary>The gate in front of all memtables.</summary>
    public WriteAdmission Admission { get; private set; } = null!;

    /// <summary>The memory of the record cache.</summary>
    public RecordCacheMemory RecordCache { get; private set; } = null!;

    /// <summary>Flushes and compacts everything on an operator's word.</summary>
    public StorageMaintenance Maintenance { get; private set; } = null!;

    /// <summary>Metadata of the node.</summary>
    public IMetadataStore Metadata { get; private set; } = null!;

    /// <summary>Deployments and services.</summary>
    public SchemaRegistry Schema { get; private set; } = null!;

    /// <summary>The partitions.</summary>
    public PartitionManager Partitions { get; private set; } = null!;

    /// <summary>What the log store has written.</summary>
    public LogStatistics LogStatistics { get; } = new();

    /// <summary>The folder of this node's data.</summary>
    public string DataFolder { get; private set; } = string.Empty;

    /// <summary>Why the log takes no more appends; null while it does.</summary>
    public string? LogFailure => _logStore?.Failure?.Message;

    /// <summary>Times since the start that a failed write stopped the log.</summary>
    public long LogFailureCount => _logStore?.FailureCount ?? 0;

    /// <summary>Memory limit of the process; read again at most once a second, since a container may be resized.</summary>
    public ProcessMemoryLimit ProcessLimit
    {
        get
        {
            long now = _time.GetTimestamp();
            lock (_limitLock)
            {
                if (_limit.Bytes == 0 || _time.GetElapsedTime(_limitReadAt, now) > TimeSpan.FromSeconds(1))
                {
                    _limit = ProcessMemoryLimit.Detect(Configuration.Current.Value.ProcessTotalMemorySize);
                    _limitReadAt = now;
                }

                return _limit;
            }
        }
    }

    /// <summary>Opens everything. Partitions replay their logs behind; their states tell when they serve.</summary>
    /// <exception cref="StorageException">Something cannot be opened; everything is closed again then.</exception>
    public static async Task<RestateStorage> OpenAsync(
        ConfigurationStore configuration, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var storage = new RestateStorage(configuration, time, loggers);
        try
        {
            await storage.OpenAsync(loggers, cancellationToken);
            return storage;
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Flushes and closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closed)
            return;
        _closed = true;
        var failures = new List<Exception>();
        while (_closing.TryPop(out Func<ValueTask>? close))
        {
            try
            {
                await close();
            }
            catch (Exception e)
            {
                // What is below must be closed all the same, the lock of the directory above all.
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
            throw new AggregateException("not everything could be closed", failures);
    }

    private async Task OpenAsync(ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        RestateConfiguration configuration = Configuration.Current.Value;
        string directory = Path.GetFullPath(Path.Combine(configuration.BaseDir, configuration.NodeName));
        var nodeLock = NodeLock.Take(directory);
        CloseLast(nodeLock);
        DataFolder = directory;

        MemoryPlan first = MemoryPlan.Compute(new MemoryPlanInputs(configuration, ProcessLimit, configuration.DefaultNumPartitions, OtherPoolsBytes: 0));
        _rocks = new RocksDbManager(first.TotalBytes, first.MemtablesBytes, FileLimit.PerDatabase(configuration.DefaultNumPartitions + NodeDatabases));
        CloseLast(_rocks);
        RocksMetrics = new RocksMetrics(_rocks);
        Ledger.AddNodePools(_rocks, () => Configuration.Current, () => ProcessLimit);
        Controller = new MemoryController(
            _rocks, Census, () => Configuration.Current, () => ProcessLimit, Ledger.OtherPoolsBytes, _time, loggers.CreateLogger<MemoryController>());
        CloseLast(Controller);
        var heap = new GcHeapBudget(loggers.CreateLogger<GcHeapBudget>());
        Controller.Ticked += () => FollowLimit(heap);
        Admission = new WriteAdmission(_rocks, _time, loggers.CreateLogger<WriteAdmission>());
        _closing.Push(() => Admission.DisposeAsync());
        Guard = new MemoryGuard(
            _rocks, Controller, Admission, () => ProcessLimit, () => ProcessMemory.Read(), () => Ledger.UsageBytes(), _time, loggers.CreateLogger<MemoryGuard>());
        CloseLast(Guard);

        var metadata = new RocksMetadataStore(OpenDatabase(
            "metadata-server", Path.Combine(directory, "metadata-store"), DatabaseProfile.Metadata, MemoryComponent.MetadataServer));
        CloseLast(metadata);
        Metadata = metadata;
        string stores = Path.Combine(directory, StoresFolder);
        NodeMetadata node = await NodeMetadata.LoadOrCreateAsync(
            metadata,
            configuration.DefaultNumPartitions,
            configuration.Bifrost.DefaultProvider,
            hasData: Directory.Exists(stores) && Directory.EnumerateDirectories(stores).Any(),
            cancellationToken);
        _rocks.MaxOpenFiles = FileLimit.PerDatabase(node.PartitionCount + NodeDatabases);
        if (FileLimit.Shortage(node.PartitionCount + NodeDatabases) is { } shortage)
            Log.FewFiles(_logger, shortage);
        if (node.PartitionCount != configuration.DefaultNumPartitions)
            Log.PartitionCountKept(_logger, node.PartitionCount, configuration.DefaultNumPartitions);
        Controller.LogProvider = node.LogProvider;
        if (node.LogProvider != configuration.Bifrost.DefaultProvider)
            Log.LogProviderKept(_logger, node.LogProvider, configuration.Bifrost.DefaultProvider);
        Schema = new SchemaRegistry(metadata, loggers.CreateLogger<SchemaRegistry>());
        CloseLast(Schema);
        await Schema.LoadAsync(cancellationToken);

        Bifrost bifrost = OpenLogs(directory, node, loggers);
        Partitions = new PartitionManager(
            node.PartitionCount,
            bifrost,
            new PartitionContext(
                id => OpenPartition(directory, id), metadata, Admission, Census, _time, loggers.CreateLogger<PartitionManager>()));
        await Partitions.StartAsync();
        _closing.Push(async () => await Partitions.StopAsync());
        await Controller.StartAsync(cancellationToken);
        _closing.Push(async () => await Controller.StopAsync(CancellationToken.None));
        await Guard.StartAsync(cancellationToken);
        _closing.Push(async () => await Guard.StopAsync(CancellationToken.None));
        await RecordHistoryAsync(directory, loggers, cancellationToken);
        var watcher = new ConfigurationFileWatcher(Configuration, _time, loggers.CreateLogger<ConfigurationFileWatcher>());
        CloseLast(watcher);
        await watcher.StartAsync(cancellationToken);
        _closing.Push(async () => await watcher.StopAsync(CancellationToken.None));
        Maintenance = new StorageMaintenance(_rocks, _time, loggers.CreateLogger<StorageMaintenance>());
        _closing.Push(() => Maintenance.DisposeAsync());
    }

    /// <summary>The limit of a container may move: percentages, the limit policy and the managed heap follow it.</summary>
    private void FollowLimit(GcHeapBudget heap)
    {
        long limit = ProcessLimit.Bytes;
        if (Interlocked.Exchange(ref _followedLimit, limit) is var before && before != 0 && before != limit)
        {
            Log.LimitChanged(_logger, MemoryText.Size(before), ProcessLimit.ToString());
            Configuration.Refresh();
        }

        heap.Apply(limit, Ledger.Read());
    }

    /// <summary>Carries out every change of the configuration until the storage closes, and one that came before this call.</summary>
    private void Follow(Action<ConfigurationSnapshot> apply)
    {
        Configuration.Changed += apply;
        _closing.Push(() =>
        {
            Configuration.Changed -= apply;
            return ValueTask.CompletedTask;
        });
        apply(Configuration.Current);
    }

    private async Task RecordHistoryAsync(string directory, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        History = MemoryHistory.Open(directory, loggers.CreateLogger<MemoryHistory>());
        CloseLast(History);
        var recorder = new MemoryHistoryRecorder(
            History, Ledger, () => ProcessLimit, () => ProcessMemory.ReadAnonymousBytes(), _time, loggers.CreateLogger<MemoryHistoryRecorder>());
        CloseLast(recorder);
        await recorder.StartAsync(cancellationToken);
        _closing.Push(async () => await recorder.StopAsync(CancellationToken.None));
    }

    private Bifrost OpenLogs(string directory, NodeMetadata node, ILoggerFactory loggers)
    {
        ILogletProvider provider = node.LogProvider switch
        {
            "replicated" => OpenLogStore(node.LogProvider, "log-server", Path.Combine(directory, "log-store"), MemoryComponent.LogServer, loggers),
            "local" => OpenLogStore(node.LogProvider, "local-loglet", Path.Combine(directory, "local-loglet"), MemoryComponent.LocalLoglet, loggers),
            "in-memory" => new InMemoryLoglets(),
            _ => throw new StorageException($"the logs of this node have provider '{node.LogProvider}', which this build does not know"),
        };
        var chains = Enumerable.Range(0, node.PartitionCount).ToDictionary(log => new LogId((uint)log), _ => provider);
        var bifrost = new Bifrost(chains, Configuration.Current.Value.Bifrost.RecordCacheMemorySize.ToInt64());
        CloseLast(bifrost);
        RecordCache = new RecordCacheMemory(bifrost.Cache);
        Follow(RecordCache.Apply);
        Ledger.Add(new MemoryPool(
            "bifrost-record-cache", "bifrost.record-cache-memory-size", () => bifrost.Cache.CapacityBytes, () => bifrost.Cache.UsageBytes));
        return bifrost;
    }

    private LogStore OpenLogStore(string provider, string name, string path, MemoryComponent component, ILoggerFactory loggers)
    {
        _logStore = new LogStore(provider, OpenDatabase(name, path, DatabaseProfile.LogStore, component), loggers.CreateLogger<RestateStorage>())
        {
            Statistics = LogStatistics,
        };
        CloseLast(_logStore);
        return _logStore;
    }

    private PartitionStore OpenPartition(string directory, PartitionId partition)
    {
        RocksDatabase database = _rocks.Open(new DatabaseSpec(
            $"partition-{partition}",
            Path.Combine(directory, StoresFolder, $"partition-{partition}"),
            DatabaseProfile.PartitionStore,
            MemoryComponent.PartitionStore,
            partition,
            Controller.SettingsFor(MemoryComponent.PartitionStore)));
        try
        {
            return new PartitionStore(partition, database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private RocksDatabase OpenDatabase(string name, string path, DatabaseProfile profile, MemoryComponent component) =>
        _rocks.Open(new DatabaseSpec(name, path, profile, component, Partition: null, Controller.SettingsFor(component)));

    private void CloseLast(IDisposable part) => _closing.Push(() =>
    {
        part.Dispose();
        return ValueTask.CompletedTask;
    });

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The memory limit of the process changed from {Before} to {After}")]
        public static partial void LimitChanged(ILogger logger, string before, string after);

        [LoggerMessage(LogLevel.Warning, "Open files: {Shortage}")]
        public static partial void FewFiles(ILogger logger, string shortage);

        [LoggerMessage(LogLevel.Warning, "This node has {Partitions} partitions since its first start; default-num-partitions = {Configured} changes nothing")]
        public static partial void PartitionCountKept(ILogger logger, int partitions, int configured);

        [LoggerMessage(LogLevel.Warning, "The logs of this node have provider {Provider} since its first start; bifrost.default-provider = {Configured} changes nothing")]
        public static partial void LogProviderKept(ILogger logger, string provider, string configured);
    }
}
