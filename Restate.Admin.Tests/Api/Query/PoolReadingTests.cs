using System.Globalization;
using System.Runtime.CompilerServices;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Interop;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Rocks;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>Figures of the pools against a second source that has nothing to do with the first.</summary>
[Collection(ProcessWideCounters.Name)]
public sealed class PoolReadingTests
{
    private const int Values = 600;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Manager_and_cache_equal_what_the_databases_say()
    {
        using var databases = new TestDatabases();
        RocksDatabase first = databases.Open("first");
        RocksDatabase second = databases.Open("second", DatabaseProfile.LogStore);
        Fill(first, Values);
        first.FlushAndWait();
        for (int i = 0; i < Values; i++)
            Assert.NotNull(first.Get(Key(i)));
        Fill(first, Values / 10);
        Fill(second, Values / 10);

        // The manager counts blocks of memtables in full, a database what it has handed out of them.
        long memtables = new[] { first, second }.Sum(database => (long)database.Property("rocksdb.size-all-mem-tables\0"u8));
        long manager = databases.Manager.WriteBufferManagerUsage;
        Assert.InRange(memtables, 2 * Values / 10 << 14, long.MaxValue);
        Assert.InRange(manager, memtables - (64 << 10), memtables + (2 * TestDatabases.Settings.ArenaBlockBytes));

        Assert.Equal((long)first.Property("rocksdb.block-cache-usage\0"u8), databases.Manager.BlockCacheUsage);
        Assert.Equal((long)second.Property("rocksdb.block-cache-capacity\0"u8), databases.Manager.BlockCacheCapacity);
        Assert.Equal((long)second.Property("rocksdb.block-cache-pinned-usage\0"u8), databases.Manager.BlockCachePinnedUsage);

        var configuration = new ConfigurationStore(new RestateConfiguration { NodeName = "n1" }, () => 1L << 33);
        var ledger = new MemoryLedger(() => configuration.Current);
        ledger.AddNodePools(databases.Manager, () => configuration.Current, () => new ProcessMemoryLimit(1L << 33, "machine"));
        long pool = ledger.Read().Single(reading => reading.Name == MemoryLedger.RocksDb).UsageBytes;
        Assert.Equal((long)first.Property("rocksdb.block-cache-usage\0"u8), pool);
        Assert.InRange(pool, manager + (Values / 2 << 14), long.MaxValue);
    }

    [Fact]
    public void The_managed_heaps_pool_follows_what_the_collector_has_committed()
    {
        // What earlier tests left for finalizers would be given back in the middle.
        ProcessWideCounters.Collect();
        GcHeap.Shrink();
        long before = GcHeap.UsedBytes;
        long full = UsedWhileHeld(64 << 20);
        Assert.InRange(full, before + (60L << 20), long.MaxValue);
        GcHeap.Shrink();
        Assert.InRange(GcHeap.UsedBytes, 0, full - (32L << 20));
    }

    [Fact]
    public async Task Duckdb_holds_what_the_query_engines_pool_shows()
    {
        string folder = Directory.CreateTempSubdirectory("pool-test-").FullName;
        try
        {
            await using var engine = new EngineUnderTest();
            using var duckdb = DuckDbInstance.Open(new QueryEngineSettings(256 << 20, Path.Combine(folder, "spill"), 1L << 30, 2, TimeSpan.FromMinutes(1)), []);
            using DuckDbConnection connection = duckdb.Connect();
            long poolBefore = engine.Engine.MemoryUsageBytes;
            long duckdbBefore = DuckDbMemory(connection);
            DuckDbInstance.Execute(connection, "create temp table t as select hash(i) as a, hash(i + 1) as b, hash(i + 2) as c from range(2000000) r(i)");
            long pool = engine.Engine.MemoryUsageBytes - poolBefore;
            long own = DuckDbMemory(connection) - duckdbBefore;

            // DuckDB counts blocks, the pool what its allocator has handed out: bookkeeping comes on top.
            Assert.InRange(own, 40L << 20, long.MaxValue);
            Assert.InRange(pool, own * 9 / 10, (own * 11 / 10) + (16L << 20));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // In a frame of its own: no slot of the caller's keeps the array alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long UsedWhileHeld(int bytes)
    {
        byte[] held = new byte[bytes];
        Array.Fill(held, (byte)1);
        GC.Collect();
        long used = GcHeap.UsedBytes;
        Assert.InRange(used, GC.GetGCMemoryInfo().TotalCommittedBytes, long.MaxValue);
        GC.KeepAlive(held);
        return used;
    }

    private static long DuckDbMemory(DuckDbConnection connection) => long.Parse(
        DuckDbInstance.Execute(connection, "select cast(sum(memory_usage_bytes) as varchar) from duckdb_memory()")[0]!, CultureInfo.InvariantCulture);

    private static byte[] Key(int i) => [(byte)(i >> 8), (byte)i];

    // Values that do not compress: a block in the cache is as large as its rows.
    private static void Fill(RocksDatabase database, int values)
    {
        var random = new Random(7);
        byte[] value = new byte[16 << 10];
        for (int i = 0; i < values; i++)
        {
            random.NextBytes(value);
            TestDatabases.Put(database, Key(i), value);
        }
    }
}
