namespace Restate.Admin.Api.Query;

/// <summary>How far a query is.</summary>
internal enum QueryState
{
    /// <summary>It waits for a slot.</summary>
    Queued,

    /// <summary>It is checked, planned, or reads.</summary>
    Running,

    /// <summary>It gave all its rows.</summary>
    Finished,

    /// <summary>It was refused or failed.</summary>
    Failed,

    /// <summary>Its client went away, or somebody cancelled it.</summary>
    Cancelled,
}

/// <summary>A query that runs or ran, for those who look after the node. Thread-safe.</summary>
internal sealed class QueryRecord
{
    /// <summary>Characters of a statement that are kept.</summary>
    public const int MaxText = 4096;

    /// <summary>Characters of an error that are kept.</summary>
    public const int MaxError = 1024;

    private readonly TimeProvider _time;
    private readonly long _startedTimestamp;
    private QueryGuard? _guard;
    private QueryScope? _scope;
    private QueryFigures _last;
    private long _rows;
    private int _state;

    /// <param name="id">Unique name.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="guard">Stops it.</param>
    /// <param name="time">Clock.</param>
    public QueryRecord(string id, string sql, string client, QueryGuard guard, TimeProvider time)
    {
        Id = id;
        Text = Cut(sql, MaxText);
        Client = client;
        StartedAt = time.GetUtcNow();
        _startedTimestamp = time.GetTimestamp();
        _guard = guard;
        _time = time;
    }

    /// <summary>Unique name of the query on this node.</summary>
    public string Id { get; }

    /// <summary>The statement, its beginning where it is long.</summary>
    public string Text { get; }

    /// <summary>Who asked: name of the token and address, or the address alone.</summary>
    public string Client { get; }

    /// <summary>When it came.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>How far it is.</summary>
    public QueryState State => (QueryState)Volatile.Read(ref _state);

    /// <summary>Why it failed or was cancelled; null otherwise.</summary>
    public string? Error { get; private set; }

    /// <summary>Its figures now, or at its end.</summary>
    public QueryFigures Figures
    {
        get
        {
            // The last figures are written before the scope is let go, so one of the two is whole.
            QueryScope? scope = Volatile.Read(ref _scope);
            QueryGuard? guard = Volatile.Read(ref _guard);
            return guard is null ? _last : Read(scope, guard);
        }
    }

    /// <summary>It has a slot.</summary>
    internal void Begin(QueryScope scope)
    {
        Volatile.Write(ref _scope, scope);
        Volatile.Write(ref _state, (int)QueryState.Running);
    }

    /// <summary>Counts rows of the answer.</summary>
    internal void AddRows(int rows) => Interlocked.Add(ref _rows, rows);

    /// <summary>It is over.</summary>
    /// <param name="state">How it ended.</param>
    /// <param name="error">Why, where it did not finish.</param>
    internal void End(QueryState state, string? error)
    {
        if (_guard is { } guard)
            _last = Read(_scope, guard);
        Error = error is null ? null : Cut(error, MaxError);
        Volatile.Write(ref _state, (int)state);

        // What is kept of it afterwards is text and numbers.
        Volatile.Write(ref _guard, null);
        Volatile.Write(ref _scope, null);
    }

    /// <summary>Ends it for an operator.</summary>
    internal void Cancel() => Volatile.Read(ref _guard)?.Stop(
        new QueryException(QueryFailure.Stopped, $"the query was cancelled by an operator (DELETE /queries/{Id})"));

    private QueryFigures Read(QueryScope? scope, QueryGuard guard) => new(
        _time.GetElapsedTime(_startedTimestamp),
        scope?.PartitionCount ?? 0,
        scope?.RowsScanned ?? 0,
        Volatile.Read(ref _rows),
        guard.PeakBytes,
        guard.PeakSpillBytes);

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)] + "…";
}

/// <summary>Figures of a query.</summary>
/// <param name="Elapsed">Since it came.</param>
/// <param name="Partitions">Partitions it reads.</param>
/// <param name="RowsScanned">Rows that scans of stored tables delivered.</param>
/// <param name="Rows">Rows of its answer so far.</param>
/// <param name="PeakBytes">Most bytes that all queries together held while it ran.</param>
/// <param name="SpilledBytes">Most bytes that all queries together had on disk while it ran.</param>
internal readonly record struct QueryFigures(
    TimeSpan Elapsed, int Partitions, long RowsScanned, long Rows, long PeakBytes, long SpilledBytes);
