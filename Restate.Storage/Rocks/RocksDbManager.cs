using System.Runtime.InteropServices;
using Restate.Storage.Memory;
using Restate.Storage.Rocks.Interop;
using Restate.Storage.Types;

namespace Restate.Storage.Rocks;

/// <summary>
/// Owns what all RocksDB databases of the node share: allocator settings, environment (threads), block cache, write buffer
/// manager; and the list of open databases. Thread-safe.
/// </summary>
internal sealed class RocksDbManager : ISharedMemory, IDisposable
{
    /// <summary>Two bits: RocksDB's own choice of 64 shards loses a third of a small cache to shard imbalance.</summary>
    private const int CacheShardBits = 2;

    /// <summary>One shard: RocksDB's own 64 shards of the list of open tables cost every database 21 KiB, for tables that are few here.</summary>
    private const int TableCacheShardBits = 0;

    /// <summary>Flush the largest memtable of any database (RocksDB <c>WriteBufferManager::FlushPolicy</c>): the default never flushes another database's.</summary>
    private const int FlushLargestAcrossDatabases = 2;

    private const int InfoLogWarn = 2;

    /// <summary>RocksDB <c>kExceptDetailedTimers</c>: everything but the time inside mutexes and compression.</summary>
    private const int StatisticsWithoutDetailedTimers = 3;

    /// <summary>
    /// RocksDB <c>kTolerateCorruptedTailRecords</c>: a record torn by a kill is the end; damage before the end is refused. The default
    /// would silently end there, and records that were acknowledged would be gone.
    /// </summary>
    private const int TolerateTornTail = 0;

    /// <summary>glibc <c>M_MMAP_THRESHOLD</c>: allocations of this size and above are mapped, so freeing them returns the memory.</summary>
    private const int MallocMmapThreshold = -3;

    /// <summary>glibc <c>M_MXFAST</c>.</summary>
    private const int MallocMaxFast = 1;

    /// <summary>glibc <c>M_ARENA_MAX</c>.</summary>
    private const int MallocArenaMax = -8;

    private static readonly Lock AllocatorLock = new();
    private static bool _allocatorConfigured;

    private readonly CacheHandle _cache;
    private readonly WriteBufferManagerHandle _writeBuffers;
    private readonly EnvHandle _env;
    private readonly OptionsHandle _base;
    private readonly Dictionary<MemoryComponent, OptionsHandle> _components = [];
    private readonly Lock _lock = new();
    private volatile RocksDatabase[] _open = [];

    /// <summary>Creates the shared objects; opens no database.</summary>
    /// <param name="blockCacheBytes">Capacity of the block cache, memtables included.</param>
    /// <param name="writeBufferBytes">Capacity of the write buffer manager.</param>
    /// <param name="maxOpenFiles">Most open files of one database, 20 or more.</param>
    public RocksDbManager(long blockCacheBytes, long writeBufferBytes, int maxOpenFiles)
    {
        ConfigureAllocator();
        MaxOpenFiles = maxOpenFiles;
        FlushAndWait = CreateFlushOptions(wait: true);
        FlushNoWait = CreateFlushOptions(wait: false);
        nint cacheOptions = RocksNative.LruCacheOptionsCreate();
        RocksNative.LruCacheOptionsSetCapacity(cacheOptions, (nuint)blockCacheBytes);
        RocksNative.LruCacheOptionsSetShardBits(cacheOptions, CacheShardBits);
        _cache = new CacheHandle(RocksNative.CacheCreateLru(cacheOptions));
        RocksNative.LruCacheOptionsDestroy(cacheOptions);
        _writeBuffers = new WriteBufferManagerHandle(RocksNative.WriteBufferManagerCreate(
            (nuint)writeBufferBytes, _cache.Pointer, allowStall: 0, FlushLargestAcrossDatabases));
        _env = new EnvHandle(RocksNative.CreateDefaultEnv());
        RocksNative.EnvSetBackgroundThreads(_env.Pointer, Math.Max(2, Environment.ProcessorCount));
        RocksNative.EnvSetHighPriorityBackgroundThreads(_env.Pointer, Math.Max(2, Environment.ProcessorCount));
        _base = new OptionsHandle(RocksNative.OptionsCreate());
        SetBaseOptions(_base.Pointer);
        foreach (MemoryComponent component in Enum.GetValues<MemoryComponent>())
        {
            // One statistics object for all databases of a component: each costs 460 KiB. Copies of options share it.
            var options = new OptionsHandle(RocksNative.OptionsCreateCopy(_base.Pointer));
            RocksNative.OptionsEnableStatistics(options.Pointer);
            RocksNative.OptionsSetStatisticsLevel(options.Pointer, StatisticsWithoutDetailedTimers);
            _components.Add(component, options);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<IMemoryTarget> Targets => _open;

    /// <summary>All open databases; a snapshot.</summary>
    public IReadOnlyList<RocksDatabase> Databases => _open;

    /// <inheritdoc/>
    public long WriteBufferManagerCapacity
    {
        get => (long)RocksNative.WriteBufferManagerSize(_writeBuffers.Pointer);
        set => RocksNative.WriteBufferManagerSetSize(_writeBuffers.Pointer, (nuint)value);
    }

    /// <inheritdoc/>
    public long WriteBufferManagerUsage => (long)RocksNative.WriteBufferManagerUsage(_writeBuffers.Pointer);

    /// <inheritdoc/>
    public long WriteBufferManagerMutableUsage => (long)RocksNative.WriteBufferManagerMutableUsage(_writeBuffers.Pointer);

    /// <inheritdoc/>
    public long BlockCacheCapacity
    {
        get => (long)RocksNative.CacheGetCapacity(_cache.Pointer);
        set => RocksNative.CacheSetCapacity(_cache.Pointer, (nuint)value);
    }

    /// <inheritdoc/>
    public long BlockCacheUsage => (long)RocksNative.CacheGetUsage(_cache.Pointer);

    /// <inheritdoc/>
    public long BlockCachePinnedUsage => (long)RocksNative.CacheGetPinnedUsage(_cache.Pointer);

    /// <summary>Most open files of a database that opens from now on, 20 or more.</summary>
    public int MaxOpenFiles { get; set; }

    internal FlushOptionsHandle FlushAndWait { get; }

    internal FlushOptionsHandle FlushNoWait { get; }

    /// <inheritdoc/>
    public void TrimAllocator() => _ = RocksNative.MallocTrim(0);

    /// <summary>Opens a database, creating it when its directory does not exist. Blocks for milliseconds; many may open at once.</summary>
    /// <exception cref="StorageException">It is locked by another process, not writable, or corrupt; the message says which directory.</exception>
    public RocksDatabase Open(in DatabaseSpec spec)
    {
        using OptionsHandle options = OptionsFor(spec);
        nint error = 0;
        try
        {
            Directory.CreateDirectory(spec.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot create the directory of database {spec.Name}: {spec.Path}: {e.Message}", e);
        }

        nint native = RocksNative.Open(options.Pointer, spec.Path, ref error);
        if (error != 0)
        {
            try
            {
                RocksException.ThrowIfError(error, spec.Name);
            }
            catch (RocksException e)
            {
                throw new StorageException(Explain(spec, e.Message), e);
            }
        }

        var database = new RocksDatabase(this, spec, new DatabaseHandle(native));
        lock (_lock)
            _open = [.. _open, database];
        return database;
    }

    /// <summary>Tickers and histograms of all databases of a component since the start, as RocksDB prints them.</summary>
    public string StatisticsText(MemoryComponent component)
    {
        nint text = RocksNative.OptionsStatisticsText(_components[component].Pointer);
        try
        {
            return Marshal.PtrToStringUTF8(text) ?? string.Empty;
        }
        finally
        {
            RocksNative.Free(text);
        }
    }

    /// <summary>Releases the shared objects. All databases must be closed.</summary>
    public void Dispose()
    {
        foreach (OptionsHandle options in _components.Values)
            options.Dispose();
        _base.Dispose();
        FlushAndWait.Dispose();
        FlushNoWait.Dispose();
        _writeBuffers.Dispose();
        _cache.Dispose();
        _env.Dispose();
    }

    internal void Forget(RocksDatabase database)
    {
        lock (_lock)
            _open = [.. _open.Where(open => open != database)];
    }

    private static string Explain(in DatabaseSpec spec, string message)
    {
        string cause = message switch
        {
            _ when message.Contains("Permission denied", StringComparison.Ordinal) || message.Contains("Read-only", StringComparison.Ordinal) =>
                "this user may not write there",
            _ when message.Contains("Too many open files", StringComparison.Ordinal) =>
                "the process may not open more files; raise its limit (ulimit -n, LimitNOFILE, --ulimit nofile) or use fewer partitions",
            _ when message.Contains("No space left", StringComparison.Ordinal) => "the disk is full",
            _ when message.Contains("lock hold by current process", StringComparison.Ordinal) || message.Contains("While lock file", StringComparison.Ordinal) =>
                "another process has it open; stop that process or use another base-dir",
            _ when message.Contains("Corruption", StringComparison.Ordinal) => "its files are damaged; restore the directory from a copy",
            _ when message.Contains("No such file", StringComparison.Ordinal) => "a file of it is missing; restore the directory from a copy",
            _ => "see the message of RocksDB",
        };
        return $"cannot open database {spec.Name} in {spec.Path}: {cause} ({message})";
    }

    /// <summary>
    /// Before the first database opens: blocks of memtables and of the cache are mapped one by one and few arenas exist, so that
    /// what is freed goes back to the operating system.
    /// </summary>
    private static void ConfigureAllocator()
    {
        lock (AllocatorLock)
        {
            if (_allocatorConfigured)
                return;
            _ = RocksNative.Mallopt(MallocMmapThreshold, 128 * 1024);
            _ = RocksNative.Mallopt(MallocArenaMax, 2);

            // Freed blocks of up to 128 bytes are joined with their neighbours at once. Otherwise they gather in lists of millions, and
            // who frees a large block next, trims or counts walks all of them while every thread of that heap waits: 0.3 s were seen.
            _ = RocksNative.Mallopt(MallocMaxFast, 0);
            _allocatorConfigured = true;
        }
    }

    private static FlushOptionsHandle CreateFlushOptions(bool wait)
    {
        var options = new FlushOptionsHandle(RocksNative.FlushOptionsCreate());
        RocksNative.FlushOptionsSetWait(options.Pointer, wait ? (byte)1 : (byte)0);

        // A flush asked for by the controller must not wait until compaction has caught up: memory is what is short.
        RocksNative.FlushOptionsSetAllowWriteStall(options.Pointer, 1);
        return options;
    }

    private void SetBaseOptions(nint options)
    {
        RocksNative.OptionsSetCreateIfMissing(options, 1);
        RocksNative.OptionsSetEnv(options, _env.Pointer);
        RocksNative.OptionsSetInfoLogLevel(options, InfoLogWarn);
        RocksNative.OptionsSetKeepLogFileNum(options, 1);
        RocksNative.OptionsSetMaxLogFileSize(options, 1 << 20);
        RocksNative.OptionsSetStatsDumpPeriod(options, 0);
        RocksNative.OptionsSetStatsPersistPeriod(options, 0);
        RocksNative.OptionsSetSkipStatsUpdateOnOpen(options, 1);
        RocksNative.OptionsSetMaxFileOpeningThreads(options, 1);
        RocksNative.OptionsSetTableCacheShardBits(options, TableCacheShardBits);
        RocksNative.OptionsSetMaxBackgroundJobs(options, Math.Max(4, Environment.ProcessorCount * 2));
        RocksNative.OptionsSetBytesPerSync(options, 1 << 20);
        RocksNative.OptionsSetWriteBufferManager(options, _writeBuffers.Pointer);
        RocksNative.OptionsSetMaxWriteBufferSizeToMaintain(options, 0);
        RocksNative.OptionsSetDynamicLevelBytes(options, 1);
    }

    /// <summary>
    /// A write-ahead log need not hold more than the memtables it stands for. RocksDB heeds this figure only in a database of several
    /// column families; with the one that these have, what bounds it is that writes stop at that many memtables, and each has
    /// a log file of its own that goes with it.
    /// </summary>
    private static ulong MaxWalBytes(in WriteBufferSettings settings) => (ulong)(settings.WriteBufferBytes * settings.MaxWriteBuffers);

    private OptionsHandle OptionsFor(in DatabaseSpec spec)
    {
        const int Lz4 = 4;
        const int FormatVersion = 5;

        // A copy shares environment, write buffer manager and statistics with the original.
        var options = new OptionsHandle(RocksNative.OptionsCreateCopy(_components[spec.Component].Pointer));
        nint native = options.Pointer;
        RocksNative.OptionsSetMaxOpenFiles(native, MaxOpenFiles);
        RocksNative.OptionsSetWriteBufferSize(native, (nuint)spec.Settings.WriteBufferBytes);
        RocksNative.OptionsSetArenaBlockSize(native, (nuint)spec.Settings.ArenaBlockBytes);
        RocksNative.OptionsSetMaxWriteBufferNumber(native, RocksDatabase.BuffersBeforeStop(spec.Component, spec.Settings));
        RocksNative.OptionsSetMinWriteBufferNumberToMerge(native, spec.Settings.MinToMerge);
        RocksNative.OptionsSetCompression(native, Lz4);
        using var table = new TableOptionsHandle(RocksNative.TableOptionsCreate());
        RocksNative.TableOptionsSetBlockCache(table.Pointer, _cache.Pointer);
        RocksNative.TableOptionsSetFormatVersion(table.Pointer, FormatVersion);
        RocksNative.TableOptionsSetCacheIndexAndFilterBlocks(table.Pointer, 1);
        RocksNative.TableOptionsSetPinLevel0(table.Pointer, 1);
        switch (spec.Profile)
        {
            case DatabaseProfile.PartitionStore:
                RocksNative.TableOptionsSetBlockSize(table.Pointer, 16 * 1024);
                RocksNative.TableOptionsSetFilterPolicy(table.Pointer, RocksNative.FilterPolicyCreateBloom(10));
                break;
            case DatabaseProfile.LogStore:
                RocksNative.TableOptionsSetBlockSize(table.Pointer, 64 * 1024);
                RocksNative.OptionsSetWalRecoveryMode(native, TolerateTornTail);
                RocksNative.OptionsSetMaxTotalWalSize(native, MaxWalBytes(spec.Settings));

                // The admission gate slows writers down; a stall inside RocksDB would hold up the only log writer thread.
                RocksNative.OptionsSetLevel0SlowdownTrigger(native, 40);
                RocksNative.OptionsSetLevel0StopTrigger(native, 64);
                break;
            case DatabaseProfile.Metadata:
                RocksNative.TableOptionsSetBlockSize(table.Pointer, 16 * 1024);
                RocksNative.OptionsSetWalRecoveryMode(native, TolerateTornTail);
                RocksNative.OptionsSetMaxTotalWalSize(native, MaxWalBytes(spec.Settings));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(spec), spec.Profile, null);
        }

        RocksNative.OptionsSetTableFactory(native, table.Pointer);
        return options;
    }
}
