using System.Globalization;
using System.Text;
using Prometheus;
using Restate.Admin.Api.Endpoints;
using Restate.Admin.Tests.Storage.Hosting;
using Restate.Storage.Hosting;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

/// <summary>Series of the record cache, of restarts and of the controller's ticks, from a node that ran.</summary>
public sealed class LogMetricsTests : IDisposable
{
    private readonly string _baseDir = NodeUnderTest.NewDirectory();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_baseDir, recursive: true);

    [Fact]
    public async Task The_page_has_what_the_node_counted()
    {
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        await using RestateStorage node = await NodeUnderTest.OpenAsync(_baseDir);
        LogMetrics.Register(registry, node);
        PartitionMetrics.Register(registry, node);
        ControllerMetrics.Register(registry, node.Controller);
        for (int i = 0; i < 20; i++)
            await NodeUnderTest.PutAsync(node, $"object-{i}", scope: string.Empty, ("a", [1]));
        await NodeUnderTest.RowsAsync(node);
        await node.Controller.RebalanceNowAsync(Cancel);

        string page = await PageAsync(registry);
        Assert.InRange(node.RecordCache.Hits, 20, 30);
        Assert.Equal(node.RecordCache.Hits, Value(page, "restate_bifrost_record_cache_hits_total"));
        Assert.Equal(node.RecordCache.Misses, Value(page, "restate_bifrost_record_cache_misses_total"));
        Assert.Equal(node.RecordCache.Entries, Value(page, "restate_bifrost_record_cache_records"));
        Assert.Equal(0, Value(page, "restate_partition_processor_restarts_total"));
        foreach (string phase in (string[])["plan", "sample", "decide", "apply"])
            Assert.InRange(Value(page, $"restate_memory_controller_tick_duration_seconds_count{{phase=\"{phase}\"}}"), 1, 10);
        Assert.InRange(Value(page, "restate_bifrost_sequencer_committed_records_total"), 20, 30);
        Assert.Equal(0, Value(page, "restate_bifrost_log_store_failures_total"));
    }

    private static async Task<string> PageAsync(CollectorRegistry registry)
    {
        using var page = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(page, Cancel);
        return Encoding.UTF8.GetString(page.ToArray());
    }

    private static long Value(string page, string series) => (long)double.Parse(
        page.Split('\n').Single(line => line.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..], CultureInfo.InvariantCulture);
}
