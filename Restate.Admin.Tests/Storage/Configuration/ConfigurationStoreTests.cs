using Restate.Storage.Configuration;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class ConfigurationStoreTests : ConfigurationFixture
{
    private const string Total = "rocksdb-total-memory-size";
    private const string Ratio = "rocksdb-total-memtables-ratio";

    [Fact]
    public void The_list_of_runtime_keys_is_a_contract() => Assert.Equal(
        [
            "process-total-memory-size",
            "memory-limit-policy",
            "log-filter",
            "log-format",
            "log-disable-ansi-codes",
            "rocksdb-total-memory-size",
            "rocksdb-total-memtables-ratio",
            "admin.read-only",
            "admin.query-engine.memory-size",
            "admin.query-engine.query-timeout",
            "worker.storage.rocksdb-memory-budget",
            "worker.storage.rocksdb-memory-ratio",
            "worker.storage.rocksdb-disable-auto-memory-reclaimer",
            "worker.storage.rocksdb-rebalance-interval",
            "log-server.rocksdb-memory-budget",
            "log-server.rocksdb-memory-ratio",
            "metadata-server.rocksdb-memory-budget",
            "metadata-server.rocksdb-memory-ratio",
            "bifrost.record-cache-memory-size",
            "bifrost.local.rocksdb-memory-budget",
            "bifrost.local.rocksdb-memory-ratio",
        ],
        ConfigurationStore.RuntimeKeys);

    [Fact]
    public void A_patch_takes_every_type_of_value()
    {
        ConfigurationStore store = Load();
        RestateConfiguration value = store.Apply(
            Patch(
                (Total, 1L << 30),
                (Ratio, 0.5),
                ("worker.storage.rocksdb-memory-budget", "10%"),
                ("worker.storage.rocksdb-disable-auto-memory-reclaimer", true),
                ("worker.storage.rocksdb-rebalance-interval", "1m 30s"),
                ("log-server.rocksdb-memory-ratio", 1L),
                ("metadata-server.rocksdb-memory-budget", "8 MiB")),
            1,
            persist: false).Value;

        Assert.Equal(ByteSize.FromGiB(1), value.RocksDbTotalMemorySize);
        Assert.Equal(0.5f, value.RocksDbTotalMemtablesRatio);
        Assert.Equal(new ByteSize(ProcessLimit / 10), value.WorkerStorage.RocksDbMemoryBudget);
        Assert.True(value.WorkerStorage.DisableAutoMemoryReclaimer);
        Assert.Equal(TimeSpan.FromSeconds(90), value.WorkerStorage.RebalanceInterval);
        Assert.Equal(1f, value.LogServer.RocksDbMemoryRatio);
        Assert.Equal(ByteSize.FromMiB(8), value.MetadataServer.RocksDbMemoryBudget);
        Assert.Equal(2, store.Current.Generation);
        Assert.False(Directory.Exists(BaseDir));
    }

    [Theory]
    [InlineData(Total, "100 MiB", "string \"100 MiB\"", "expected at least 256.0 MiB")]
    [InlineData(Total, "1%", "string \"1%\"", "expected at least 256.0 MiB")]
    [InlineData(Total, 0L, "integer `0`", "expected non-zero value")]
    [InlineData(Total, -1L, "integer `-1`", "not negative")]
    [InlineData(Total, 1.5, "found float `1.5`", "expected an integer or string")]
    [InlineData(Total, true, "found boolean `true`", "expected an integer or string")]
    [InlineData(Total, "5 XB", "string \"5 XB\"", "expected a human-readable byte count string")]
    [InlineData(Ratio, 5L, "integer `5`", "expected a number from 0.1 to 1")]
    [InlineData(Ratio, 0.05, "float `0.05`", "expected a number from 0.1 to 1")]
    [InlineData(Ratio, "0.5", "found string \"0.5\"", "expected f32")]
    [InlineData("worker.storage.rocksdb-memory-ratio", 1.01, "float `1.01`", "expected a number from 0 to 1")]
    [InlineData("bifrost.local.rocksdb-memory-ratio", -0.1, "float `-0.1`", "expected a number from 0 to 1")]
    [InlineData("worker.storage.rocksdb-memory-budget", 0L, "integer `0`", "expected non-zero value")]
    [InlineData("worker.storage.rocksdb-disable-auto-memory-reclaimer", "true", "found string \"true\"", "true or false")]
    [InlineData("worker.storage.rocksdb-rebalance-interval", "10ms", "string \"10ms\"", "a duration from 100ms to 1h")]
    [InlineData("worker.storage.rocksdb-rebalance-interval", 5L, "found integer `5`", "human-friendly duration")]
    [InlineData("admin.query-engine.tmp-dir", "/x", "string \"/x\"", "needs a restart to change")]
    [InlineData("default-num-partitions", 5L, "integer `5`", "needs a restart to change")]
    [InlineData("colour", "blue", "string \"blue\"", "is unknown")]
    [InlineData("colour", null, "null", "is unknown")]
    [InlineData("rocksdb_total_memory_size", 5L, "integer `5`", "did you mean \"rocksdb-total-memory-size\"?")]
    public void A_bad_patch_names_key_value_and_what_is_allowed(string key, object? value, string shown, string allowed)
    {
        ConfigurationStore store = Load();
        ConfigurationSnapshot before = store.Current;

        string message = Assert.Throws<ConfigurationException>(() => store.Apply(Patch((key, value)), null, persist: true)).Message;

        Assert.Contains($"\"{key}\"", message);
        Assert.Contains(shown, message);
        Assert.Contains(allowed, message);
        Assert.DoesNotContain('\n', message);
        Assert.Equal(message, Assert.Throws<ConfigurationException>(() => store.Preview(Patch((key, value)))).Message);
        Assert.Same(before, store.Current);
        Assert.False(Directory.Exists(BaseDir));
    }

    [Fact]
    public void What_can_be_changed_is_listed_for_a_key_that_cannot()
    {
        string message = Assert.Throws<ConfigurationException>(() => Load().Preview(Patch(("node-name", "x")))).Message;
        Assert.All(ConfigurationStore.RuntimeKeys, key => Assert.Contains(key, message));
    }

    [Fact]
    public void A_value_of_no_known_type_is_refused() =>
        Assert.Contains(Total, Assert.Throws<ConfigurationException>(() => Load().Preview(Patch((Total, new object())))).Message);

    [Fact]
    public void A_patch_is_all_or_nothing_and_tells_all_errors()
    {
        ConfigurationStore store = Load();
        int raised = 0;
        store.Changed += _ => raised++;

        string message = Assert.Throws<ConfigurationException>(
            () => store.Apply(Patch((Total, "1 GiB"), (Ratio, 7.0), ("colour", 1L)), null, persist: true)).Message;

        Assert.Contains(Ratio, message);
        Assert.Contains("colour", message);
        Assert.Equal(ByteSize.FromGiB(2), store.Current.Value.RocksDbTotalMemorySize);
        Assert.Equal(1, store.Current.Generation);
        Assert.Equal(0, raised);
        Assert.False(Directory.Exists(BaseDir));
    }

    [Fact]
    public void A_preview_changes_nothing()
    {
        ConfigurationStore store = Load();
        ConfigurationSnapshot preview = store.Preview(Patch((Total, "1 GiB")));

        Assert.Equal(2, preview.Generation);
        Assert.Equal(ByteSize.FromGiB(1), preview.Value.RocksDbTotalMemorySize);
        Assert.Equal(ConfigurationSource.Runtime, preview.Sources[Total]);
        Assert.Equal(1, store.Current.Generation);
        Assert.Equal(ByteSize.FromGiB(2), store.Current.Value.RocksDbTotalMemorySize);
    }

    [Fact]
    public void Null_uncovers_the_layer_below()
    {
        ConfigurationStore store = Load($"{Total} = \"3 GiB\"\n");
        store.Apply(Patch((Total, "1 GiB"), (Ratio, 0.5)), null, persist: false);
        ConfigurationSnapshot snapshot = store.Apply(Patch((Total, null)), null, persist: false);

        Assert.Equal(ByteSize.FromGiB(3), snapshot.Value.RocksDbTotalMemorySize);
        Assert.Equal(ConfigurationSource.File, snapshot.Sources[Total]);
        Assert.Equal(0.5f, snapshot.Value.RocksDbTotalMemtablesRatio);
        Assert.Equal(3, snapshot.Generation);
    }

    [Fact]
    public void A_change_against_another_generation_is_refused()
    {
        ConfigurationStore store = Load();
        store.Apply(Patch((Total, "1 GiB")), expectedGeneration: 1, persist: false);
        var failure = Assert.Throws<GenerationMismatchException>(() => store.Apply(Patch((Total, "3 GiB")), expectedGeneration: 1, persist: false));

        Assert.Contains("generation 2, not 1", failure.Message);
        Assert.Equal(ByteSize.FromGiB(1), store.Current.Value.RocksDbTotalMemorySize);
    }

    [Fact]
    public void Handlers_see_each_generation_once_and_in_order()
    {
        ConfigurationStore store = Load();
        List<long> seen = [];
        store.Changed += snapshot =>
        {
            Assert.Same(snapshot, store.Current);
            seen.Add(snapshot.Generation);
        };

        Parallel.For(0, 100, i => store.Apply(Patch((Total, (1L << 30) + i)), null, persist: false));

        Assert.Equal(Enumerable.Range(2, 100).Select(generation => (long)generation), seen);
        Assert.Equal(101, store.Current.Generation);
    }

    [Fact]
    public void A_failing_handler_neither_undoes_the_change_nor_hides_it_from_others()
    {
        ConfigurationStore store = Load();
        bool told = false;
        store.Changed += _ => throw new InvalidOperationException("deaf");
        store.Changed += _ => told = true;

        var failure = Assert.Throws<AggregateException>(() => store.Apply(Patch((Total, "1 GiB")), null, persist: false));

        Assert.Equal("deaf", Assert.Single(failure.InnerExceptions).Message);
        Assert.True(told);
        Assert.Equal(ByteSize.FromGiB(1), store.Current.Value.RocksDbTotalMemorySize);
    }

    [Fact]
    public void A_handler_that_left_hears_nothing()
    {
        ConfigurationStore store = Load();
        int raised = 0;
        Action<ConfigurationSnapshot> handler = _ => raised++;
        store.Changed += handler;
        store.Apply(Patch((Total, "1 GiB")), null, persist: false);
        store.Changed -= handler;
        store.Apply(Patch((Total, "3 GiB")), null, persist: false);
        Assert.Equal(1, raised);
    }

    [Fact]
    public void A_store_over_fixed_values_takes_changes_too()
    {
        var store = new ConfigurationStore(new RestateConfiguration { NodeName = "n", DefaultNumPartitions = 3 }, () => ProcessLimit);
        Assert.Empty(store.Current.Sources);
        RestateConfiguration value = store.Apply(Patch((Total, "25%")), null, persist: false).Value;
        Assert.Equal(ByteSize.FromGiB(1), value.RocksDbTotalMemorySize);
        Assert.Equal(3, value.DefaultNumPartitions);
    }
}
