using Restate.Storage.Configuration;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class ReloadTests : ConfigurationFixture
{
    private static readonly DateTimeOffset At = new(2026, 11, 24, 1, 2, 3, TimeSpan.Zero);

    [Fact]
    public void Live_options_take_their_new_values_and_the_others_wait_for_a_restart()
    {
        ConfigurationStore store = Load("rocksdb-total-memory-size = \"1 GiB\"\ncluster-name = \"c1\"\n");
        ConfigurationSnapshot? raised = null;
        store.Changed += snapshot => raised = snapshot;
        WriteFile("restate.toml", "rocksdb-total-memory-size = \"512 MiB\"\ncluster-name = \"c2\"\ndefault-num-partitions = 7\n");
        ConfigurationReload reload = store.Reload(At);

        Assert.Equal((ReloadOutcome.Applied, 2), (reload.Outcome, reload.Generation));
        Assert.Equal([new ReloadedOption("rocksdb-total-memory-size", "\"1.0 GiB\"", "\"512.0 MiB\"")], reload.Applied);
        Assert.Equal(
            [("cluster-name", "\"c1\"", "\"c2\""), ("default-num-partitions", "24", "7")],
            reload.NeedsRestart.Select(option => (option.Key, option.Before!, option.After!)));
        Assert.Same(store.Current, raised);
        Assert.Equal((ByteSize.FromMiB(512), "c1", 24), (store.Current.Value.RocksDbTotalMemorySize, store.Current.Value.ClusterName, store.Current.Value.DefaultNumPartitions));
        Assert.Same(reload, store.LastReload);

        // What waits for a restart is told at every reading, until the file says again what runs.
        ConfigurationReload again = store.Reload(At);
        Assert.Equal((ReloadOutcome.Unchanged, 2, 2), (again.Outcome, again.Generation, again.NeedsRestart.Count));
        WriteFile("restate.toml", "rocksdb-total-memory-size = \"512 MiB\"\ncluster-name = \"c1\"\n");
        Assert.Empty(store.Reload(At).NeedsRestart);
    }

    [Fact]
    public void An_option_that_leaves_the_file_goes_back_to_its_default()
    {
        ConfigurationStore store = Load("rocksdb-total-memory-size = \"1 GiB\"\n[worker.storage]\nrocksdb-memory-budget = \"100 MiB\"\n");
        WriteFile("restate.toml", "");
        ConfigurationReload reload = store.Reload(At);
        Assert.Equal(
            [("rocksdb-total-memory-size", "\"2.0 GiB\""), ("worker.storage.rocksdb-memory-budget", null)],
            reload.Applied.Select(option => (option.Key, option.After)));
        Assert.Null(store.Current.Value.WorkerStorage.RocksDbMemoryBudget);
        Assert.Equal(ConfigurationSource.Default, store.Current.Effective["rocksdb-total-memory-size"].Source);
    }

    [Theory]
    [InlineData("rocksdb-total-memory-size = \"12 XB\"", "string \"12 XB\"")]
    [InlineData("rocksdb-total-memory-size = 0", "integer `0`")]
    [InlineData("default-num-partitions = 2000", "default-num-partitions")]
    [InlineData("rocksdb-total-memory-size = ", "TOML parse error at line 2")]
    public void A_bad_file_changes_nothing(string line, string named)
    {
        ConfigurationStore store = Load("rocksdb-total-memory-size = \"1 GiB\"\n");
        ConfigurationSnapshot before = store.Current;
        WriteFile("restate.toml", "rocksdb-total-memtables-ratio = 0.5\n" + line + "\n");
        ConfigurationReload reload = store.Reload(At);
        Assert.Equal(ReloadOutcome.Refused, reload.Outcome);
        Assert.Contains(named, Assert.Single(reload.Refused), StringComparison.Ordinal);
        Assert.Contains("restate.toml", reload.Refused[0], StringComparison.Ordinal);
        Assert.Same(before, store.Current);

        WriteFile("restate.toml", "rocksdb-total-memtables-ratio = 0.5\n");
        Assert.Equal(ReloadOutcome.Applied, store.Reload(At).Outcome);
        Assert.Equal(0.5f, store.Current.Value.RocksDbTotalMemtablesRatio);
    }

    [Fact]
    public void Higher_layers_go_on_hiding_the_file()
    {
        ConfigurationStore store = Load(
            "rocksdb-total-memory-size = \"1 GiB\"\n",
            [("RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE", "768 MiB")],
            "--set", "rocksdb-total-memtables-ratio=0.6");
        store.Apply(Patch(("worker.storage.rocksdb-memory-ratio", 0.3)), expectedGeneration: null, persist: false);
        WriteFile("restate.toml", """
            rocksdb-total-memory-size = "512 MiB"
            rocksdb-total-memtables-ratio = 0.7
            [worker.storage]
            rocksdb-memory-ratio = 0.4
            """);
        ConfigurationReload reload = store.Reload(At);
        Assert.Equal((ReloadOutcome.Unchanged, 2), (reload.Outcome, reload.Generation));
        Assert.Equal(
            ["the environment sets it (RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE)", "a flag sets it", "a runtime override sets it; PATCH it to null to remove that"],
            reload.Unchanged.Select(option => option.Reason!));

        // The override falls: what the file says now shows.
        store.Apply(Patch(("worker.storage.rocksdb-memory-ratio", null)), expectedGeneration: null, persist: false);
        Assert.Equal(0.4f, store.Current.Value.WorkerStorage.RocksDbMemoryRatio);
    }

    [Fact]
    public void Clamped_values_and_unknown_keys_are_warned_of()
    {
        ConfigurationStore store = Load("");
        WriteFile("restate.toml", "rocksdb-total-memory-size = \"1 MiB\"\nrocksdb-total-memory = 3\n");
        ConfigurationReload reload = store.Reload(At);
        Assert.Equal(["rocksdb-total-memory", "rocksdb-total-memory-size"], reload.Warnings.Select(warning => warning.Key).Order());
        Assert.Equal(ByteSize.FromMiB(256), store.Current.Value.RocksDbTotalMemorySize);
    }

    [Fact]
    public void A_handler_that_fails_leaves_the_change_and_its_report()
    {
        ConfigurationStore store = Load("");
        store.Changed += _ => throw new InvalidOperationException("deaf");
        WriteFile("restate.toml", "rocksdb-total-memory-size = \"512 MiB\"\n");
        Assert.Throws<AggregateException>(() => store.Reload(At));
        Assert.Equal(ReloadOutcome.Applied, store.LastReload!.Outcome);
        Assert.Equal(ByteSize.FromMiB(512), store.Current.Value.RocksDbTotalMemorySize);
    }

    [Fact]
    public void Without_a_file_there_is_nothing_to_reload() => Assert.Throws<InvalidOperationException>(() => Load().Reload(At));
}
