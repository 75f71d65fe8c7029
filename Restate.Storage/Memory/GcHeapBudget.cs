using Microsoft.Extensions.Logging;

namespace Restate.Storage.Memory;

/// <summary>
/// Limits the managed heap to what the ledger leaves of the process limit. Without it the runtime takes three quarters of a container
/// for granted, collects too late, and the kernel ends the process before the runtime knows of any shortage.
/// </summary>
/// <param name="logger">Told of limits that could not be set.</param>
public sealed partial class GcHeapBudget(ILogger<GcHeapBudget> logger)
{
    /// <summary>The smallest limit: below it, bodies and answers of a few concurrent requests could fail. It may exceed what is left.</summary>
    public const long MinBytes = 128L << 20;

    /// <summary>The largest limit is the larger of 256 MiB and an eighth of the process limit: more would be a leak, not a need.</summary>
    public const long MinLargestBytes = 256L << 20;

    private const int LargestPart = 8;
    private const int SmallestChangePart = 20;

    private bool _failing;

    /// <summary>The limit for what is left.</summary>
    /// <param name="processLimitBytes">What the process may use.</param>
    /// <param name="otherPoolsBytes">Capacities of all pools besides the heap.</param>
    public static long Compute(long processLimitBytes, long otherPoolsBytes) => Math.Clamp(
        processLimitBytes - otherPoolsBytes, MinBytes, Math.Max(MinLargestBytes, processLimitBytes / LargestPart));

    /// <summary>Sets the limit when it differs from the one in force by 5 % or more. A heap that is larger already keeps its limit until the next call.</summary>
    /// <param name="processLimitBytes">As for <see cref="Compute"/>.</param>
    /// <param name="pools">All pools.</param>
    public void Apply(long processLimitBytes, IReadOnlyList<MemoryPoolReading> pools)
    {
        long wanted = Compute(processLimitBytes, MemoryLedger.Total(
            pools.Where(pool => pool.Name != NodePools.GcHeap).Select(pool => pool.CapacityBytes)));
        if (GcHeap.LimitBytes is { } current && Math.Abs(current - wanted) < current / SmallestChangePart)
            return;
        try
        {
            GcHeap.SetLimit(wanted);
            _failing = false;
        }
        catch (InvalidOperationException e)
        {
            if (!_failing)
                Log.NotSet(logger, e.Message);
            _failing = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Reason}; it is tried again at every tick")]
        public static partial void NotSet(ILogger logger, string reason);
    }
}
