using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Restate.Admin.Api.Query.Dialect;
using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Api.Query.Interop;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Query;

/// <summary>
/// A running query and its rows, read as a stream. One reader at a time. Disposing ends it, at whatever point it is, and gives
/// back everything it held: session, slot, leases.
/// </summary>
internal sealed class QueryResult : IAsyncDisposable
{
    /// <summary><c>DUCKDB_STATEMENT_TYPE_SELECT</c>.</summary>
    private const int SelectStatement = 1;

    private const string OnSession = "Disposed by DisposeAsync, on the session's thread";

    private readonly QuerySession _session;
    private readonly QueryScope _scope;
    private readonly TableFunctions _functions;
    private readonly Action<QueryResult> _ended;
    private readonly QueryRecord _record;
    private readonly long _capacity;

    [SuppressMessage("Reliability", "CA2213", Justification = OnSession)]
    private DuckDbStatement? _statement;

    [SuppressMessage("Reliability", "CA2213", Justification = OnSession)]
    private DuckDbResult? _result;

    [SuppressMessage("Reliability", "CA2213", Justification = OnSession)]
    private DuckDbChunk? _chunk;

    private Exception? _failure;
    private int _row;
    private int _count;
    private bool _isDrained;
    private bool _isDisposed;

    /// <param name="session">Runs the query.</param>
    /// <param name="scope">What its scans share.</param>
    /// <param name="functions">Knows the inner names that must not show.</param>
    /// <param name="record">Tells others of the query.</param>
    /// <param name="capacity">Bytes of the pool, for messages.</param>
    /// <param name="ended">Called once everything but session and slot is given back.</param>
    internal QueryResult(
        QuerySession session, QueryScope scope, TableFunctions functions, QueryRecord record, long capacity, Action<QueryResult> ended)
    {
        _record = record;
        _session = session;
        _scope = scope;
        _functions = functions;
        _capacity = capacity;
        _ended = ended;
    }

    /// <summary>The columns, in order.</summary>
    internal IReadOnlyList<ResultColumn> Columns { get; private set; } = [];

    internal QueryGuard Guard => _scope.Guard;

    internal QuerySession Session => _session;

    /// <summary>What others see of the query.</summary>
    internal QueryRecord Record => _record;

    /// <summary>True once all rows were read.</summary>
    internal bool IsDrained => _isDrained;

    /// <summary>What went wrong first; null when nothing has.</summary>
    internal Exception? Failure => _failure;

    internal QueryScope Scope => _scope;

    /// <summary>Rows that scans of stored tables have delivered so far.</summary>
    internal long RowsScanned => _scope.RowsScanned;

    /// <summary>Partitions the query reads.</summary>
    internal int PartitionsRead => _scope.PartitionCount;

    /// <summary>Partitions that were not available and are left out of the answer.</summary>
    internal IReadOnlyList<PartitionId> Missing => _scope.Missing;

    /// <summary>Reads rows into <paramref name="sink"/> until it is full.</summary>
    /// <returns>False at the end; the sink has then been completed.</returns>
    /// <exception cref="QueryException">The query failed; the rows so far are not the whole answer.</exception>
    internal Task<bool> ReadAsync(IRowSink sink) => _session.RunAsync(Guard, () => Mapped(() => Pump(sink)));

    /// <summary>Runs <paramref name="work"/> and tells its failure in the query's terms.</summary>
    internal T Mapped<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DuckDbException inner)
        {
            QueryException failure = Translate(inner);
            Fail(failure);
            throw failure;
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    /// <summary>Notes what went wrong; the first counts. Rows may be read and sent at the same time.</summary>
    internal void Fail(Exception failure) => Interlocked.CompareExchange(ref _failure, failure, null);

    /// <summary>Ends in the guard's reason where the query must end, and notes it.</summary>
    /// <exception cref="QueryException">The query must end; the rows so far are not an answer.</exception>
    internal void ThrowIfStopped()
    {
        if (Guard.Reason is { } reason)
            Fail(reason);
        Guard.ThrowIfStopped();
    }

    /// <summary>
    /// Ends the query because nobody waits for its rows. The reason reads as that of a caller whose token was cancelled: a client that
    /// goes away does both, and which is noticed first is chance.
    /// </summary>
    internal void GiveUp()
    {
        Guard.Stop(new QueryException(QueryFailure.Cancelled, "the query was cancelled"));

        // Rows that nobody took are no answer, even if they were the last.
        if (Guard.Reason is { } reason)
            Fail(reason);
    }

    /// <summary>Prepares and starts a statement the gate has passed. On the session's thread.</summary>
    internal void Start(string sql, IReadOnlyList<ColumnOrigin>? origins, ResultNames names)
    {
        TableFunctions.BindFor(_scope);
        try
        {
            int failed = DuckDbNative.Prepare(_session.Connection, sql, out nint statement);
            _statement = new DuckDbStatement(statement);
            if (failed != 0)
                throw new DuckDbException(Marshal.PtrToStringUTF8(DuckDbNative.PrepareError(_statement)) ?? "DuckDB did not prepare");
            if (DuckDbNative.PreparedStatementType(_statement) != SelectStatement)
                throw QueryException.Invalid("only SELECT statements are supported");

            // Binding may happen again when execution starts, and must then number the tables alike.
            TableFunctions.BindFor(_scope);
            _result = new DuckDbResult();
            if (DuckDbNative.ExecutePreparedStreaming(_statement, _result) != 0)
                throw Failed();
        }
        finally
        {
            TableFunctions.BindFor(null);
        }

        Columns = ReadColumns(_result, origins, names);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (!_isDrained)
            GiveUp();
        try
        {
            await _session.RunAsync(() =>
            {
                _chunk?.Dispose();
                _result?.Dispose();
                _statement?.Dispose();

                // DuckDB keeps the pipelines of a stream that was not read to its end, and with them our scans, until the
                // connection's next statement; this one makes it stop and free them.
                if (!_isDrained)
                    EndStream();
            });
        }
        finally
        {
            // Before the leases go: a stream that could not be ended still holds scans of their partitions.
            if (_session.IsSpent || _session.IsBroken)
                _session.Dispose();
            _scope.Release();
            _ended(this);
        }
    }

    private void EndStream()
    {
        try
        {
            DuckDbInstance.Execute(_session.Connection, "SELECT 1");
        }
        catch (DuckDbException)
        {
            // For want of memory, when others hold it all: closing the connection frees the stream too.
            _session.IsSpent = true;
        }
    }

    private List<ResultColumn> ReadColumns(DuckDbResult result, IReadOnlyList<ColumnOrigin>? origins, ResultNames names)
    {
        var columns = new List<ResultColumn>();
        int count = (int)DuckDbNative.ColumnCount(result);
        for (int i = 0; i < count; i++)
        {
            string name = _functions.Visible(Marshal.PtrToStringUTF8(DuckDbNative.ColumnName(result, (ulong)i)) ?? "");
            using var type = new DuckDbLogicalType(DuckDbNative.ColumnLogicalType(result, (ulong)i));
            ColumnOrigin origin = origins?.Count == count ? origins[i] : ColumnOrigin.Expression;
            name = names.Of(name, i, count);
            columns.Add(new ResultColumn(name, ResultType.Read(type, name), origin));
        }

        return columns;
    }

    private QueryException Translate(DuckDbException inner)
    {
        var e = new DuckDbException(_functions.Visible(inner.Message));
        _session.IsBroken |= e.IsFatal;

        // DuckDB carries only the text of what a scan threw.
        return Guard.Reason is null && _scope.Failure is { } failure
            ? new QueryException(
                failure is QueryException query ? query.Failure
                    : failure is PartitionUnavailableException ? QueryFailure.Unavailable : QueryFailure.Internal,
                failure.Message,
                failure)
            : QueryErrors.From(e, Guard, _capacity);
    }

    private DuckDbException Failed() => new(_result!.Error ?? "DuckDB failed without a message");

    private bool Pump(IRowSink sink)
    {
        while (true)
        {
            if (_chunk is null)
            {
                _chunk = _result!.Fetch();
                if (_chunk is null)
                {
                    if (_result.Error is { } error)
                        throw new DuckDbException(error);
                    Guard.ThrowIfStopped();
                    _isDrained = true;
                    sink.Complete();
                    return false;
                }

                _row = 0;
                _count = _chunk.RowCount;
                for (int i = 0; i < Columns.Count; i++)
                    Columns[i].Bind(_chunk.Vector(i));
            }

            int first = _row;
            _row = sink.Append(first, _count);
            _record.AddRows(_row - first);
            if (_row >= _count)
            {
                _chunk.Dispose();
                _chunk = null;
            }

            if (sink.IsFull)
                return true;
        }
    }
}
