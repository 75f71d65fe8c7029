using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Configuration;
using Restate.Storage.Hosting;
using Restate.Storage.Memory;
using Xunit;

namespace Restate.Admin.Tests.Storage.Hosting;

/// <summary>The databases of a real node have the write buffers of the plan: read from the options file that RocksDB writes itself.</summary>
public sealed class ComponentBudgetNodeTests : IDisposable
{
    private const long MiB = 1L << 20;
    private readonly string _baseDir = NodeUnderTest.NewDirectory();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_baseDir, recursive: true);

    [Theory]
    [InlineData("replicated", "log-server", "log-store", "rocksdb-memory-ratio=0.25")]
    [InlineData("replicated", "log-server", "log-store", "rocksdb-memory-budget=96 MiB")]
    [InlineData("replicated", "metadata-server", "metadata-store", "rocksdb-memory-ratio=0.05")]
    [InlineData("replicated", "metadata-server", "metadata-store", "rocksdb-memory-budget=48 MiB")]
    [InlineData("replicated", "worker.storage", "db/partition-0", "rocksdb-memory-ratio=0.2")]
    [InlineData("replicated", "worker.storage", "db/partition-0", "rocksdb-memory-budget=64 MiB")]
    [InlineData("local", "bifrost.local", "local-loglet", "rocksdb-memory-ratio=0.25")]
    [InlineData("local", "bifrost.local", "local-loglet", "rocksdb-memory-budget=96 MiB")]
    public async Task Ratio_and_budget_of_a_component_reach_its_database(string provider, string section, string folder, string setting)
    {
        MemoryComponent component = Component(section);
        string[] settings = [$"bifrost.default-provider={provider}", $"{section}.{setting}"];
        await using RestateStorage node = await NodeUnderTest.OpenAsync(_baseDir, settings);
        ComponentPlan plan = node.Controller.PlanNow().Find(component)!;
        ComponentPlan untouched = MemoryPlan.Compute(new MemoryPlanInputs(
            NodeUnderTest.Configuration(_baseDir, settings[0]).Current.Value, node.ProcessLimit, 2, OtherPoolsBytes: 0)).Find(component)!;
        Assert.NotEqual(untouched.BudgetBytes, plan.BudgetBytes);
        Assert.Equal(plan.Settings.WriteBufferBytes, WriteBufferSizeOnDisk(folder));
    }

    [Theory]
    [InlineData("replicated", "log-server", "log-store")]
    [InlineData("local", "bifrost.local", "local-loglet")]
    public async Task Lowering_a_budget_lowers_the_buffers_and_flushes_what_is_above(string provider, string section, string folder)
    {
        ConfigurationStore configuration = NodeUnderTest.Configuration(_baseDir, $"bifrost.default-provider={provider}");
        await using RestateStorage node = await RestateStorage.OpenAsync(configuration, new FakeTimeProvider(), NullLoggerFactory.Instance, Cancel);
        MemoryComponent component = Component(section);
        IMemoryTarget log = node.SharedMemory.Targets.Single(target => target.Component == component);
        for (int i = 0; i < 20; i++)
            await NodeUnderTest.PutAsync(node, $"key-{i}", string.Empty, ("a", new byte[MiB]));
        Assert.True(log.Sample().UnflushedBytes > 16 * MiB);

        configuration.Apply(new Dictionary<string, object?> { [$"{section}.rocksdb-memory-budget"] = "8 MiB" }, null, persist: false);
        RebalanceReport report = await node.Controller.RebalanceNowAsync(Cancel);
        Assert.Contains(report.Flushes, flush => flush.Database == log.Name && flush.Reason == FlushReason.OverBudget);
        await Eventually.HoldsAsync(() => log.Sample().UnflushedBytes <= 8 * MiB, "the log is within its budget");
        await Eventually.HoldsAsync(() => log.AppliedSettings.WriteBufferBytes == 4 * MiB, "the smaller buffers are set");
        Assert.Equal(4 * MiB, WriteBufferSizeOnDisk(folder));
        Assert.Equal((8 * MiB, 1), ComponentUsage.Read(node.Controller.PlanNow(), node.SharedMemory.Targets)
            .Where(usage => usage.Plan.Component == component).Select(usage => (usage.Plan.BudgetBytes, usage.Databases)).Single());
    }

    [Fact]
    public async Task A_node_that_keeps_its_log_provider_plans_for_it()
    {
        await (await NodeUnderTest.OpenAsync(_baseDir, "bifrost.default-provider=local")).DisposeAsync();
        await using RestateStorage node = await NodeUnderTest.OpenAsync(_baseDir, "bifrost.default-provider=in-memory");
        ComponentPlan? plan = node.Controller.PlanNow().Find(MemoryComponent.LocalLoglet);
        Assert.NotNull(plan);
        Assert.Equal(plan.Settings.WriteBufferBytes, WriteBufferSizeOnDisk("local-loglet"));
    }

    private static MemoryComponent Component(string section) => section switch
    {
        "worker.storage" => MemoryComponent.PartitionStore,
        "log-server" => MemoryComponent.LogServer,
        "metadata-server" => MemoryComponent.MetadataServer,
        _ => MemoryComponent.LocalLoglet,
    };

    private long WriteBufferSizeOnDisk(string folder)
    {
        string newest = Directory.GetFiles(Path.Combine(_baseDir, "n1", folder), "OPTIONS-*")
            .Where(path => !path.EndsWith("tmp", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Last();
        const string Key = "write_buffer_size=";
        string line = File.ReadLines(newest).Select(text => text.Trim()).Single(text => text.StartsWith(Key, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Key.Length), CultureInfo.InvariantCulture);
    }
}
