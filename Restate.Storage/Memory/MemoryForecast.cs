using Restate.Storage.Configuration;

namespace Restate.Storage.Memory;

/// <summary>A pool as it is planned.</summary>
/// <param name="Name">Its name in the ledger.</param>
/// <param name="CapacityBytes">What it may use.</param>
/// <param name="PlannedBytes">What counts of it against the process limit.</param>
/// <param name="ConfigKey">TOML path of the setting that bounds it; null when none does.</param>
public sealed record PlannedPool(string Name, long CapacityBytes, long PlannedBytes, string? ConfigKey);

/// <summary>The plan and the ledger that a node with a configuration would have. A pure function: nothing runs, nothing is opened.</summary>
/// <param name="Limit">The process limit it is made for.</param>
/// <param name="Plan">RocksDB's memory, with the warnings of all pools.</param>
/// <param name="Pools">The pools in the order in which a node lists them.</param>
public sealed record MemoryForecast(ProcessMemoryLimit Limit, MemoryPlan Plan, IReadOnlyList<PlannedPool> Pools)
{
    /// <summary>
    /// What is planned for the managed heap. A running node counts what the heap holds: 22 MiB when it has just started, of which 16 MiB
    /// are its youngest generation, and more while large bodies and answers are on their way.
    /// </summary>
    public const long HeapBytes = 32L << 20;

    /// <summary>What counts of all pools against the limit.</summary>
    public long PlannedBytes => MemoryLedger.Total(Pools.Select(pool => pool.PlannedBytes));

    /// <summary>Computes the forecast.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="limit">The process limit.</param>
    /// <param name="partitions">Open partitions.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of partitions is negative.</exception>
    public static MemoryForecast Compute(RestateConfiguration configuration, ProcessMemoryLimit limit, int partitions)
    {
        // Every component but the partition store has one database.
        long databases = partitions + MemoryPlan.Compute(new MemoryPlanInputs(configuration, limit, partitions, 0)).Components.Count - 1;
        long overhead = databases * NodePools.BytesPerDatabase;
        long reserve = limit.Bytes / NodePools.ReservePart;
        long cache = configuration.Bifrost.RecordCacheMemorySize.ToInt64();
        long query = configuration.Admin.QueryEngine.MemorySize.ToInt64();
        MemoryPlan plan = MemoryPlan.Compute(new MemoryPlanInputs(
            configuration, limit, partitions, (long)Int128.Min(long.MaxValue, (Int128)HeapBytes + overhead + reserve + cache + query)));
        long heap = GcHeapBudget.Compute(
            limit.Bytes, (long)Int128.Min(long.MaxValue, (Int128)plan.TotalBytes + overhead + reserve + cache + query));
        return new MemoryForecast(limit, plan,
        [
            new PlannedPool(MemoryLedger.RocksDb, plan.TotalBytes, plan.TotalBytes, "rocksdb-total-memory-size"),
            new PlannedPool(NodePools.GcHeap, heap, Math.Min(heap, HeapBytes), null),
            new PlannedPool(NodePools.Overhead, overhead, overhead, null),
            new PlannedPool(NodePools.Reserve, reserve, reserve, null),
            new PlannedPool("bifrost-record-cache", cache, cache, "bifrost.record-cache-memory-size"),
            new PlannedPool("query-engine", query, query, "admin.query-engine.memory-size"),
        ]);
    }
}
