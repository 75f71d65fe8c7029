using Restate.Storage.Memory;
using Restate.Storage.Rocks;
using Xunit;

namespace Restate.Admin.Tests.Storage.Rocks;

public sealed class RocksMetricsTests : IDisposable
{
    private readonly TestDatabases _databases = new();

    public void Dispose() => _databases.Dispose();

    [Fact]
    public void Every_figure_exists_in_the_library_that_is_loaded()
    {
        _databases.Open("partition");
        IReadOnlyList<RocksMetricFamily> families = _databases.Metrics.Read();

        // A ticker or histogram that RocksDB renamed would have no series.
        Assert.DoesNotContain(families, family => family.Series.Count != 1);
        Assert.Equal(families.Count, families.Select(family => family.Name).Distinct().Count());
    }

    [Fact]
    public void Figures_follow_what_is_written_read_and_flushed()
    {
        RocksDatabase first = _databases.Open("a");
        RocksDatabase second = _databases.Open("b");
        RocksDatabase log = _databases.Open("log", DatabaseProfile.LogStore);
        Put(first, "k1");
        Put(first, "k2");
        Put(second, "k3");
        Put(log, "k4");
        first.FlushAndWait();
        Dictionary<string, RocksMetricFamily> families = _databases.Metrics.Read().ToDictionary(family => family.Name);

        Assert.Equal(3UL, Of(families["rocksdb_number_keys_written_total"], MemoryComponent.PartitionStore).Value);
        Assert.Equal(1UL, Of(families["rocksdb_number_keys_written_total"], MemoryComponent.LogServer).Value);
        Assert.Equal(3, Of(families["rocksdb_db_write_seconds"], MemoryComponent.PartitionStore).Histogram.Count);
        Assert.Equal(1e-6, families["rocksdb_db_write_seconds"].Scale);
        RocksMetricFamily entries = families["rocksdb_num_entries_active_mem_table"];
        Assert.Equal(
            [(first, 0UL), (second, 1UL), (log, 1UL)],
            entries.Series.Select(series => ((RocksDatabase)series.Database!, series.Value)));
        Assert.Equal(1UL, families["rocksdb_num_files_at_level0"].Series[0].Value);
    }

    [Fact]
    public void Text_of_rocksdb_is_read_by_its_names()
    {
        RocksStatistics statistics = RocksStatistics.Parse(
            "rocksdb.block.cache.miss COUNT : 7\nrocksdb.db.get.micros P50 : 1.500000 P95 : 2.0 P99 : 3.0 P100 : 4.0 COUNT : 5 SUM : 6\nelse\n");
        Assert.Equal(7, statistics.Tickers["rocksdb.block.cache.miss"]);
        Assert.Equal(new RocksHistogram(1.5, 2, 3, 4, 5, 6), statistics.Histograms["rocksdb.db.get.micros"]);
        Assert.Equal((1, 1), (statistics.Tickers.Count, statistics.Histograms.Count));
    }

    private static RocksMetric Of(RocksMetricFamily family, MemoryComponent component) =>
        family.Series.Single(series => series.Component == component);

    private static void Put(RocksDatabase database, string key)
    {
        using var batch = new RocksBatch();
        batch.Put(System.Text.Encoding.UTF8.GetBytes(key), "value"u8);
        database.Write(batch, WriteDurability.Memtable);
    }
}
