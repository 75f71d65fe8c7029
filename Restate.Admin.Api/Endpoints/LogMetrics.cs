using Prometheus;
using Restate.Storage.Hosting;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Logs and what reads them as Prometheus series: the record cache, and processors that were restarted.</summary>
internal static class LogMetrics
{
    /// <summary>Adds the series to a registry; they are read from the node at every scrape.</summary>
    public static void Register(CollectorRegistry registry, RestateStorage node)
    {
        MetricFactory factory = Metrics.WithCustomRegistry(registry);
        Gauge records = factory.CreateGauge("restate_bifrost_record_cache_records", "Log records that the record cache holds.");
        Counter hits = factory.CreateCounter("restate_bifrost_record_cache_hits_total", "Log records that readers found in the record cache.");
        Counter misses = factory.CreateCounter(
            "restate_bifrost_record_cache_misses_total", "Log records that readers had to read from the log's store.");
        Counter restarts = factory.CreateCounter(
            "restate_partition_processor_restarts_total", "Restarts in place of failed partitions, those that failed too.");
        Gauge failed = factory.CreateGauge(
            "restate_bifrost_log_store_failed", "1 while the log takes no records after a failed write, such as on a full disk; else 0.");
        Counter failures = factory.CreateCounter(
            "restate_bifrost_log_store_failures_total", "Times that a failed write stopped the log.");
        registry.AddBeforeCollectCallback(() =>
        {
            failed.Set(node.LogFailure is null ? 0 : 1);
            failures.IncTo(node.LogFailureCount);
            records.Set(node.RecordCache.Entries);
            hits.IncTo(node.RecordCache.Hits);
            misses.IncTo(node.RecordCache.Misses);
            restarts.IncTo(node.Partitions.RestartCount);
        });
    }
}
