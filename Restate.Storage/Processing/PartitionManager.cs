using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>The partitions of this node: which keys each owns, and their states.</summary>
public sealed class PartitionManager
{
    /// <summary>Number of partitions; their ids are 0 to this − 1. Fixed once the node has first started.</summary>
    public int PartitionCount => throw new NotImplementedException();

    /// <summary>The partition that owns a key.</summary>
    public PartitionId Find(ulong partitionKey) => throw new NotImplementedException();

    /// <summary>Takes a scan lease. Waits up to 5 s while the partition is replaying.</summary>
    /// <exception cref="PartitionUnavailableException">The partition is closed, draining, or still replaying after the wait.</exception>
    public ValueTask<PartitionScanLease> AcquireScanAsync(PartitionId partition, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
