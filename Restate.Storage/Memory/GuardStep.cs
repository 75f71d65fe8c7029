namespace Restate.Storage.Memory;

/// <summary>What is being done against a lack of memory, in order; each step keeps those before it.</summary>
public enum GuardStep
{
    /// <summary>Nothing: pools have their configured sizes.</summary>
    None,

    /// <summary>Free pages of allocator and managed heap are given back to the operating system.</summary>
    TrimAllocator,

    /// <summary>The block cache gives up what is missing, down to 8 MiB of data blocks.</summary>
    ShrinkCache,

    /// <summary>No new queries.</summary>
    CloseQueries,

    /// <summary>Memtables may take 64 MiB.</summary>
    ShrinkWriteBuffers,

    /// <summary>Appends wait until memory is there, or their deadline.</summary>
    DelayWrites,
}

/// <summary>Names of <see cref="GuardStep"/> as the outside sees them.</summary>
public static class GuardStepNames
{
    /// <summary>The step in REST, logs and documents.</summary>
    public static string Name(this GuardStep step) => step switch
    {
        GuardStep.None => "none",
        GuardStep.TrimAllocator => "trim-allocator",
        GuardStep.ShrinkCache => "shrink-cache",
        GuardStep.CloseQueries => "close-queries",
        GuardStep.ShrinkWriteBuffers => "shrink-write-buffers",
        GuardStep.DelayWrites => "delay-writes",
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "not a step"),
    };
}

/// <summary>
/// Which step the guard is at: a pure machine over resident memory, limit and time. Up one step for every sample above
/// <see cref="EnterAt"/> that comes <see cref="Dwell"/> after the last step, so that each step has time to show; without waiting above
/// <see cref="UrgentAt"/>. Down one step after <see cref="Calm"/> below <see cref="LeaveAt"/>; between the two it stays.
/// </summary>
internal struct GuardState
{
    /// <summary>Part of the limit from which on the guard acts. The pools may fill 90 % without a warning, so it is above that.</summary>
    public const double EnterAt = 0.92;

    /// <summary>Part of the limit at which there is no time to see what a step brought.</summary>
    public const double UrgentAt = 0.96;

    /// <summary>Part of the limit below which steps are undone.</summary>
    public const double LeaveAt = 0.86;

    /// <summary>What a step gets to take effect: two trims, or the flush of a large memtable. Above <see cref="UrgentAt"/> it is not waited for.</summary>
    public static readonly TimeSpan Dwell = TimeSpan.FromSeconds(1);

    /// <summary>How long memory must be there before a step is undone. Short: while queries are closed somebody waits for them.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);

    private TimeSpan _changedAt;
    private TimeSpan? _calmSince;

    /// <summary>The step in force.</summary>
    public GuardStep Step { get; private set; }

    /// <summary>Takes a sample and returns the step then in force.</summary>
    /// <param name="residentBytes">Anonymous resident memory.</param>
    /// <param name="limitBytes">What it may be: the process limit without the room for code.</param>
    /// <param name="now">Time since any fixed moment.</param>
    public GuardStep Observe(long residentBytes, long limitBytes, TimeSpan now)
    {
        if (residentBytes < limitBytes * LeaveAt)
        {
            _calmSince ??= now;
            if (Step > GuardStep.None && now - _calmSince >= Calm)
                Move(-1, now);
            return Step;
        }

        _calmSince = null;
        if (residentBytes < limitBytes * EnterAt || Step == GuardStep.DelayWrites)
            return Step;
        if (Step == GuardStep.None || now - _changedAt >= Dwell || residentBytes >= limitBytes * UrgentAt)
            Move(1, now);
        return Step;
    }

    private void Move(int by, TimeSpan now)
    {
        Step += by;
        _changedAt = now;
        _calmSince = by < 0 ? now : null;
    }
}
