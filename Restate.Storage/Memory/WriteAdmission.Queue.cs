namespace Restate.Storage.Memory;

/// <summary>Writers that wait, and the pump that admits them and starts flushes.</summary>
public sealed partial class WriteAdmission
{
    /// <summary>Most flushes that the gate lets run at once: enough for the disk, few enough to keep files large.</summary>
    private const int MaxFlushesInFlight = 4;

    private static readonly TimeSpan WaitingPeriod = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan WatchingPeriod = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MinFlushPassInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Bytes that iterators pin cannot be flushed away. A short scan lets go within this time; after it they are not held
    /// against the writers any more, or a long scan would stop all writing.
    /// </summary>
    private static readonly TimeSpan PinnedGrace = TimeSpan.FromMilliseconds(500);

    private readonly Lock _queueLock = new();
    private readonly LinkedList<Waiter> _processors = new();
    private readonly LinkedList<Waiter> _appends = new();
    private int _waiting;
    private int _waitingProcessors;
    private long _forgivenPinned;
    private long _lastPinnedSample;
    private long _nextFlushPass;
    private TimeSpan? _period;
    private bool _disposed;
    private int _pumping;

    private async Task<AdmissionLease> WaitAsync(
        long bytes, long charge, AdmissionPriority priority, TimeSpan? deadline, CancellationToken cancellationToken)
    {
        LinkedList<Waiter> queue = priority == AdmissionPriority.Processor ? _processors : _appends;
        var waiter = new Waiter(bytes, charge, _time.GetTimestamp(), priority == AdmissionPriority.Append ? deadline : null);
        lock (_queueLock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            queue.AddLast(waiter.Node);
            CountWaiters();
            Arm(WaitingPeriod);
        }

        Interlocked.Increment(ref _waits);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            (_, token) =>
            {
                if (Remove(waiter))
                    waiter.Admitted.TrySetCanceled(token);
            },
            null);
        return await waiter.Admitted.Task;
    }

    /// <summary>Re-reads usage: starts flushes, admits who fits, turns away who waited too long.</summary>
    private void Pump()
    {
        if (Interlocked.Exchange(ref _pumping, 1) == 1)
            return;
        try
        {
            SamplePinned();
            StartFlushes();
            lock (_queueLock)
            {
                Admit();
                TurnAway();
                CountWaiters();
                Arm(_waiting > 0 ? WaitingPeriod : Volatile.Read(ref _forgivenPinned) > 0 ? WatchingPeriod : null);
            }
        }
        catch (Exception e)
        {
            // This runs on a timer: an exception would end the process, and with it every other writer.
            Log.PumpFailed(_logger, e);
        }
        finally
        {
            Volatile.Write(ref _pumping, 0);
        }
    }

    private void Admit()
    {
        while ((_processors.First ?? (DelaysAppends ? null : _appends.First)) is { } first && TryReserve(first.Value.Charge))
        {
            first.List!.Remove(first);
            var lease = new AdmissionLease(this, first.Value.Charge);
            if (!first.Value.Admitted.TrySetResult(lease))
                lease.Dispose();
        }
    }

    private void TurnAway()
    {
        for (LinkedListNode<Waiter>? node = _appends.First, next; node is not null; node = next)
        {
            next = node.Next;
            TimeSpan waited = _time.GetElapsedTime(node.Value.Since);
            if (node.Value.Deadline is not { } deadline || waited < deadline)
                continue;
            _appends.Remove(node);
            Interlocked.Increment(ref _rejections);
            node.Value.Admitted.TrySetException(new AdmissionTimeoutException(node.Value.Bytes, waited, RetryAfter));
        }
    }

    private void StartFlushes()
    {
        long now = _time.GetTimestamp();
        if (now < Volatile.Read(ref _nextFlushPass))
            return;
        long capacity = _memory.WriteBufferManagerCapacity;
        long demand = FirstCharge();
        long goal = Math.Min((long)(capacity * FlushFrom), capacity - Margin - demand);
        long usage = _memory.WriteBufferManagerUsage - Volatile.Read(ref _forgivenPinned);
        if (usage + ReservedBytes < goal)
            return;

        var victims = new List<TargetReading>();
        int inFlight = 0;
        foreach (IMemoryTarget target in _memory.Targets)
        {
            var reading = new TargetReading(target, target.Sample(), TimeSpan.Zero);
            usage -= reading.OnTheWay;
            if (reading.Memtable.FlushPending)
                inFlight++;
            else if (reading.Gain > 0)
                victims.Add(reading);
        }

        // Sampling a thousand databases takes milliseconds: it may take a tenth of the time at most.
        long sampling = _time.GetTimestamp() - now;
        Volatile.Write(ref _nextFlushPass, now + Math.Max(sampling * 10, Ticks(MinFlushPassInterval)));
        foreach (TargetReading victim in victims.OrderByDescending(victim => victim.Gain))
        {
            if (inFlight >= MaxFlushesInFlight || usage + ReservedBytes < goal)
                break;
            if (!TryFlush(victim.Target))
                continue;
            usage -= victim.Gain;
            inFlight++;
        }
    }

    private bool TryFlush(IMemoryTarget target)
    {
        try
        {
            target.StartFlush();
            Interlocked.Increment(ref _flushes);
            return true;
        }
        catch (Exception e)
        {
            // A database that cannot flush must not keep the others from it.
            Interlocked.Increment(ref _flushFailures);
            Log.FlushFailed(_logger, target.Name, e.Message);
            return false;
        }
    }

    private void SamplePinned()
    {
        long forgiven = Volatile.Read(ref _forgivenPinned);
        TimeSpan waited = LongestWait();
        if ((waited < PinnedGrace && forgiven == 0) || _time.GetElapsedTime(_lastPinnedSample) < WatchingPeriod)
            return;
        _lastPinnedSample = _time.GetTimestamp();
        long pinned = 0;
        foreach (IMemoryTarget target in _memory.Targets)
            pinned += target.Sample().PinnedBytes;

        // At most the capacity again, so that pinned and written memtables together have a bound.
        pinned = Math.Min(pinned, _memory.WriteBufferManagerCapacity);
        Volatile.Write(ref _forgivenPinned, waited >= PinnedGrace ? pinned : Math.Min(forgiven, pinned));
    }

    private TimeSpan LongestWait()
    {
        lock (_queueLock)
            return (_processors.First ?? _appends.First) is { } first ? _time.GetElapsedTime(first.Value.Since) : TimeSpan.Zero;
    }

    private long FirstCharge()
    {
        lock (_queueLock)
            return (_processors.First ?? _appends.First)?.Value.Charge ?? 0;
    }

    /// <summary>A writer saw usage near the capacity: have the pump look, unless it did a moment ago.</summary>
    private void WakeForFlush()
    {
        if (_time.GetTimestamp() < Volatile.Read(ref _nextFlushPass))
            return;
        lock (_queueLock)
        {
            if (_period is null)
                Arm(WatchingPeriod);
        }
    }

    /// <summary>Sets the pump going, at once and then every period; null stops it. Under the lock.</summary>
    private void Arm(TimeSpan? period)
    {
        if (_disposed || period == _period)
            return;
        bool running = _period is not null;
        _period = period;
        TimeSpan due = period is null ? Timeout.InfiniteTimeSpan : running ? period.Value : TimeSpan.Zero;
        _timer.Change(due, period ?? Timeout.InfiniteTimeSpan);
    }

    private bool Remove(Waiter waiter)
    {
        lock (_queueLock)
        {
            if (waiter.Node.List is not { } list)
                return false;
            list.Remove(waiter.Node);
            CountWaiters();
            return true;
        }
    }

    private void CountWaiters()
    {
        Volatile.Write(ref _waitingProcessors, _processors.Count);
        Volatile.Write(ref _waiting, _processors.Count + _appends.Count);
    }

    private void CloseQueues()
    {
        lock (_queueLock)
        {
            Volatile.Write(ref _disposed, true);
            foreach (LinkedList<Waiter> queue in new[] { _processors, _appends })
            {
                foreach (Waiter waiter in queue)
                    waiter.Admitted.TrySetException(new ObjectDisposedException(nameof(WriteAdmission)));
                queue.Clear();
            }

            CountWaiters();
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private sealed class Waiter
    {
        public Waiter(long bytes, long charge, long since, TimeSpan? deadline)
        {
            Bytes = bytes;
            Charge = charge;
            Since = since;
            Deadline = deadline;
            Node = new LinkedListNode<Waiter>(this);
        }

        public long Bytes { get; }

        public long Charge { get; }

        public long Since { get; }

        public TimeSpan? Deadline { get; }

        public LinkedListNode<Waiter> Node { get; }

        public TaskCompletionSource<AdmissionLease> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
