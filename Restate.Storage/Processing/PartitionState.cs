using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>States of a partition on this node.</summary>
public enum PartitionState
{
    /// <summary>The database opens, the log is being replayed.</summary>
    Opening,

    /// <summary>Serves reads and writes.</summary>
    Open,

    /// <summary>Closing: takes no new work, finishes what runs, flushes.</summary>
    Draining,

    /// <summary>Closed on request until it is opened again or the node restarts.</summary>
    Closed,

    /// <summary>Stopped by an error; it is restarted in place, after a longer pause each time, until it opens or is closed.</summary>
    Failed,
}

/// <summary>What is known about a partition at one moment.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="Range">Partition keys it owns.</param>
/// <param name="State">Its state.</param>
/// <param name="LeaderEpoch">Epoch of its processor; 0 before the first one.</param>
/// <param name="AppliedLsn">Last record whose effects are in the store.</param>
/// <param name="DurableLsn">Last record whose effects would survive a kill without the log.</param>
/// <param name="TailLsn">Last record of its log.</param>
/// <param name="TrimPoint">Last record of its log that is gone.</param>
/// <param name="Scans">Scan leases held.</param>
/// <param name="Failure">Why it failed, or what an open one waits for; null when neither.</param>
/// <param name="Restarts">Restarts in place since the node started, those that failed too.</param>
/// <param name="RestartAt">When the next one is due; null when none is.</param>
public sealed record PartitionStatus(
    PartitionId Partition,
    KeyRange Range,
    PartitionState State,
    ulong LeaderEpoch,
    Lsn AppliedLsn,
    Lsn DurableLsn,
    Lsn TailLsn,
    Lsn TrimPoint,
    int Scans,
    string? Failure,
    int Restarts,
    DateTimeOffset? RestartAt);
