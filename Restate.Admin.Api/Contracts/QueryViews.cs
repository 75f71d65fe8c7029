namespace Restate.Admin.Api.Contracts;

/// <summary><c>GET /queries</c>.</summary>
/// <param name="Queries">Those that wait or run, oldest first, then the last ones that ended, last first.</param>
public sealed record QueryListView(IReadOnlyList<QueryView> Queries);

/// <summary>One query.</summary>
/// <param name="Id">Its name, for <c>DELETE /queries/{id}</c>.</param>
/// <param name="State"><c>queued</c>, <c>running</c>, <c>finished</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Client">Who asked: name of the token and address, or the address alone.</param>
/// <param name="Query">The statement; the first 4,096 characters of a longer one.</param>
/// <param name="StartedAt">When it came.</param>
/// <param name="ElapsedMs">How long it took, or has taken so far, in milliseconds.</param>
/// <param name="Partitions">Partitions it reads.</param>
/// <param name="RowsScanned">Rows read from stored tables.</param>
/// <param name="Rows">Rows of its answer so far.</param>
/// <param name="MemoryPeakBytes">Most bytes that all queries together held while it ran.</param>
/// <param name="SpilledPeakBytes">Most bytes that all queries together had on disk while it ran, looked at 10 times a second.</param>
/// <param name="Error">Why it failed or was cancelled; null otherwise.</param>
public sealed record QueryView(
    string Id,
    string State,
    string Client,
    string Query,
    DateTimeOffset StartedAt,
    double ElapsedMs,
    int Partitions,
    long RowsScanned,
    long Rows,
    long MemoryPeakBytes,
    long SpilledPeakBytes,
    string? Error);
