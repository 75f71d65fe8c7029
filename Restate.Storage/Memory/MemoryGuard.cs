using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Restate.Storage.Memory;

/// <summary>
/// Watches the real memory of the process and keeps it from its limit when the pools alone do not: what they promise leaves out
/// fragmentation, bursts and everything untracked. Its steps (<see cref="GuardStep"/>) may shrink pools below what is configured; each is
/// visible, and undone once there is room. Far from the limit it keeps untracked memory within its bound by trimming the allocator.
/// Thread-safe.
/// </summary>
/// <param name="memory">RocksDB's memory.</param>
/// <param name="controller">Carries out capacities and flushes.</param>
/// <param name="admission">The gate in front of all memtables.</param>
/// <param name="limit">Gives the memory limit of the process.</param>
/// <param name="resident">Gives the resident memory.</param>
/// <param name="tracked">Gives the use of all pools together.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Told of every step.</param>
public sealed partial class MemoryGuard(
    ISharedMemory memory,
    MemoryController controller,
    WriteAdmission admission,
    Func<ProcessMemoryLimit> limit,
    Func<ResidentMemory> resident,
    Func<long> tracked,
    TimeProvider time,
    ILogger<MemoryGuard> logger) : BackgroundService
{
    /// <summary>Data blocks that stay cached under <see cref="GuardStep.ShrinkCache"/> however short memory is.</summary>
    public const long ShrunkCacheBytes = 8L << 20;

    /// <summary>Memtables under <see cref="GuardStep.ShrinkWriteBuffers"/>.</summary>
    public const long ShrunkMemtablesBytes = 64L << 20;

    /// <summary>Time between two samples, each the reading of one small file of the kernel. Memory has been seen to grow by 10 MiB in it when heavy queries start.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Part of the room that a shrunk cache leads to: between the marks at which steps are taken and undone, so that neither follows.</summary>
    private const double HoldAt = 0.89;

    /// <summary>A trim walks all heaps and stops their users for 30 to 80 ms: no more often than this.</summary>
    private static readonly TimeSpan MinTrimInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>A full collection stops all managed threads: seldom.</summary>
    private static readonly TimeSpan MinCollectionInterval = TimeSpan.FromSeconds(5);

    /// <summary>Growth of the managed heap since it was shrunk last that is worth the next time; half of it where it is larger.</summary>
    private const long WorthwhileGarbageBytes = 48L << 20;

    /// <summary>
    /// Far from the limit a collection, which stops all managed threads, must not show in what 99 of 100 callers wait. After dear ones the
    /// pause is as long in proportion as after trims: half a percent of the time.
    /// </summary>
    private static readonly TimeSpan MinGarbageInterval = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Most of the limit that is kept free for the code that runs: a quarter, and never more than this. Chosen by the soak in 512 MiB: with
    /// 128 MiB queries were closed most of the time; with 96 MiB they were not, and the process did not stand still either.
    /// </summary>
    internal const long MaxCodeBytes = 96L << 20;

    internal const int MaxCodePart = 4;

    /// <summary>Looks from one reading of the pools to the next: untracked memory is no matter of tenths of a second.</summary>
    private const int LooksPerReading = 10;

    private readonly long _startedAt = time.GetTimestamp();
    private GuardState _state;
    private UntrackedTrim _trim;
    private int _looks;
    private long _codeBytes;
    private volatile int _step;
    private long _steps;
    private long _trims;
    private long _trimmedBytes;
    private long _trimTicks;
    private long _lastTrim;
    private long _lastCollection;
    private volatile bool _trimAsked;
    private long _heapBytes = GcHeap.UsedBytes;
    private TimeSpan _garbagePause = MinGarbageInterval;
    private bool _failing;

    /// <summary>The step in force.</summary>
    public GuardStep Step => (GuardStep)_step;

    /// <summary>Steps taken upwards since the start.</summary>
    public long StepCount => Interlocked.Read(ref _steps);

    /// <summary>Trims of the allocator since the start, under a step or for untracked memory.</summary>
    public long TrimCount => Interlocked.Read(ref _trims);

    /// <summary>Bytes by which resident memory shrank in those trims.</summary>
    public long TrimmedBytes => Interlocked.Read(ref _trimmedBytes);

    /// <summary>Time those trims took.</summary>
    public TimeSpan TrimTime => new(Interlocked.Read(ref _trimTicks));

    /// <summary>Has the allocator trimmed at the next look: somebody freed much. Returns at once.</summary>
    public void TrimSoon() => _trimAsked = true;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Look();
    }

    /// <summary>Takes a sample and acts on it.</summary>
    internal void Look()
    {
        try
        {
            ProcessMemoryLimit allowed = limit();
            ResidentMemory now = resident();

            // What was once resident of the program is needed again; under pressure the figure of now shows only what is left of it.
            _codeBytes = Math.Max(_codeBytes, now.FileBytes);
            long room = allowed.Bytes - Math.Min(_codeBytes, Math.Min(MaxCodeBytes, allowed.Bytes / MaxCodePart));
            GuardStep before = Step;
            GuardStep after = _state.Observe(now.AnonymousBytes, room, time.GetElapsedTime(_startedAt));
            if (after != before)
                Change(before, after, now.AnonymousBytes, allowed);
            Hold(after, now.AnonymousBytes, room);
            TrimUntracked(now.AnonymousBytes);
            _failing = false;
        }
        catch (Exception e)
        {
            // The watch must outlive a sample that fails; one line is enough until it works again.
            if (!_failing)
                Log.Failed(logger, e);
            _failing = true;
        }
    }

    private void Change(GuardStep before, GuardStep after, long bytes, ProcessMemoryLimit allowed)
    {
        _step = (int)after;
        if (after > before)
        {
            Interlocked.Increment(ref _steps);
            Log.Entered(logger, after.Name(), MemoryText.Size(bytes), allowed.ToString());
        }
        else
        {
            Log.Left(logger, before.Name(), after.Name(), MemoryText.Size(bytes), allowed.ToString());
        }

        admission.DelaysAppends = after >= GuardStep.DelayWrites;
        controller.SetCaps(new MemoryCaps(
            after >= GuardStep.ShrinkWriteBuffers ? ShrunkMemtablesBytes : null, KeepsCache: after < GuardStep.ShrinkCache));
    }

    /// <summary>What a step goes on doing while it is in force and memory is short.</summary>
    private void Hold(GuardStep step, long bytes, long room)
    {
        if (step == GuardStep.None || bytes < room * GuardState.EnterAt || time.GetElapsedTime(_lastTrim) < MinTrimInterval)
            return;
        if (step >= GuardStep.ShrinkCache)
        {
            // By what is missing and not to the floor at once: an emptied cache makes every scan read the disk. Memtables are charged to it.
            long excess = bytes - (long)(room * HoldAt);
            long floor = memory.WriteBufferManagerUsage + ShrunkCacheBytes;
            memory.BlockCacheCapacity = Math.Max(floor, Math.Min(memory.BlockCacheCapacity, memory.BlockCacheUsage) - excess);
        }

        if (time.GetElapsedTime(_lastCollection) >= MinCollectionInterval)
            ShrinkHeap();

        // Evicted blocks stay with the allocator; only this lets the next sample see what the step brought.
        Trim();
        _lastTrim = time.GetTimestamp();
    }

    private void TrimUntracked(long bytes)
    {
        if (_trimAsked && time.GetElapsedTime(_lastTrim) >= MinTrimInterval)
        {
            _trimAsked = false;
            Trim();
            _lastTrim = time.GetTimestamp();
            return;
        }

        if (_looks++ % LooksPerReading != 0)
            return;
        CollectGarbage();
        long pools = tracked();
        if (_trim.IsDue(bytes - pools, AllocatorMemory.UntrackedBound(pools), time.GetElapsedTime(_startedAt)))
            Trim();
    }

    /// <summary>
    /// Without a limit in sight the runtime lets garbage of the oldest generation lie, 100 MiB and more after large statements and bodies;
    /// what it collects beside running threads it does not give back.
    /// </summary>
    private void CollectGarbage()
    {
        long held = GcHeap.UsedBytes;
        _heapBytes = Math.Min(_heapBytes, held);
        if (held - _heapBytes >= Math.Max(WorthwhileGarbageBytes, _heapBytes / 2) && time.GetElapsedTime(_lastCollection) >= _garbagePause)
            ShrinkHeap();
    }

    private void ShrinkHeap()
    {
        long began = time.GetTimestamp();
        GcHeap.Shrink();
        _lastCollection = time.GetTimestamp();
        _heapBytes = GcHeap.UsedBytes;
        TimeSpan cost = time.GetElapsedTime(began, _lastCollection) * UntrackedTrim.CostFactor;
        _garbagePause = cost < MinGarbageInterval ? MinGarbageInterval : cost;
    }

    private void Trim()
    {
        long before = resident().AnonymousBytes;
        long began = time.GetTimestamp();
        memory.TrimAllocator();
        TimeSpan took = time.GetElapsedTime(began);
        long freed = before - resident().AnonymousBytes;
        _trim.Done(freed, took, time.GetElapsedTime(_startedAt));
        Interlocked.Increment(ref _trims);
        Interlocked.Add(ref _trimmedBytes, Math.Max(0, freed));
        Interlocked.Add(ref _trimTicks, took.Ticks);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Memory is short: guard step {Step}, {Resident} resident of {Limit}")]
        public static partial void Entered(ILogger logger, string step, string resident, string limit);

        [LoggerMessage(LogLevel.Warning, "Memory is there again: guard step {Before} ended, now {After}, {Resident} resident of {Limit}")]
        public static partial void Left(ILogger logger, string before, string after, string resident, string limit);

        [LoggerMessage(LogLevel.Error, "The memory guard could not look")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}

/// <summary>What the guard allows the controller.</summary>
/// <param name="MemtablesBytes">Most bytes for memtables; null: as planned.</param>
/// <param name="KeepsCache">True: the controller sets the cache capacity as planned. False: it only lowers what the guard has set.</param>
public readonly record struct MemoryCaps(long? MemtablesBytes, bool KeepsCache)
{
    /// <summary>As planned.</summary>
    public static MemoryCaps None { get; } = new(null, KeepsCache: true);
}
