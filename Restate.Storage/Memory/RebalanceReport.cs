namespace Restate.Storage.Memory;

/// <summary>Why a tick ran.</summary>
public enum RebalanceTrigger
{
    /// <summary>The interval passed.</summary>
    Interval,

    /// <summary>The first tick of the process.</summary>
    Start,

    /// <summary>The interval passed and the configuration is another than at the tick before.</summary>
    Configuration,

    /// <summary>Somebody asked for it.</summary>
    Request,

    /// <summary>The guard took a step, or undid one.</summary>
    Guard,
}

/// <summary>Memory figures around a tick, in bytes.</summary>
/// <param name="TotalBytes">Block cache capacity.</param>
/// <param name="MemtablesBytes">Write buffer manager capacity.</param>
/// <param name="UsageBytes">Bytes in all memtables.</param>
/// <param name="PartitionBudgetBytes">Share of one partition.</param>
/// <param name="CountedPartitions">Partitions that hold a share.</param>
public readonly record struct RebalanceFigures(
    long TotalBytes, long MemtablesBytes, long UsageBytes, long PartitionBudgetBytes, int CountedPartitions);

/// <summary>A flush that a tick started.</summary>
/// <param name="Database">Name of the database.</param>
/// <param name="Reason">Why.</param>
/// <param name="ExpectedBytes">What it should free.</param>
public readonly record struct RebalanceFlush(string Database, FlushReason Reason, long ExpectedBytes);

/// <summary>Where the time of a tick went.</summary>
/// <param name="Plan">Reading the process limit and the configuration, and computing the plan.</param>
/// <param name="Sample">Reading the figures of all databases.</param>
/// <param name="Decide">Deciding.</param>
/// <param name="Apply">Setting capacities, starting flushes, ordering new write buffers.</param>
public readonly record struct TickTimings(TimeSpan Plan, TimeSpan Sample, TimeSpan Decide, TimeSpan Apply)
{
    /// <summary>The part that grows with the number of databases and acts on none.</summary>
    public TimeSpan BeforeApply => Plan + Sample + Decide;
}

/// <summary>What one tick of the memory controller did.</summary>
/// <param name="At">When it began.</param>
/// <param name="Trigger">Why it ran.</param>
/// <param name="Generation">The configuration it worked on.</param>
/// <param name="Before">Figures at its begin.</param>
/// <param name="After">Figures at its end; started flushes are still running then.</param>
/// <param name="Flushes">Flushes it started.</param>
/// <param name="SettingsQueued">Databases whose write buffers are set behind the tick.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Failures">What went wrong, a line each; the rest of the pass went on.</param>
public sealed record RebalanceReport(
    DateTimeOffset At,
    RebalanceTrigger Trigger,
    long Generation,
    RebalanceFigures Before,
    RebalanceFigures After,
    IReadOnlyList<RebalanceFlush> Flushes,
    int SettingsQueued,
    TimeSpan Duration,
    IReadOnlyList<string> Failures)
{
    /// <summary>Where its time went.</summary>
    public TickTimings Timings { get; init; }

    /// <summary>True when the tick changed something or failed.</summary>
    public bool Acted =>
        Flushes.Count > 0 || SettingsQueued > 0 || Failures.Count > 0 || Before.TotalBytes != After.TotalBytes
        || Before.MemtablesBytes != After.MemtablesBytes || Before.PartitionBudgetBytes != After.PartitionBudgetBytes;
}
