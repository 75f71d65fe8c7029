using Restate.Storage.Configuration;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class RuntimeOverridesTests : ConfigurationFixture
{
    private const string Total = "rocksdb-total-memory-size";
    private const string Ratio = "rocksdb-total-memtables-ratio";

    [Fact]
    public void Persisted_changes_beat_all_other_layers_after_a_restart()
    {
        Load().Apply(
            Patch((Total, "1 GiB"), (Ratio, 0.3), ("worker.storage.rocksdb-rebalance-interval", "7s"), ("log-server.rocksdb-memory-budget", 77_777_777L)),
            null,
            persist: true);

        ConfigurationSnapshot after = Load($"{Total} = \"3 GiB\"\n", [("MEMORY_LIMIT", "4 GiB")], "--set", $"{Total}=5GiB").Current;

        Assert.Equal(ByteSize.FromGiB(1), after.Value.RocksDbTotalMemorySize);
        Assert.Equal(0.3f, after.Value.RocksDbTotalMemtablesRatio);
        Assert.Equal(TimeSpan.FromSeconds(7), after.Value.WorkerStorage.RebalanceInterval);
        Assert.Equal(new ByteSize(77_777_777), after.Value.LogServer.RocksDbMemoryBudget);
        Assert.Equal(ConfigurationSource.Runtime, after.Sources[Total]);
        Assert.Equal(1, after.Generation);
    }

    [Fact]
    public void They_can_be_ignored() =>
        Assert.Equal(ByteSize.FromGiB(2), AfterPersisting((Total, "1 GiB"))("--ignore-runtime-overrides").RocksDbTotalMemorySize);

    [Fact]
    public void A_change_without_persist_is_gone_after_a_restart()
    {
        ConfigurationStore store = Load();
        store.Apply(Patch((Total, "1 GiB")), null, persist: false);
        Assert.Equal(ByteSize.FromGiB(2), LoadValue().RocksDbTotalMemorySize);
    }

    [Fact]
    public void Persisting_keeps_the_whole_layer()
    {
        ConfigurationStore store = Load();
        store.Apply(Patch((Total, "1 GiB")), null, persist: false);
        store.Apply(Patch((Ratio, 0.5)), null, persist: true);
        RestateConfiguration after = LoadValue();
        Assert.Equal(ByteSize.FromGiB(1), after.RocksDbTotalMemorySize);
        Assert.Equal(0.5f, after.RocksDbTotalMemtablesRatio);
    }

    [Fact]
    public void A_removed_override_stays_removed()
    {
        ConfigurationStore store = Load();
        store.Apply(Patch((Total, "1 GiB"), (Ratio, 0.5)), null, persist: true);
        store.Apply(Patch((Total, null)), null, persist: true);
        RestateConfiguration after = LoadValue();
        Assert.Equal(ByteSize.FromGiB(2), after.RocksDbTotalMemorySize);
        Assert.Equal(0.5f, after.RocksDbTotalMemtablesRatio);
    }

    [Fact]
    public void A_restart_can_change_and_persist_on_top()
    {
        Load().Apply(Patch((Total, "1 GiB")), null, persist: true);
        Load().Apply(Patch((Ratio, 0.5)), null, persist: true);
        RestateConfiguration after = LoadValue();
        Assert.Equal(ByteSize.FromGiB(1), after.RocksDbTotalMemorySize);
        Assert.Equal(0.5f, after.RocksDbTotalMemtablesRatio);
    }

    [Fact]
    public void A_percentage_is_kept_as_one_and_clamped_when_the_machine_shrinks()
    {
        Load().Apply(Patch((Total, "50%")), null, persist: true);

        ConfigurationSnapshot larger = LoadWithLimit(8L << 30);
        ConfigurationSnapshot smaller = LoadWithLimit(256L << 20);

        Assert.Equal(ByteSize.FromGiB(4), larger.Value.RocksDbTotalMemorySize);
        Assert.Equal(ByteSize.FromMiB(256), smaller.Value.RocksDbTotalMemorySize);
        Assert.Contains("runtime-overrides.toml", Assert.Single(smaller.Warnings).Message);
    }

    [Theory]
    [InlineData("rocksdb-total-memory-size = \n", "TOML parse error at line 1, column")]
    [InlineData("rocksdb-total-memory-size = \"much\"\n", "invalid value string \"much\"")]
    [InlineData("rocksdb-total-memory-size = 0\n", "expected non-zero value")]
    [InlineData("node-name = \"other\"\n", "for key \"node-name\"")]
    [InlineData("colour = 1\n", "for key \"colour\"")]
    public void A_corrupt_file_stops_the_start_by_name_and_with_a_way_out(string toml, string problem)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(OverridesFile)!);
        File.WriteAllText(OverridesFile, toml);

        string error = Assert.Single(Assert.Throws<ConfigurationLoadException>(() => Load()).Errors);

        Assert.Contains(problem, error);
        Assert.Contains(OverridesFile, error);
        Assert.EndsWith("start with --ignore-runtime-overrides", error);
        Assert.Equal(1, Load(null, null, "--ignore-runtime-overrides").Current.Generation);
    }

    [Fact]
    public void A_half_written_file_of_a_crash_is_ignored_and_replaced()
    {
        ConfigurationStore store = Load();
        store.Apply(Patch((Total, "1 GiB")), null, persist: true);
        File.WriteAllText(OverridesFile + ".tmp", "rocksdb-total-memory-si");

        Assert.Equal(ByteSize.FromGiB(1), LoadValue().RocksDbTotalMemorySize);
        store.Apply(Patch((Total, "3 GiB")), null, persist: true);
        Assert.Equal(ByteSize.FromGiB(3), LoadValue().RocksDbTotalMemorySize);
        Assert.Equal([OverridesFile], Directory.GetFiles(Path.GetDirectoryName(OverridesFile)!));
    }

    [Fact]
    public void What_cannot_be_kept_is_not_applied()
    {
        ConfigurationStore store = Load();
        Directory.CreateDirectory(BaseDir);
        File.WriteAllText(Path.GetDirectoryName(OverridesFile)!, "a file where the node's folder should be");

        var failure = Assert.Throws<IOException>(() => store.Apply(Patch((Total, "1 GiB")), null, persist: true));

        Assert.Contains(OverridesFile, failure.Message);
        Assert.Equal(1, store.Current.Generation);
        Assert.Equal(ByteSize.FromGiB(2), store.Current.Value.RocksDbTotalMemorySize);
        store.Apply(Patch((Total, "1 GiB")), null, persist: false);
        Assert.Equal(ByteSize.FromGiB(1), store.Current.Value.RocksDbTotalMemorySize);
    }

    private Func<string, RestateConfiguration> AfterPersisting((string, object?) entry)
    {
        Load().Apply(Patch(entry), null, persist: true);
        Assert.True(File.Exists(OverridesFile));
        return flag => LoadValue(null, null, flag);
    }

    private ConfigurationSnapshot LoadWithLimit(long limit) => ConfigurationLoader.Load(
        CommandLine.Parse(["--base-dir", BaseDir]), new Dictionary<string, string>(), "host-1", () => limit).Current;
}
