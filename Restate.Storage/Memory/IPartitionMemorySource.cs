using Restate.Storage.Types;

namespace Restate.Storage.Memory;

/// <summary>A partition of this node as the memory report shows it.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="State"><c>opening</c>, <c>open</c>, <c>draining</c> or <c>closed</c>.</param>
/// <param name="Applied">Last record applied; null while it is closed.</param>
/// <param name="Durable">Last record whose effects are on disk; null while it is closed.</param>
public readonly record struct PartitionMemoryInfo(PartitionId Partition, string State, Lsn? Applied, Lsn? Durable);

/// <summary>Tells the states of all partitions. Implemented by the partition layer.</summary>
public interface IPartitionMemorySource
{
    /// <summary>All partitions of the node, closed ones too, by number.</summary>
    IReadOnlyList<PartitionMemoryInfo> Read();
}
