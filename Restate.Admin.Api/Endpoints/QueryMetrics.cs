using System.Text.Json;
using Prometheus;
using Restate.Admin.Api.Query;

namespace Restate.Admin.Api.Endpoints;

/// <summary>What the node port tells of SQL queries.</summary>
internal sealed class QueryMetrics
{
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly QueryEngine _engine;
    private readonly Gauge _running;
    private readonly Gauge _queued;
    private readonly Gauge _spilled;
    private readonly Counter _ended;
    private readonly Counter _failures;
    private readonly Histogram _duration;
    private readonly Counter _scanned;
    private readonly Counter _rows;
    private readonly Counter _stoppedReaders;

    /// <summary>Creates the metrics and follows the engine.</summary>
    /// <param name="engine">Its queries are counted.</param>
    /// <param name="registry">The node's metrics.</param>
    public QueryMetrics(QueryEngine engine, CollectorRegistry registry)
    {
        MetricFactory metrics = Metrics.WithCustomRegistry(registry);
        _running = metrics.CreateGauge("restate_queries_running", "SQL queries that run.");
        _queued = metrics.CreateGauge("restate_queries_queued", "SQL queries that wait for a slot.");
        _spilled = metrics.CreateGauge("restate_queries_spilled_bytes", "Bytes that SQL queries have on disk.");
        _ended = metrics.CreateCounter("restate_queries_total", "SQL queries that ended, by how.", "state");
        foreach (QueryState state in new[] { QueryState.Finished, QueryState.Failed, QueryState.Cancelled })
            _ended.WithLabels(Name(state));
        _failures = metrics.CreateCounter(
            "restate_query_failures_total", "SQL queries that were refused or failed, by why: busy is 429, out_of_memory 507.", "reason");
        foreach (QueryFailure failure in Enum.GetValues<QueryFailure>())
            _failures.WithLabels(Name(failure));
        _duration = metrics.CreateHistogram(
            "restate_query_duration_seconds",
            "Time from the request of a SQL query to its last row, or to its failure.",
            new HistogramConfiguration { Buckets = Seconds });
        _scanned = metrics.CreateCounter("restate_query_scanned_rows_total", "Rows of stored tables that SQL queries read.");
        _rows = metrics.CreateCounter("restate_query_returned_rows_total", "Rows that SQL queries answered with.");
        _stoppedReaders = metrics.CreateCounter(
            "restate_queries_stopped_readers_total",
            "SQL queries that were ended because their client stopped reading while memory was short or others waited for a slot.");
        _engine = engine;
        engine.Queries.Ended += Count;
        registry.AddBeforeCollectCallback(Read);
    }

    /// <summary>Counts a query that was refused or failed.</summary>
    public void CountFailure(QueryFailure failure) => _failures.WithLabels(Name(failure)).Inc();

    private void Read()
    {
        _running.Set(_engine.Queries.Count(QueryState.Running));
        _queued.Set(_engine.Queries.Count(QueryState.Queued));
        _spilled.Set(_engine.SpilledBytes);
        _stoppedReaders.IncTo(_engine.StoppedReaders);
    }

    private void Count(QueryRecord record)
    {
        QueryFigures figures = record.Figures;
        _ended.WithLabels(Name(record.State)).Inc();
        _duration.Observe(figures.Elapsed.TotalSeconds);
        _scanned.Inc(figures.RowsScanned);
        _rows.Inc(figures.Rows);
    }

    private static string Name(QueryState state) => state.ToString().ToLowerInvariant();

    private static string Name(QueryFailure failure) => JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.ToString());
}
