using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>
/// How much log, and how old, stands between what a partition applied and what a flush made durable. Kept as marks along the
/// log, one for every MiB. Thread-safe.
/// </summary>
internal sealed class DurabilityTracker(TimeProvider time)
{
    private const long MarkEveryBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<Mark> _marks = new();
    private Lsn _appliedLsn;
    private long _lastMarkBytes;
    private long _durableBytes;
    private long _appliedBytes;

    /// <summary>Log bytes that are applied but not durable; exact to a MiB.</summary>
    public long GapBytes
    {
        get
        {
            lock (_lock)
                return _marks.Count == 0 ? 0 : _appliedBytes - _durableBytes;
        }
    }

    /// <summary>Log bytes known to be durable since this tracker began.</summary>
    public long DurableBytes
    {
        get
        {
            lock (_lock)
                return _durableBytes;
        }
    }

    /// <summary>How long the oldest change that is not durable has waited.</summary>
    public TimeSpan GapAge
    {
        get
        {
            lock (_lock)
                return _marks.TryPeek(out Mark oldest) ? time.GetElapsedTime(oldest.Timestamp) : TimeSpan.Zero;
        }
    }

    /// <summary>Records were applied.</summary>
    /// <param name="lsn">Last of them.</param>
    /// <param name="appliedBytes">Log bytes applied so far.</param>
    public void Applied(Lsn lsn, long appliedBytes)
    {
        lock (_lock)
        {
            if (appliedBytes == _appliedBytes)
                return;
            _appliedBytes = appliedBytes;
            _appliedLsn = lsn;
            if (_marks.Count == 0 || appliedBytes - _lastMarkBytes >= MarkEveryBytes)
            {
                _marks.Enqueue(new Mark(lsn, appliedBytes, time.GetTimestamp()));
                _lastMarkBytes = appliedBytes;
            }
        }
    }

    /// <summary>Records up to <paramref name="lsn"/> are durable.</summary>
    public void Durable(Lsn lsn, bool everything)
    {
        lock (_lock)
        {
            while (_marks.TryPeek(out Mark mark) && mark.Lsn <= lsn)
                _durableBytes = _marks.Dequeue().Bytes;
            if (everything || lsn >= _appliedLsn)
            {
                _marks.Clear();
                _durableBytes = _appliedBytes;
            }
            else if (_marks.Count == 0 && _appliedBytes > _durableBytes)
            {
                // A flush ended between the last mark and what is applied: the rest must not be forgotten if nothing follows it.
                _marks.Enqueue(new Mark(_appliedLsn, _appliedBytes, time.GetTimestamp()));
                _lastMarkBytes = _appliedBytes;
            }
        }
    }

    private readonly record struct Mark(Lsn Lsn, long Bytes, long Timestamp);
}
