using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query;

/// <summary>
/// Stops one query: remembers the first reason and interrupts whatever native call the query is in. DuckDB forgets an interrupt
/// that comes before a statement starts, so <see cref="QueryWatch"/> repeats it until the call has returned. Thread-safe.
/// </summary>
internal sealed class QueryGuard : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _caller;
    private readonly TimeProvider _time;
    private DuckDbConnection? _connection;
    private volatile QueryException? _reason;
    private volatile bool _mayHoldMemory;
    private bool _isDisposed;
    private long _waitsForReaderSince;

    internal QueryGuard(TimeSpan timeout, TimeProvider time, CancellationToken caller)
    {
        Timeout = timeout;
        DeadlineTimestamp = time.GetTimestamp() + (long)(timeout.TotalSeconds * time.TimestampFrequency);
        _caller = caller;
        _time = time;
        _stop = new CancellationTokenSource();
        _registration = caller.Register(static state => ((QueryGuard)state!).StopForCaller(), this);
    }

    /// <summary>The time limit.</summary>
    internal TimeSpan Timeout { get; }

    /// <summary>When the time limit passes, in ticks of the time provider.</summary>
    internal long DeadlineTimestamp { get; }

    /// <summary>Cancelled when the query must end: for what awaits something other than DuckDB.</summary>
    internal CancellationToken Token => _stop.Token;

    /// <summary>Why the query must end; null while it may go on.</summary>
    internal QueryException? Reason => _reason;

    /// <summary>True once the query must end.</summary>
    internal bool IsStopped => _reason is not null;

    /// <summary>When the query began to wait for its reader, in ticks of the time provider; null while it does not.</summary>
    internal long? WaitsForReaderSince => Volatile.Read(ref _waitsForReaderSince) is var since and not 0 ? since : null;

    /// <summary>Most bytes the engine held while this query ran.</summary>
    internal long PeakBytes { get; private set; }

    /// <summary>Most bytes that were seen beyond what is counted while this query ran; see <see cref="UncountedMemory"/>.</summary>
    internal long PeakUncountedBytes { get; private set; }

    /// <summary>Most bytes the engine had on disk while this query ran, as far as they were looked at.</summary>
    internal long PeakSpillBytes { get; private set; }

    /// <summary>
    /// True from where the engine plans the query: only then can it be to blame for memory. One that waits for a slot, or for its text to be
    /// checked, holds next to nothing.
    /// </summary>
    internal bool MayHoldMemory { get => _mayHoldMemory; set => _mayHoldMemory = value; }

    /// <summary>Tells what the query is known to take in one go later on; null: nothing is known.</summary>
    internal Func<long>? Foreseen { get; set; }

    /// <summary>Bytes that the query is known to take in one go later on, or has taken.</summary>
    internal long ForeseenBytes => Foreseen?.Invoke() ?? 0;

    /// <summary>Marks the start of native calls on <paramref name="connection"/>.</summary>
    /// <exception cref="QueryException">The query must end.</exception>
    internal void Enter(DuckDbConnection connection)
    {
        lock (_lock)
        {
            ThrowIfStopped();
            _connection = connection;
        }
    }

    /// <summary>Marks their end: from here on the connection may serve another query.</summary>
    internal void Exit()
    {
        lock (_lock)
            _connection = null;
    }

    /// <summary>Marks that a piece of the answer was handed over, until <see cref="ReaderTook"/>.</summary>
    internal void WaitForReader() => Volatile.Write(ref _waitsForReaderSince, Math.Max(1, _time.GetTimestamp()));

    /// <summary>Marks that the reader took it.</summary>
    internal void ReaderTook() => Volatile.Write(ref _waitsForReaderSince, 0);

    /// <summary>Ends the query for <paramref name="reason"/>, unless it already ends for another.</summary>
    internal void Stop(QueryException reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is not null)
            return;
        lock (_lock)
        {
            if (_isDisposed)
                return;
            if (_connection is { } connection)
                DuckDbNative.Interrupt(connection);

            // Asynchronously: what waits on the token must not run on the thread that watches.
            _ = _stop.CancelAsync();
        }
    }

    /// <summary>Interrupts the native call the stopped query is in, if any.</summary>
    internal void Repeat()
    {
        lock (_lock)
        {
            if (_reason is not null && _connection is { } connection)
                DuckDbNative.Interrupt(connection);
        }
    }

    /// <summary>Notes how much the engine holds: what is counted, and what more was seen of the process.</summary>
    internal void NoteMemory(long counted, long uncounted)
    {
        PeakBytes = Math.Max(PeakBytes, counted + uncounted);
        PeakUncountedBytes = Math.Max(PeakUncountedBytes, uncounted);
    }

    /// <summary>Notes how much the engine has on disk.</summary>
    internal void NoteSpill(long bytes) => PeakSpillBytes = Math.Max(PeakSpillBytes, bytes);

    internal void ThrowIfStopped()
    {
        if (_reason is { } reason)
            throw new QueryException(reason.Failure, reason.Message, reason);
    }

    public void Dispose()
    {
        _registration.Dispose();
        lock (_lock)
        {
            _isDisposed = true;
            _stop.Dispose();
        }
    }

    internal static QueryException DeadlinePassed(TimeSpan timeout) => new(
        QueryFailure.Deadline,
        $"the query took longer than {timeout.TotalSeconds:0.###} s (admin.query-engine.query-timeout)");

    private void StopForCaller() =>
        Stop(new QueryException(QueryFailure.Cancelled, "the query was cancelled", new OperationCanceledException(_caller)));
}
