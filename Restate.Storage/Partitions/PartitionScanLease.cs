using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Storage.Partitions;

/// <summary>
/// The right to read one open partition store at one snapshot. It keeps the store open: closing the partition waits for its
/// leases for a while and then cancels <see cref="Interrupted"/>. Thread-safe; dispose exactly once, after all its cursors.
/// </summary>
public sealed class PartitionScanLease : IDisposable
{
    private readonly RocksDatabase _database;
    private readonly RocksSnapshot _snapshot;
    private readonly Action _released;
    private int _disposed;

    internal PartitionScanLease(PartitionId partition, RocksDatabase database, CancellationToken interrupted, Action released)
    {
        Partition = partition;
        Interrupted = interrupted;
        _database = database;
        _released = released;
        _snapshot = database.CreateSnapshot();
    }

    /// <summary>The partition.</summary>
    public PartitionId Partition { get; }

    /// <summary>Cancelled when the partition closes and will wait no longer: end the scan with 503 and return the lease.</summary>
    public CancellationToken Interrupted { get; }

    /// <summary>A new cursor before the first entry of <paramref name="range"/>. Many may be open at once, each used by one thread.</summary>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    public StateCursor OpenState(in StateScanRange range)
    {
        // A lookup warms the cache for the next one; a full scan would only push out what others need.
        RocksIterator iterator = _database.CreateIterator(
            _snapshot, fillCache: range.PartitionKey is not null, isBounded: range != StateScanRange.All);
        return new StateCursor(iterator, range);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _snapshot.Dispose();
        _released();
    }
}
