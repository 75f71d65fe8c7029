using Microsoft.Extensions.Logging;
using Restate.Storage.Logs;
using Restate.Storage.Memory;
using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>
/// One partition of this node: its store, its log, its processor and its state. Opening and closing happen one at a time;
/// everything else may be called from any thread.
/// </summary>
internal sealed partial class Partition(PartitionId id, KeyRange range, BifrostLog log, PartitionContext context)
{
    /// <summary>How long a write or a scan waits for a partition that is still replaying.</summary>
    private static readonly TimeSpan OpenWait = TimeSpan.FromSeconds(5);

    /// <summary>How long closing waits for scans before it interrupts them.</summary>
    private static readonly TimeSpan ScanGrace = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _transition = new(1, 1);
    private readonly Lock _lock = new();
    private readonly AsyncPulse _changed = new();
    private PartitionState _state = PartitionState.Closed;
    private string? _failure;
    private PartitionStore? _store;
    private PartitionProcessor? _processor;
    private CancellationTokenSource? _stop;
    private CancellationTokenSource _interrupt = new();
    private Task _running = Task.CompletedTask;
    private ulong _epoch;
    private bool _hasScopedState;
    private bool _wasOpen;
    private Lsn _lastApplied;
    private Lsn _lastDurable;
    private int _scans;
    private int _appends;
    private long _appendedBytes;
    private long _starts;

    /// <summary>Processors started since the node started: by its start, by opening, and by restarts.</summary>
    public long Starts => Interlocked.Read(ref _starts);

    /// <summary>Its number.</summary>
    public PartitionId Id { get; } = id;

    /// <summary>What of the log is applied but not durable yet, since the store was opened.</summary>
    public DurabilityTracker Durability { get; private set; } = new(context.Time);

    /// <summary>Its log.</summary>
    public BifrostLog Log { get; } = log;

    /// <summary>The partition as it is now.</summary>
    public PartitionStatus Status()
    {
        Lsn durable = ReadDurable();
        lock (_lock)
        {
            return new PartitionStatus(
                Id, range, _state, _epoch, _processor?.Applied ?? _lastApplied, durable, Log.Tail, Log.TrimPoint, _scans, _failure ?? _processor?.Waiting, _restarts, _restartAt);
        }
    }

    /// <summary>Last LSN that a kill would not take back from the store; what it was at closing when it is closed.</summary>
    public Lsn ReadDurable()
    {
        lock (_lock)
        {
            if (_store is not { } store)
                return _lastDurable;
            try
            {
                Lsn durable = store.ReadDurable().Lsn;
                if (_processor is { } processor)
                {
                    Durability.Applied(processor.Applied, processor.AppliedBytes);
                    Durability.Durable(durable, everything: durable >= processor.Applied);
                }

                _lastDurable = durable;
            }
            catch (StorageException e)
            {
                // An unreadable store keeps its log: nothing is trimmed past what was known before.
                Messages.DurableUnknown(context.Logger, Id, e.Message);
            }

            return _lastDurable;
        }
    }

    /// <summary>True once the partition has held state of a scope; as it was at closing when it is closed.</summary>
    public bool HasScopedState
    {
        get
        {
            lock (_lock)
            {
                // The log that a starting node replays may hold the first such state: until then a lookup reads everything.
                _hasScopedState |= _store?.HasScopedState ?? false;
                return _hasScopedState || (_state == PartitionState.Opening && !_wasOpen);
            }
        }
    }

    /// <summary>Asks for a flush of the store; does nothing when it is not open.</summary>
    /// <exception cref="StorageException">The store refused it.</exception>
    public void StartFlush()
    {
        PartitionStore? store;
        lock (_lock)
            store = _store;
        store?.Database.StartFlush();
    }

    /// <summary>True while the store flushes already.</summary>
    public bool FlushPending
    {
        get
        {
            PartitionStore? store;
            lock (_lock)
                store = _store;
            return store?.Database.Sample().FlushPending ?? false;
        }
    }

    /// <summary>Takes a scan lease; waits while the partition is replaying.</summary>
    /// <exception cref="PartitionUnavailableException">It is not open, or still replaying after 5 s.</exception>
    public async ValueTask<PartitionScanLease> AcquireScanAsync(CancellationToken cancellationToken)
    {
        await WaitUntilOpenAsync(cancellationToken);
        lock (_lock)
        {
            RequireOpen();
            _scans++;
            try
            {
                return new PartitionScanLease(Id, _store!.Database, _interrupt.Token, ReleaseScan);
            }
            catch
            {
                _scans--;
                throw;
            }
        }
    }

    /// <summary>
    /// Appends a record to the partition's log; it is durable when the task completes. Waits while the partition replays, while it
    /// lags behind its log, and for memory.
    /// </summary>
    /// <param name="build">Makes the record for the leader epoch it will carry.</param>
    /// <param name="memtableBytes">What the record takes in the log server's memtable.</param>
    /// <param name="timeout">Longest wait for the lag and for memory.</param>
    /// <param name="cancellationToken">Cancels the waits; a record that is on its way is finished.</param>
    /// <exception cref="PartitionUnavailableException">The partition is not open.</exception>
    /// <exception cref="AdmissionTimeoutException">The wait was too long; nothing was written.</exception>
    /// <exception cref="StorageException">The log failed; the record may or may not be in it.</exception>
    public async Task<Lsn> AppendAsync(Func<ulong, RecordBuffer> build, long memtableBytes, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await WaitUntilOpenAsync(cancellationToken);
        ulong epoch = EnterAppend();
        try
        {
            long started = context.Time.GetTimestamp();
            await WaitForLagAsync(timeout, cancellationToken);
            TimeSpan left = timeout - context.Time.GetElapsedTime(started);
            using AdmissionLease lease = await context.Admission.ReserveAsync(memtableBytes, AdmissionPriority.Append, left, cancellationToken);
            RecordBuffer record = build(epoch);
            try
            {
                Lsn lsn = await Log.AppendAsync(record);
                Interlocked.Add(ref _appendedBytes, record.Length);
                return lsn;
            }
            finally
            {
                record.Release();
            }
        }
        finally
        {
            LeaveAppend();
        }
    }

    private async ValueTask WaitUntilOpenAsync(CancellationToken cancellationToken)
    {
        long started = context.Time.GetTimestamp();
        while (true)
        {
            Task changed = _changed.Next;
            lock (_lock)
            {
                if (_state != PartitionState.Opening)
                {
                    RequireOpen();
                    return;
                }
            }

            TimeSpan left = OpenWait - context.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                throw new PartitionUnavailableException(Id, "it is still replaying its log");
            await WaitAtMostAsync(changed, left, cancellationToken);
        }
    }

    /// <summary>An append must not run far ahead of its partition: what is not applied is replayed at a restart.</summary>
    private async ValueTask WaitForLagAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        const long MaxLagBytes = 16 << 20;
        long started = context.Time.GetTimestamp();
        while (true)
        {
            PartitionProcessor? processor;
            lock (_lock)
                processor = _processor;
            if (processor is null)
                return;
            Task progress = processor.Progress.Next;
            if (Interlocked.Read(ref _appendedBytes) - processor.AppliedBytes < MaxLagBytes)
                return;
            TimeSpan left = timeout - context.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                throw new PartitionUnavailableException(Id, $"it lags more than {MaxLagBytes >> 20} MiB behind its log; try again later");
            await WaitAtMostAsync(progress, left, cancellationToken);
        }
    }

    private async Task WaitAtMostAsync(Task task, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(task, Task.Delay(atMost, context.Time, timer.Token));
        await timer.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private ulong EnterAppend()
    {
        lock (_lock)
        {
            RequireOpen();
            _appends++;
            return _epoch;
        }
    }

    private void LeaveAppend()
    {
        lock (_lock)
            _appends--;
        _changed.Pulse();
    }

    private void ReleaseScan()
    {
        lock (_lock)
            _scans--;
        _changed.Pulse();
    }

    private void RequireOpen()
    {
        if (_state != PartitionState.Open)
            throw new PartitionUnavailableException(Id, _failure ?? $"it is {_state.ToString().ToLowerInvariant()}");
    }

    private void SetState(PartitionState state, string? failure = null)
    {
        lock (_lock)
        {
            _state = state;
            _failure = failure;
            ScheduleRestart(state);
        }

        _changed.Pulse();
    }

    private static partial class Messages
    {
        [LoggerMessage(LogLevel.Debug, "Partition {Partition} is open: epoch {Epoch}, replayed from LSN {From} to {To} in {ElapsedMs} ms")]
        public static partial void Opened(ILogger logger, PartitionId partition, ulong epoch, Lsn from, Lsn to, long elapsedMs);

        [LoggerMessage(LogLevel.Warning, "Partition {Partition} restarts in place, for the {Restart}. time since the node started")]
        public static partial void Restarting(ILogger logger, PartitionId partition, int restart);

        [LoggerMessage(LogLevel.Information, "Partition {Partition} is open again: replayed up to LSN {To}, {Cached} records from the record cache, {Stored} from the log")]
        public static partial void Restarted(ILogger logger, PartitionId partition, Lsn to, long cached, long stored);

        [LoggerMessage(LogLevel.Debug, "Partition {Partition} is closed at LSN {Applied}")]
        public static partial void Closed(ILogger logger, PartitionId partition, Lsn applied);

        [LoggerMessage(LogLevel.Error, "Partition {Partition} failed")]
        public static partial void Failed(ILogger logger, PartitionId partition, Exception failure);

        [LoggerMessage(LogLevel.Warning, "Partition {Partition}: its durable LSN cannot be read: {Reason}")]
        public static partial void DurableUnknown(ILogger logger, PartitionId partition, string reason);

        [LoggerMessage(LogLevel.Warning, "Partition {Partition}: closing interrupts {Scans} scans after the grace period")]
        public static partial void InterruptingScans(ILogger logger, PartitionId partition, int scans);
    }
}
