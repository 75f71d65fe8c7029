using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

public sealed class MemoryLedgerTests
{
    private readonly ConfigurationSnapshot _configuration = new(
        1,
        new RestateConfiguration { NodeName = "n1", RocksDbTotalMemorySize = ByteSize.FromMiB(512) },
        new Dictionary<string, ConfigurationSource> { ["rocksdb-total-memory-size"] = ConfigurationSource.Env });

    [Fact]
    public void Reads_capacities_usages_and_sources()
    {
        var ledger = new MemoryLedger(() => _configuration);
        long usage = 5;
        ledger.Add(new MemoryPool("a", "rocksdb-total-memory-size", () => 10, () => usage));
        ledger.Add(new MemoryPool("b", "bifrost.record-cache-memory-size", () => 20, () => 0));
        ledger.Add(new MemoryPool("c", ConfigKey: null, () => 30, () => 0));
        usage = 7;
        Assert.Equal(
            [
                new MemoryPoolReading("a", 10, 7, "rocksdb-total-memory-size", ConfigurationSource.Env),
                new MemoryPoolReading("b", 20, 0, "bifrost.record-cache-memory-size", ConfigurationSource.Default),
                new MemoryPoolReading("c", 30, 0, null, ConfigurationSource.Default),
            ],
            ledger.Read());
    }

    [Fact]
    public void A_name_can_be_taken_once()
    {
        var ledger = new MemoryLedger(() => _configuration);
        ledger.Add(new MemoryPool("a", null, () => 1, () => 1));
        Assert.Throws<ArgumentException>(() => ledger.Add(new MemoryPool("a", null, () => 1, () => 1)));
    }

    [Fact]
    public void A_node_has_pools_for_rocksdb_its_overhead_the_heap_and_a_reserve()
    {
        var memory = new ScriptedMemory { BlockCacheUsage = 100, WriteBufferManagerUsage = 120 };
        memory.AddPartition(0);
        memory.AddPartition(1);
        var ledger = new MemoryLedger(() => _configuration);
        ledger.AddNodePools(memory, () => _configuration, () => new ProcessMemoryLimit(2000, "machine"));
        IReadOnlyList<MemoryPoolReading> pools = ledger.Read();
        Assert.Equal(["rocksdb", "gc-heap", "rocksdb-overhead", "reserve"], pools.Select(pool => pool.Name));
        Assert.Equal((512L << 20, 120), (pools[0].CapacityBytes, pools[0].UsageBytes));
        Assert.True(pools[1].UsageBytes > 0);
        Assert.Equal(2 * NodePools.BytesPerDatabase, pools[2].UsageBytes);
        Assert.Equal((100, 0), (pools[3].CapacityBytes, pools[3].UsageBytes));
    }
}
