using Prometheus;
using Restate.Storage.Hosting;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Logs as Prometheus series: what is appended and how long it takes, what is read, and the record cache.</summary>
internal static class LogMetrics
{
    /// <summary>Around what a sync takes: a tenth of a millisecond on a good disk, seconds on one that is about to fail.</summary>
    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly QuantileEpsilonPair[] Quantiles = [new(0.5, 0.02), new(0.9, 0.01), new(0.99, 0.001)];

    /// <summary>Adds the series to a registry; counters are read from the node at every scrape.</summary>
    public static void Register(CollectorRegistry registry, RestateStorage node)
    {
        MetricFactory factory = Metrics.WithCustomRegistry(registry);
        Gauge records = factory.CreateGauge("restate_bifrost_record_cache_records", "Log records that the record cache holds.");
        Counter hits = factory.CreateCounter("restate_bifrost_record_cache_hits_total", "Log records that readers found in the record cache.");
        Counter misses = factory.CreateCounter(
            "restate_bifrost_record_cache_misses_total", "Log records that readers had to read from the log's store.");
        Counter committed = factory.CreateCounter(
            "restate_bifrost_sequencer_committed_records_total", "Records appended to the logs that are durable.");
        Counter committedBytes = factory.CreateCounter(
            "restate_bifrost_sequencer_committed_records_bytes_total", "Bytes of records appended to the logs that are durable.");
        Counter enqueued = factory.CreateCounter(
            "restate_bifrost_replicatedloglet_enqueued_records_total", "As restate_bifrost_sequencer_committed_records_total: there is one copy.");
        Counter read = factory.CreateCounter(
            "restate_bifrost_replicatedloglet_read_record_total", "Log records that readers read, from the record cache or the log's store.");
        Counter readCached = factory.CreateCounter(
            "restate_bifrost_replicatedloglet_read_record_cache_hit_total", "As restate_bifrost_record_cache_hits_total.");
        Gauge failed = factory.CreateGauge(
            "restate_bifrost_log_store_failed", "1 while the log takes no records after a failed write, such as on a full disk; else 0.");
        Counter failures = factory.CreateCounter(
            "restate_bifrost_log_store_failures_total", "Times that a failed write stopped the log.");
        Summary append = factory.CreateSummary(
            "restate_bifrost_sequencer_append_duration_seconds",
            "Time from the append of a record until it was durable.",
            new SummaryConfiguration { Objectives = Quantiles, MaxAge = TimeSpan.FromMinutes(1) });
        Histogram commit = factory.CreateHistogram(
            "restate_log_server_commit_duration_seconds",
            "Time to write and sync one group of log records.",
            new HistogramConfiguration { Buckets = Seconds });
        node.LogStatistics.Appended += elapsed => append.Observe(elapsed.TotalSeconds);
        node.LogStatistics.Written += elapsed => commit.Observe(elapsed.TotalSeconds);
        registry.AddBeforeCollectCallback(() =>
        {
            long cached = node.RecordCache.Hits;
            long stored = node.RecordCache.Misses;
            failures.IncTo(node.LogFailureCount);
            records.Set(node.RecordCache.Entries);
            hits.IncTo(cached);
            readCached.IncTo(cached);
            misses.IncTo(stored);
            read.IncTo(cached + stored);
            committed.IncTo(node.LogStatistics.Records);
            enqueued.IncTo(node.LogStatistics.Records);
            committedBytes.IncTo(node.LogStatistics.Bytes);
            failed.Set(node.LogFailure is null ? 0 : 1);
        });
    }
}
