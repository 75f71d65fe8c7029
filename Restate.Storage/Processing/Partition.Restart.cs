using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>Restarting in place after a failure.</summary>
internal sealed partial class Partition
{
    /// <summary>Pause before the first restart; doubled after every one that does not last.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest pause. A restart costs a record in the log and reads the log anew, so what cannot be mended, such as a record of an
    /// unknown kind, must not be tried in a loop.
    /// </summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>When the next restart is due, to be shown. What decides is the time that passed: clocks are set back.</summary>
    private DateTimeOffset? _restartAt;
    private long _failedAt;
    private TimeSpan _restartAfter;

    /// <summary>A restart is due, or was taken and waits for an opening that is just ending.</summary>
    private bool _restartPending;
    private TimeSpan _pause = FirstPause;
    private long _openedAt;
    private int _restarts;

    /// <summary>Restarts in place since the node started, those that failed too.</summary>
    public int Restarts => Volatile.Read(ref _restarts);

    /// <summary>True when a restart is due; the caller then carries it out.</summary>
    public bool TakeRestart()
    {
        lock (_lock)
        {
            if (_state != PartitionState.Failed || _restartAt is null || context.Time.GetElapsedTime(_failedAt) < _restartAfter)
                return false;
            _restartAt = null;
            return true;
        }
    }

    /// <summary>
    /// Opens a failed partition again: its database anew, then its log from what is durable on, recent records from the record cache.
    /// Does nothing when somebody opened or closed it meanwhile.
    /// </summary>
    /// <exception cref="StorageException">It failed again; the next restart is due later.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        int restart = Interlocked.Increment(ref _restarts);
        Messages.Restarting(context.Logger, Id, restart);
        long cached = Log.ReadFromCache;
        long stored = Log.ReadFromStore;
        if (await OpenAsync(restart: true, cancellationToken))
            Messages.Restarted(context.Logger, Id, _processor?.Applied ?? _lastApplied, Log.ReadFromCache - cached, Log.ReadFromStore - stored);
    }

    /// <summary>An opening begins: its failure is a new one, with a restart of its own.</summary>
    private void BeginOpening()
    {
        lock (_lock)
        {
            _restartAt = null;
            _restartPending = false;
        }
    }

    /// <summary>Under the lock, at every change of the state.</summary>
    private void ScheduleRestart(PartitionState state)
    {
        if (state != PartitionState.Failed)
        {
            _restartAt = null;
            _restartPending = false;
            if (state == PartitionState.Closed)
                _pause = FirstPause;
        }
        else if (!_restartPending)
        {
            // Once for every failure: the processor and whoever opens the partition both tell of one during a replay.
            // One that served for long failed for a new reason, or at least rarely.
            if (_openedAt != 0 && context.Time.GetElapsedTime(_openedAt) > LongestPause)
                _pause = FirstPause;
            _openedAt = 0;
            _restartPending = true;
            _failedAt = context.Time.GetTimestamp();
            _restartAfter = _pause;
            _restartAt = context.Time.GetUtcNow() + _pause;
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }
}
