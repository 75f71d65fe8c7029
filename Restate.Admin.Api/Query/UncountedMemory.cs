using Restate.Storage.Memory;

namespace Restate.Admin.Api.Query;

/// <summary>
/// How much of the process the queries hold beyond what is counted for them. States of aggregates such as <c>median</c> and <c>mode</c> are
/// containers on the heap of the C library: neither DuckDB's limit nor the figures of its allocator know them, and they have been seen to
/// grow by 2.5 GB a second. What no pool explains is compared with its least value of the last while; only growth counts, because the
/// process holds much else that is not in a pool. One thread at a time.
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="resident">Anonymous resident bytes of the process.</param>
/// <param name="explained">Bytes in the pools of others than queries.</param>
/// <param name="heap">
/// Bytes in use on the heaps that are in no pool; null where it does not tell. It is the judge of what
/// <paramref name="resident"/> suspects, because free parts of heaps are resident too. Its price grows with their number.
/// </param>
internal sealed class UncountedMemory(TimeProvider time, Func<long> resident, Func<long> explained, Func<long?> heap) : IDisposable
{
    /// <summary>Without a query for this long, what is there afterwards is nobody's: the next query begins anew.</summary>
    internal static readonly TimeSpan Idle = TimeSpan.FromSeconds(3);

    /// <summary>After the heap did not confirm it is asked again once this many times its price has passed, or <see cref="Step"/> more are there.</summary>
    private const int PauseFactor = 20;

    private static readonly TimeSpan HeapInterval = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Before the heap is asked without a suspicion queries have to run for this long: asking stops all who allocate, and a lookup of some
    /// milliseconds would wait for it and end.
    /// </summary>
    internal static readonly TimeSpan ShortQueries = TimeSpan.FromMilliseconds(10);

    /// <summary>Looks that are farther apart than this had no query between them.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(100);

    private const long Step = 16L << 20;

    private ResidentSampler? _sampler;
    private LeastOfLate _restOfProcess;
    private LeastOfLate _restOfHeap;
    private long? _lastLook;
    private long _busySince;
    private bool _knowsHeap;
    private long _heapAt;
    private TimeSpan _heapPause;
    private long _grownAtHeap;

    /// <summary>True when the last look saw more than half of what is suspicious.</summary>
    internal bool IsGrowing { get; private set; }

    /// <summary>That of this process; null on a system that does not tell.</summary>
    /// <param name="time">Clock.</param>
    /// <param name="others">
    /// Bytes in the pools of others than queries, all on the heap of the C library. The managed heap is not one of them: while queries run
    /// it grows by what they leave in it, and its growth counts like theirs.
    /// </param>
    internal static UncountedMemory? OfProcess(TimeProvider time, Func<long> others) =>
        ResidentSampler.Open() is { } sampler
            ? new UncountedMemory(
                time,
                sampler.ReadAnonymousBytes,
                others,
                () => AllocatorMemory.Read() is { } heap ? heap.UsedBytes + GcHeap.SteadyBytes - others() : null)
            {
                _sampler = sampler,
            }
            : null;

    /// <summary>Looks at the process while queries run.</summary>
    /// <param name="counted">Bytes that are counted for the queries.</param>
    /// <param name="suspicious">How much more has to be there before the heap is asked.</param>
    /// <param name="window">How long growth is remembered at least: as long as a query may run.</param>
    /// <returns>Bytes that the queries hold beyond <paramref name="counted"/>; 0 while they are not worth a closer look.</returns>
    internal long Look(long counted, long suspicious, TimeSpan window)
    {
        long seen = Observe(counted, suspicious, window);

        // When it ended, not when it began: a heap that takes long to look at is no pause.
        _lastLook = time.GetTimestamp();
        return seen;
    }

    /// <inheritdoc/>
    public void Dispose() => _sampler?.Dispose();

    private long Observe(long counted, long suspicious, TimeSpan window)
    {
        long now = time.GetTimestamp();
        if (_lastLook is not { } last || time.GetElapsedTime(last, now) > Idle)
        {
            _restOfProcess = default;
            _restOfHeap = default;
            _knowsHeap = false;
        }

        if (_lastLook is not { } before || time.GetElapsedTime(before, now) > Gap)
            _busySince = now;
        bool isBusy = time.GetElapsedTime(_busySince, now) >= ShortQueries;
        if (isBusy && !_knowsHeap)
            LookAtHeap(now, window);

        long rest = resident() - explained() - counted;
        TimeSpan at = time.GetElapsedTime(0, now);
        long grown = rest - _restOfProcess.Observe(rest, at, window);
        IsGrowing = grown > suspicious / 2;
        if (grown <= suspicious)
        {
            // What the heap gave back meanwhile would otherwise be missing from its growth later.
            if (isBusy && time.GetElapsedTime(_heapAt, now) >= HeapInterval)
                LookAtHeap(now, window);
            return 0;
        }

        if (time.GetElapsedTime(_heapAt, now) < _heapPause && grown < _grownAtHeap + Step)
            return 0;
        _grownAtHeap = grown;
        return LookAtHeap(now, window) is { } ofHeap ? Math.Min(grown, ofHeap) : grown;
    }

    /// <summary>Growth of what is in use on the heap and in no pool; null where the heap does not tell.</summary>
    private long? LookAtHeap(long now, TimeSpan window)
    {
        long asked = time.GetTimestamp();
        if (heap() is not { } rest)
            return null;
        _knowsHeap = true;
        _heapAt = time.GetTimestamp();
        _heapPause = time.GetElapsedTime(asked, _heapAt) * PauseFactor;
        return rest - _restOfHeap.Observe(rest, time.GetElapsedTime(0, now), window);
    }

    /// <summary>The least of the figures of late, in two halves so that old ones are forgotten without being kept.</summary>
    private struct LeastOfLate
    {
        private long _before;
        private long _now;
        private TimeSpan _since;
        private bool _any;

        internal long Observe(long value, TimeSpan at, TimeSpan window)
        {
            if (!_any)
            {
                (_any, _before, _now, _since) = (true, value, value, at);
            }
            else if (at - _since >= window)
            {
                (_before, _now, _since) = (_now, value, at);
            }

            _now = Math.Min(_now, value);
            return Math.Min(_before, _now);
        }
    }
}
