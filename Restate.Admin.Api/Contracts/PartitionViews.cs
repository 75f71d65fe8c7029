namespace Restate.Admin.Api.Contracts;

/// <summary>A partition of the node.</summary>
/// <param name="PartitionId">Its number.</param>
/// <param name="State"><c>opening</c>, <c>open</c>, <c>draining</c>, <c>closed</c> or <c>failed</c>.</param>
/// <param name="KeyRange">Partition keys it owns, first and last, as decimal numbers.</param>
/// <param name="LeaderEpoch">Epoch of its processor.</param>
/// <param name="AppliedLsn">Last log record whose effects are in the store.</param>
/// <param name="DurableLsn">Last log record whose effects are on disk.</param>
/// <param name="TailLsn">Last record of its log.</param>
/// <param name="TrimPoint">Last record of its log that is gone.</param>
/// <param name="Scans">SQL scans that read it now.</param>
/// <param name="Failure">Why it failed, or what an open one waits for, such as disk space; null when neither.</param>
/// <param name="Restarts">Restarts in place after a failure since the node started, those that failed too.</param>
/// <param name="RestartAt">When a failed partition is restarted next; null when no restart is due.</param>
public sealed record PartitionView(
    int PartitionId,
    string State,
    PartitionKeyRangeView KeyRange,
    ulong LeaderEpoch,
    ulong AppliedLsn,
    ulong DurableLsn,
    ulong TailLsn,
    ulong TrimPoint,
    int Scans,
    string? Failure,
    int Restarts,
    DateTimeOffset? RestartAt);

/// <summary>An inclusive range of partition keys.</summary>
/// <param name="Start">First key.</param>
/// <param name="End">Last key.</param>
public sealed record PartitionKeyRangeView(ulong Start, ulong End);

/// <summary>All partitions of the node.</summary>
/// <param name="Partitions">By number.</param>
public sealed record PartitionListView(IReadOnlyList<PartitionView> Partitions);
