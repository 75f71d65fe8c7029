namespace Restate.Storage.Memory;

/// <summary>One pool in a <see cref="MemoryHistorySample"/>.</summary>
/// <param name="Name">Name of the pool.</param>
/// <param name="CapacityBytes">What it may use.</param>
/// <param name="UsageBytes">What it used.</param>
public readonly record struct MemoryPoolSample(string Name, long CapacityBytes, long UsageBytes);

/// <summary>The memory of the process at one moment.</summary>
/// <param name="At">When; whole milliseconds.</param>
/// <param name="LimitBytes">What the process may use.</param>
/// <param name="RssBytes">Anonymous resident memory.</param>
/// <param name="Pools">All named pools.</param>
public sealed record MemoryHistorySample(DateTimeOffset At, long LimitBytes, long RssBytes, IReadOnlyList<MemoryPoolSample> Pools)
{
    /// <summary>Resident memory that no pool explains; negative where pools count pages not yet touched.</summary>
    public long UntrackedBytes => RssBytes - Pools.Sum(pool => pool.UsageBytes);
}
