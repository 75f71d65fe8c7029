using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Tables;
using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>The table of queries.</summary>
internal static class QueryTable
{
    internal static readonly TableDefinition Queries = new(
        "sys_queries",
        "One query: those that wait or run, oldest first, then the last ones that ended, last first",
        [
            Text("id", "name of the query, for DELETE /queries/{id}"),
            Text("state", "queued, running, finished, failed or cancelled"),
            Text("client", "who asked: name of the token and address, or the address alone"),
            Text("query", "the statement; the beginning of a long one"),
            Time("started_at", "when it came"),
            Real("elapsed_ms", "how long it took, or has taken so far"),
            Small("partitions", "partitions it reads"),
            Number("rows_scanned", "rows read from stored tables"),
            Number("rows", "rows of its answer"),
            Number("memory_peak_bytes", "most bytes that all queries together held while it ran"),
            Number("spilled_peak_bytes", "most bytes that all queries together had on disk while it ran"),
            Text("error", "why it failed or was cancelled"),
        ]);

    internal static MemoryTable Over(QueryLog log) => Queries.Over(() =>
    [
        .. log.Records.Select(record =>
        {
            QueryFigures figures = record.Figures;
            return new object?[]
            {
                record.Id,
                record.State.ToString().ToLowerInvariant(),
                record.Client,
                record.Text,
                record.StartedAt,
                figures.Elapsed.TotalMilliseconds,
                (uint)figures.Partitions,
                (ulong)figures.RowsScanned,
                (ulong)figures.Rows,
                (ulong)figures.PeakBytes,
                (ulong)figures.SpilledBytes,
                record.Error,
            };
        }),
    ]);
}
