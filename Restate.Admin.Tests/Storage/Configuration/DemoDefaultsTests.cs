using Restate.Storage.Configuration;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class DemoDefaultsTests : ConfigurationFixture
{
    private const string Total = "rocksdb-total-memory-size";

    [Theory]
    [InlineData("4 GiB", "2.0 GiB", "1.0 GiB", "250.0 MiB")]
    [InlineData("4095 MiB", "512.0 MiB", "256.0 MiB", "64.0 MiB")]
    [InlineData("1280 MiB", "512.0 MiB", "256.0 MiB", "64.0 MiB")]
    [InlineData("1279 MiB", "288.0 MiB", "96.0 MiB", "16.0 MiB")]
    public void Budgets_follow_the_limit_of_the_process(string limit, string rocksDb, string queries, string records)
    {
        RestateConfiguration detected = LoadDemo((long)ByteSize.Parse(limit).Bytes).Value;
        RestateConfiguration configured = LoadDemo(64L << 30, "--set", $"process-total-memory-size={limit}").Value;

        Assert.All([detected, configured], value => Assert.Equal(
            (rocksDb, queries, records),
            (value.RocksDbTotalMemorySize.ToString(), value.Admin.QueryEngine.MemorySize.ToString(), value.Bifrost.RecordCacheMemorySize.ToString())));
    }

    [Fact]
    public void They_are_defaults_below_every_layer()
    {
        ConfigurationSnapshot demo = LoadDemo(1L << 30);
        Assert.Equal(("restate-demo-data", "warn,restate.storage.memory=error"), (demo.Value.BaseDir, demo.Value.LogFilter));
        Assert.DoesNotContain(Total, demo.Sources.Keys);

        ConfigurationSnapshot set = Load(
            $"{Total} = \"300 MiB\"\nlog-filter = \"info\"\n",
            [("RESTATE_BIFROST__RECORD_CACHE_MEMORY_SIZE", "5 MiB")],
            "--demo", "--set", "admin.query-engine.memory-size=77 MiB", "--set", "process-total-memory-size=1 GiB").Current;
        Assert.Equal(
            (ByteSize.FromMiB(300), ByteSize.FromMiB(5), ByteSize.FromMiB(77)),
            (set.Value.RocksDbTotalMemorySize, set.Value.Bifrost.RecordCacheMemorySize, set.Value.Admin.QueryEngine.MemorySize));
        Assert.Equal((BaseDir, "info"), (set.Value.BaseDir, set.Value.LogFilter));
        Assert.Equal(ConfigurationSource.File, set.Sources[Total]);
    }

    [Theory]
    [InlineData("--base-dir", "elsewhere")]
    [InlineData("--set", "base-dir=elsewhere")]
    public void Its_folder_can_be_another(string flag, string value) => Assert.Equal("elsewhere", LoadDemo(8L << 30, flag, value).Value.BaseDir);

    [Fact]
    public void Without_the_flag_nothing_changes()
    {
        RestateConfiguration value = ConfigurationLoader.Load(
            CommandLine.Parse([]), new Dictionary<string, string>(), "host-1", () => 1L << 30).Current.Value;
        Assert.Equal(new RestateConfiguration { NodeName = "host-1" }, value);
    }

    [Fact]
    public void Its_configuration_and_plan_can_be_looked_at_without_starting_it()
    {
        CommandLine line = CommandLine.Parse(["--demo", "--plan", "--limit", "1 GiB"]);
        Assert.Equal(CommandLineAction.Plan, line.Action);
        ConfigurationSnapshot demo = ConfigurationLoader.Load(line, new Dictionary<string, string>(), "host-1", () => 64L << 30).Current;
        Assert.Equal(ByteSize.FromMiB(288), demo.Value.RocksDbTotalMemorySize);
        Assert.Contains("base-dir = \"restate-demo-data\"", demo.DumpToml(), StringComparison.Ordinal);
    }

    private static ConfigurationSnapshot LoadDemo(long processLimit, params string[] flags) => ConfigurationLoader.Load(
        CommandLine.Parse(["--demo", .. flags]), new Dictionary<string, string>(), "host-1", () => processLimit).Current;
}
