using Restate.Storage.Types;

namespace Restate.Admin.Api.Query;

/// <summary>
/// One thread that watches the running queries: deadlines, memory, and interrupts that must be repeated. A thread of its own and
/// not a timer, because the thread pool may be busy exactly when a query must be stopped.
/// </summary>
internal sealed class QueryWatch : IDisposable
{
    /// <summary>Well under the 100 ms in which a cancelled query must end; a round costs about 30 µs.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// What of the pool is kept back where uncounted memory grows, from 256 MiB on: between a look and the end of a query another 60 MiB may be
    /// taken, and the heaps keep free parts besides.
    /// </summary>
    private const long KeptBack = 32L << 20;

    /// <summary>
    /// Of a pool of this size nothing is kept back, and the smallest may be passed by <see cref="Noise"/>: the process moves as much around
    /// them as around large ones.
    /// </summary>
    private const long SmallPool = 128L << 20;

    /// <summary>Uncounted memory up to this ends no query: the process moves by as much without any.</summary>
    private const long Noise = 16L << 20;

    /// <summary>What is foreseen for rows is at most this many times what they take already, 60 bytes or more each.</summary>
    private const int ForeseenFactor = 4;

    /// <summary>Rounds while uncounted memory is being looked at closely: it has been seen to grow by 2.5 MB in a millisecond.</summary>
    private static readonly TimeSpan CloseInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>Spill files are looked at more rarely: listing a folder costs 10 times a round.</summary>
    private static readonly TimeSpan SpillInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly List<QueryGuard> _running = [];

    // Without spinning: it would give its turn away again and again, and where a query runs get it back milliseconds later.
    private readonly ManualResetEventSlim _work = new(initialState: false, spinCount: 0);
    private readonly ManualResetEventSlim _end = new(initialState: false, spinCount: 0);
    private readonly TimeProvider _time;
    private readonly Func<long> _usage;
    private readonly Func<long> _capacity;
    private readonly Func<long> _spill;
    private readonly Action<bool> _returnFreed;
    private readonly Func<UncountedMemory?> _uncounted;
    private readonly StalledReaders _readers;
    private readonly Thread _thread;

    /// <param name="time">Clock of the deadlines.</param>
    /// <param name="usage">Bytes all queries hold now.</param>
    /// <param name="capacity">Bytes they may hold.</param>
    /// <param name="spill">Bytes they have on disk now.</param>
    /// <param name="returnFreed">Gives freed memory back that would take the process past the pool; told whether no query runs.</param>
    /// <param name="uncounted">Tells what they hold besides.</param>
    /// <param name="readers">Ends queries whose clients stopped reading.</param>
    internal QueryWatch(
        TimeProvider time,
        Func<long> usage,
        Func<long> capacity,
        Func<long> spill,
        Action<bool> returnFreed,
        Func<UncountedMemory?> uncounted,
        StalledReaders readers)
    {
        _returnFreed = returnFreed;
        _uncounted = uncounted;
        _readers = readers;
        _spill = spill;
        _time = time;
        _usage = usage;
        _capacity = capacity;
        _thread = new Thread(Run) { IsBackground = true, Name = "query-watch" };
        _thread.Start();
    }

    internal void Add(QueryGuard guard)
    {
        lock (_lock)
        {
            _running.Add(guard);
            _work.Set();
        }
    }

    internal void Remove(QueryGuard guard)
    {
        lock (_lock)
        {
            _running.Remove(guard);
            if (_running.Count == 0)
                _work.Reset();
        }
    }

    /// <summary>Ends all queries for <paramref name="reason"/>.</summary>
    internal void StopAll(QueryException reason)
    {
        foreach (QueryGuard guard in Snapshot())
            guard.Stop(reason);
    }

    public void Dispose()
    {
        _end.Set();
        _work.Set();
        _thread.Join();
        _end.Dispose();
        _work.Dispose();
    }

    private QueryGuard[] Snapshot()
    {
        lock (_lock)
            return [.. _running];
    }

    private void Run()
    {
        long spillSeen = 0;
        while (!_end.IsSet)
        {
            _returnFreed(!_work.IsSet);
            _work.Wait();
            long now = _time.GetTimestamp();
            long capacity = _capacity();
            long keptBack = Math.Clamp((capacity - SmallPool) / 4, -Noise, KeptBack);
            long usage = _usage();
            QueryGuard[] running = Snapshot();
            long uncounted = Uncounted(usage, capacity - keptBack, running);
            if (_time.GetElapsedTime(spillSeen, now) >= SpillInterval)
            {
                spillSeen = now;
                long spilled = _spill();
                foreach (QueryGuard guard in running)
                    guard.NoteSpill(spilled);
            }

            _readers.Stop(running, now);

            // What will be taken in one go, deaf to interrupts, is too late to look at once it is taken. It is uncounted then. Of the rows that were
            // read a condition may leave few: those that are left are held already.
            long foreseen = 0;
            foreach (QueryGuard guard in running)
                foreseen += guard.ForeseenBytes;
            foreseen = Math.Min(foreseen, ForeseenFactor * usage);
            bool isOver = usage > capacity || (uncounted > Noise && usage + uncounted > capacity - keptBack);
            bool willBeOver = !isOver && usage + foreseen > capacity;

            // What is already being stopped has not given its memory back yet; nobody else pays for it.
            bool over = (isOver || willBeOver) && !Array.Exists(running, guard => guard.IsStopped);

            // The youngest first of those that hold some: it is the one whose start the others did not count with.
            for (int i = running.Length - 1; i >= 0; i--)
            {
                QueryGuard guard = running[i];
                guard.NoteMemory(usage, uncounted);
                if (now >= guard.DeadlineTimestamp)
                    guard.Stop(QueryGuard.DeadlinePassed(guard.Timeout));
                if (over && guard.MayHoldMemory && !guard.IsStopped && (isOver || guard.ForeseenBytes > 0))
                {
                    long peak = Math.Max(guard.PeakBytes, willBeOver ? usage + foreseen : 0);
                    guard.Stop(QueryErrors.OutOfMemory(
                        peak,
                        capacity,
                        peak > capacity ? null : $"{QueryErrors.Mebibytes(keptBack)} MiB of it are kept back for what is taken until a query has ended"));
                    over = false;
                }

                if (guard.IsStopped)
                    guard.Repeat();
            }

            _end.Wait(_uncounted() is { IsGrowing: true } ? CloseInterval : Interval);
        }
    }

    /// <summary>Bytes beyond what is counted; 0 where they cannot be read: a look that fails must not end the watch over all the rest.</summary>
    private long Uncounted(long usage, long allowed, QueryGuard[] running)
    {
        if (running.Length == 0 || _uncounted() is not { } memory)
            return 0;
        TimeSpan window = running.Max(guard => guard.Timeout);
        try
        {
            return memory.Look(usage, Math.Max(Noise, allowed - usage), window);
        }
        catch (StorageException)
        {
            return 0;
        }
    }
}
