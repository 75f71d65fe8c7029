using Restate.Storage.Configuration;

namespace Restate.Storage.Memory;

/// <summary>The pools that every node has besides those of its query engine and record cache.</summary>
public static class NodePools
{
    /// <summary>
    /// What an open database costs besides memtables and cache. Measured between nodes of 24 and of 1,024 partitions as growth of
    /// anonymous memory that no other pool counts, per database: 219 KiB empty, 212 KiB with a file each after a restart, 211 KiB after
    /// a kill and replay.
    /// </summary>
    public const long BytesPerDatabase = 216L << 10;

    /// <summary>Name of the pool of the managed heap.</summary>
    public const string GcHeap = "gc-heap";

    /// <summary>Name of the pool of what databases hold besides memtables and cache.</summary>
    public const string Overhead = "rocksdb-overhead";

    /// <summary>Name of the pool that is kept free.</summary>
    public const string Reserve = "reserve";

    /// <summary>Part of the process limit that is left to stacks, code, network buffers and fragmentation.</summary>
    internal const int ReservePart = 20;

    /// <summary>Adds <c>rocksdb</c>, <c>rocksdb-overhead</c>, <c>gc-heap</c> and <c>reserve</c> to a ledger.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="memory">RocksDB's memory.</param>
    /// <param name="configuration">Gives the configuration in force.</param>
    /// <param name="limit">Gives the memory limit of the process.</param>
    public static void AddNodePools(
        this MemoryLedger ledger, ISharedMemory memory, Func<ConfigurationSnapshot> configuration, Func<ProcessMemoryLimit> limit)
    {
        ledger.Add(new MemoryPool(
            MemoryLedger.RocksDb,
            "rocksdb-total-memory-size",
            () => Math.Max(MemoryPlan.MinTotalBytes, configuration().Value.RocksDbTotalMemorySize.ToInt64()),

            // Memtables are charged to the cache in steps, so for a moment their own figure may be the larger one.
            () => Math.Max(memory.BlockCacheUsage, memory.WriteBufferManagerUsage)));
        ledger.Add(new MemoryPool(
            GcHeap,
            ConfigKey: null,
            () => Memory.GcHeap.LimitBytes ?? Memory.GcHeap.UsedBytes,
            () => Memory.GcHeap.UsedBytes,

            // Its limit is what the other pools leave over: counting that in full would fill every limit to the brim.
            Planned: () => Memory.GcHeap.UsedBytes));
        ledger.Add(new MemoryPool(Overhead, ConfigKey: null, OfDatabases, OfDatabases));
        ledger.Add(new MemoryPool(Reserve, ConfigKey: null, () => limit().Bytes / ReservePart, () => 0));

        long OfDatabases() => memory.Targets.Count * BytesPerDatabase;
    }
}
