using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class MemoryLimitPolicyTests : ConfigurationFixture
{
    private const long MiB = 1L << 20;

    [Fact]
    public void By_default_nothing_is_clamped_or_refused()
    {
        ConfigurationStore store = Load("process-total-memory-size = \"512 MiB\"\n");
        Assert.Equal((2048, 1024, 250), Sizes(store));
        Assert.Empty(store.Current.Warnings);
    }

    [Theory]
    [InlineData("4 GiB", 2048, 1024, 250)]
    [InlineData("2 GiB", 1104, 552, 134)]
    [InlineData("1 GiB", 552, 276, 67)]
    [InlineData("512 MiB", 256, 128, 31)]
    [InlineData("300 MiB", 256, 64, 0)]
    public void Clamping_makes_all_pools_fit_in_their_proportion(string limit, int rocksDb, int query, int cache)
    {
        ConfigurationStore store = Load($"memory-limit-policy = \"clamp\"\nprocess-total-memory-size = \"{limit}\"\n");
        (long, long, long) sizes = Sizes(store);
        Assert.Equal((rocksDb, query, cache), sizes);
        Assert.Equal(rocksDb == 2048 ? 0 : 3, store.Current.Warnings.Count);
        Assert.All(store.Current.Warnings, warning => Assert.Contains("is clamped to", warning.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Refusing_names_all_three_keys_the_limit_and_the_way_out()
    {
        string error = Assert.Single(LoadErrors("memory-limit-policy = \"refuse\"\nprocess-total-memory-size = \"3 GiB\"\n"));
        foreach (string part in new[] { "rocksdb-total-memory-size (2.0 GiB)", "admin.query-engine.memory-size (1.0 GiB)", "bifrost.record-cache-memory-size (250.0 MiB)", "process memory limit of 3.0 GiB", "memory-limit-policy" })
            Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Equal((2048, 1024, 250), Sizes(Load("memory-limit-policy = \"refuse\"\n")));
    }

    [Fact]
    public void A_change_that_the_limit_has_no_room_for_is_refused_while_running()
    {
        ConfigurationStore store = Load("memory-limit-policy = \"refuse\"\n");
        ConfigurationSnapshot before = store.Current;
        var failure = Assert.Throws<ConfigurationException>(
            () => store.Apply(Patch(("rocksdb-total-memory-size", "3 GiB")), expectedGeneration: null, persist: false));
        Assert.Contains("process memory limit of 4.0 GiB", failure.Message, StringComparison.Ordinal);
        Assert.Same(before, store.Current);
    }

    [Fact]
    public void A_bad_policy_is_named() =>
        Assert.Contains("memory-limit-policy", Assert.Single(LoadErrors("memory-limit-policy = \"ignore\"\n")), StringComparison.Ordinal);

    [Fact]
    public void Percentages_and_clamps_follow_a_limit_that_moves()
    {
        long limit = 4L << 30;
        var baseline = CommandLine.Parse(["--node-name", "n1", "--base-dir", BaseDir, "--set", "rocksdb-total-memory-size=25%", "--set", "memory-limit-policy=clamp"]);
        ConfigurationStore store = ConfigurationLoader.Load(baseline, new Dictionary<string, string>(), "host-1", () => limit);
        Assert.Equal((1024, 1024, 250), Sizes(store));
        Assert.False(store.Refresh());
        ConfigurationSnapshot? raised = null;
        store.Changed += snapshot => raised = snapshot;
        limit = 2L << 30;
        Assert.True(store.Refresh());
        Assert.Same(store.Current, raised);
        Assert.Equal(2, store.Current.Generation);
        Assert.Equal((512, 1024, 250), Sizes(store));
    }

    private static (long RocksDb, long Query, long Cache) Sizes(ConfigurationStore store)
    {
        RestateConfiguration value = store.Current.Value;
        return (
            value.RocksDbTotalMemorySize.ToInt64() / MiB,
            value.Admin.QueryEngine.MemorySize.ToInt64() / MiB,
            value.Bifrost.RecordCacheMemorySize.ToInt64() / MiB);
    }
}
