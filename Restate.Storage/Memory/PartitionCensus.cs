using Restate.Storage.Types;

namespace Restate.Storage.Memory;

/// <summary>
/// Counts the partitions that hold a share of the partition-store budget: opening, open, or closed for less than the grace
/// period, so that a partition that is only restarted does not move every other's share. Thread-safe.
/// </summary>
/// <remarks>A layer that opens many partitions announces all of them first; each then gets its final share at once.</remarks>
public sealed class PartitionCensus(TimeProvider time)
{
    /// <summary>How long a closed partition keeps its share.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly HashSet<PartitionId> _opening = [];
    private readonly HashSet<PartitionId> _open = [];
    private readonly Dictionary<PartitionId, long> _closed = [];

    /// <summary>Number of partitions that are open now.</summary>
    public int OpenCount
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    /// <summary>A partition is about to open. Call before asking for its settings.</summary>
    public void Opening(PartitionId partition)
    {
        lock (_lock)
        {
            _closed.Remove(partition);
            _open.Remove(partition);
            _opening.Add(partition);
        }
    }

    /// <summary>A partition is open.</summary>
    public void Opened(PartitionId partition)
    {
        lock (_lock)
        {
            _closed.Remove(partition);
            _opening.Remove(partition);
            _open.Add(partition);
        }
    }

    /// <summary>A partition closed, or failed to open. One that was not announced is not counted.</summary>
    public void Closed(PartitionId partition)
    {
        lock (_lock)
        {
            if (_opening.Remove(partition) | _open.Remove(partition))
                _closed[partition] = time.GetTimestamp();
        }
    }

    /// <summary>Number of partitions that hold a share now.</summary>
    public int Counted()
    {
        lock (_lock)
        {
            foreach ((PartitionId partition, long at) in _closed)
            {
                // Time that passed, not times of day: clocks are set back.
                if (time.GetElapsedTime(at) >= Grace)
                    _closed.Remove(partition);
            }

            return _opening.Count + _open.Count + _closed.Count;
        }
    }
}
