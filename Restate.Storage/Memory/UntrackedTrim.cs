namespace Restate.Storage.Memory;

/// <summary>
/// When the allocator is trimmed because too much of the process is untracked: a pure machine over that figure, its bound and time. A trim
/// stops allocating threads, so dear ones come less often, and those that bring nothing less and less.
/// </summary>
internal struct UntrackedTrim
{
    /// <summary>Pause after a trim, as a multiple of what it took, up to <see cref="MaxCostPause"/>: half a percent of the time, for trims up to 50 ms.</summary>
    public const int CostFactor = 200;

    /// <summary>A trim that gives back less has brought nothing.</summary>
    public const long WorthwhileBytes = 8L << 20;

    /// <summary>The shortest pause: free blocks of the moment are about to be used again.</summary>
    public static readonly TimeSpan MinPause = TimeSpan.FromSeconds(3);

    /// <summary>The longest pause after a dear trim: a node whose load has ended must not wait long for the next, however slow it was under load.</summary>
    public static readonly TimeSpan MaxCostPause = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause, reached by trims that bring nothing.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);

    private TimeSpan? _lastAt;
    private TimeSpan _pause;

    /// <summary>Tells whether to trim now. Three quarters of the bound is where it begins, so that the bound is not where it ends.</summary>
    /// <param name="untrackedBytes">Untracked memory.</param>
    /// <param name="boundBytes">What it may be.</param>
    /// <param name="now">Time since any fixed moment.</param>
    public readonly bool IsDue(long untrackedBytes, long boundBytes, TimeSpan now) =>
        untrackedBytes > boundBytes / 4 * 3 && (_lastAt is not { } last || now - last >= _pause);

    /// <summary>Notes a trim.</summary>
    /// <param name="freedBytes">What resident memory shrank by.</param>
    /// <param name="took">How long it took.</param>
    /// <param name="now">When it ended.</param>
    public void Done(long freedBytes, TimeSpan took, TimeSpan now)
    {
        _lastAt = now;
        TimeSpan cost = took * CostFactor;
        TimeSpan least = cost < MinPause ? MinPause : cost < MaxCostPause ? cost : MaxCostPause;
        TimeSpan doubled = freedBytes >= WorthwhileBytes ? TimeSpan.Zero : _pause * 2;
        TimeSpan next = doubled > least ? doubled : least;
        _pause = next < MaxPause ? next : MaxPause;
    }
}
