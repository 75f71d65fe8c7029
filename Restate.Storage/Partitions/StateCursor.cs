using Restate.Storage.Types;

namespace Restate.Storage.Partitions;

/// <summary>Walks state entries of one partition store in key order. Not thread-safe; one thread at a time.</summary>
public sealed class StateCursor : IDisposable
{
    /// <summary>Steps to the next entry; false at the end.</summary>
    /// <exception cref="StorageException">The store could not be read.</exception>
    public bool MoveNext() => throw new NotImplementedException();

    /// <summary>True when this entry belongs to the same object (partition key, service name, service key) as the entry before.</summary>
    public bool SameObject => throw new NotImplementedException();

    /// <summary>Partition key of the entry.</summary>
    public ulong PartitionKey => throw new NotImplementedException();

    /// <summary>Service name, UTF-8. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> ServiceName => throw new NotImplementedException();

    /// <summary>Object key, UTF-8. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> ServiceKey => throw new NotImplementedException();

    /// <summary>State key, any bytes. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Key => throw new NotImplementedException();

    /// <summary>Value, any bytes. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Value => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>
/// The right to read one open partition store at one snapshot. It keeps the store open: closing the partition waits for its
/// leases for a while and then cancels <see cref="Interrupted"/>. Thread-safe; dispose exactly once, after all its cursors.
/// </summary>
public sealed class PartitionScanLease : IDisposable
{
    /// <summary>The partition.</summary>
    public PartitionId Partition => throw new NotImplementedException();

    /// <summary>Cancelled when the partition closes and will wait no longer: end the scan with 503 and return the lease.</summary>
    public CancellationToken Interrupted => throw new NotImplementedException();

    /// <summary>A new cursor before the first entry of <paramref name="range"/>. Many may be open at once, each used by one thread.</summary>
    public StateCursor OpenState(in StateScanRange range) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
