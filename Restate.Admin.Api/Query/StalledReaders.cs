namespace Restate.Admin.Api.Query;

/// <summary>
/// The rule for clients that stop reading: as long as nobody needs what such a query holds it may wait until its time limit, because a
/// person behind a pager reads like that. Once memory is short or another query waits for a slot, the query that has waited longest for
/// its reader ends, if that is at least <see cref="Patience"/>.
/// </summary>
/// <remarks>
/// What counts is progress: the client has to take one piece of the answer (about 64 KiB before compression, never more than
/// 128 KiB) in that time. A client that reads slower, 1 KB/s say, cannot be told from one that stopped: what it takes shows
/// only as the buffers of both kernels let it through, in steps of about that size.
/// </remarks>
/// <param name="time">Clock.</param>
/// <param name="need">Why what stalled queries hold is needed now; null while it is not.</param>
internal sealed class StalledReaders(TimeProvider time, Func<string?> need)
{
    /// <summary>Longer than a client that computes on a portion takes for it, and than a lost packet takes to be sent again.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>From one end to the next: the slot or the memory of the first reaches who waits for it meanwhile.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private long _stopped;
    private long? _lastStop;

    /// <summary>Queries ended so far.</summary>
    internal long Stopped => Volatile.Read(ref _stopped);

    /// <summary>Ends one query where the rule says so. One thread at a time.</summary>
    internal void Stop(IReadOnlyList<QueryGuard> running, long now)
    {
        if (_lastStop is { } last && time.GetElapsedTime(last, now) < Pause)
            return;
        QueryGuard? longest = null;
        foreach (QueryGuard guard in running)
        {
            if (guard.IsStopped || guard.WaitsForReaderSince is not { } since)
                continue;
            if (time.GetElapsedTime(since, now) >= Patience && (longest is null || since < longest.WaitsForReaderSince))
                longest = guard;
        }

        if (longest is null || need() is not { } reason)
            return;
        longest.Stop(new QueryException(
            QueryFailure.ReaderStopped, $"the client stopped reading for {Patience.TotalSeconds:0} s while {reason}"));
        _lastStop = now;
        Interlocked.Increment(ref _stopped);
    }
}
