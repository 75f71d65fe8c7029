using System.Buffers.Binary;
using Restate.Storage.Logs;
using Restate.Storage.Metadata;
using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>Opening and closing.</summary>
internal sealed partial class Partition
{
    /// <summary>
    /// First half of opening at the start of the node; nobody else opens or closes the partition until <see cref="FinishStartAsync"/> ends.
    /// </summary>
    /// <exception cref="StorageException">The database cannot be opened, or does not fit its log; the partition has failed then.</exception>
    public void OpenStoreAtStart()
    {
        _transition.Wait();
        try
        {
            OpenStore();
        }
        catch (Exception e)
        {
            context.Census.Closed(Id);
            SetState(PartitionState.Failed, Explain(e));
            Messages.Failed(context.Logger, Id, e);
            _transition.Release();
            throw;
        }
    }

    /// <summary>Second half of opening at the start of the node. Never fails: the state says how it went.</summary>
    public async Task FinishStartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FinishOpeningAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The node stops already; closing follows.
        }
        catch (Exception e)
        {
            SetState(PartitionState.Failed, Explain(e));
            Messages.Failed(context.Logger, Id, e);
        }
        finally
        {
            _transition.Release();
        }
    }

    /// <summary>
    /// First half of opening: the database. Blocks for milliseconds; the caller goes on with <see cref="FinishOpeningAsync"/>.
    /// For the start of a node, where nobody else opens or closes yet.
    /// </summary>
    /// <exception cref="StorageException">The database cannot be opened, or does not fit its log.</exception>
    public void OpenStore()
    {
        context.Census.Opening(Id);
        SetState(PartitionState.Opening);
        PartitionStore store = context.OpenStore(Id);
        try
        {
            Lsn applied = store.ReadApplied().Lsn;
            if (applied < Log.TrimPoint)
                throw new StorageException($"partition {Id} has applied its log up to LSN {applied}, but the log is trimmed up to {Log.TrimPoint}: data is missing; restore the partition's directory");
            if (applied > Log.Tail)
                throw new StorageException($"partition {Id} has applied its log up to LSN {applied}, but the log ends at {Log.Tail}: the log store is older than the partition; restore the log store's directory");
        }
        catch
        {
            store.Dispose();
            throw;
        }

        lock (_lock)
        {
            _store = store;
            Durability = new DurabilityTracker(context.Time);
            _appendedBytes = 0;
            _interrupt = new CancellationTokenSource();
        }
    }

    /// <summary>Second half of opening: takes the leadership and replays the log; the partition serves when the task completes.</summary>
    /// <exception cref="StorageException">The log cannot be replayed.</exception>
    public async Task FinishOpeningAsync(CancellationToken cancellationToken)
    {
        long started = context.Time.GetTimestamp();
        PartitionStore store = _store!;
        var processor = new PartitionProcessor(store, Log, context.Admission, context.Time);
        Interlocked.Increment(ref _starts);
        var stop = new CancellationTokenSource();
        Lsn from = processor.Applied;
        lock (_lock)
        {
            _processor = processor;
            _stop = stop;
            _running = SuperviseAsync(processor, stop.Token);
        }

        ulong epoch = await NextEpochAsync(cancellationToken);
        Lsn announced = await AnnounceAsync(epoch);
        while (processor.Applied < announced)
        {
            Task progress = processor.Progress.Next;
            if (processor.Applied >= announced)
                break;
            Task first = await Task.WhenAny(progress, _running).WaitAsync(cancellationToken);
            if (first == _running)
                throw Stopped();
        }

        // What is below the highest epoch has no effect: appends of such a leader would be acknowledged and dropped.
        if (processor.LeaderEpoch != epoch)
            throw new StorageException($"partition {Id}: the metadata store gave epoch {epoch}, but its log is at epoch {processor.LeaderEpoch}: the metadata store is older than the log; restore it");
        lock (_lock)
        {
            // The processor may have failed behind the announcement; that must not be painted over.
            if (_state != PartitionState.Opening)
                throw Stopped();
            _epoch = epoch;
            _appendedBytes = processor.AppliedBytes;
            _state = PartitionState.Open;
            _wasOpen = true;
            _openedAt = context.Time.GetTimestamp();
        }

        context.Census.Opened(Id);
        _changed.Pulse();
        Messages.Opened(context.Logger, Id, epoch, from, announced, (long)context.Time.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>Opens the partition when it is closed or has failed; does nothing when it is open.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => OpenAsync(restart: false, cancellationToken);

    /// <returns>False when there was nothing to open.</returns>
    private async Task<bool> OpenAsync(bool restart, CancellationToken cancellationToken)
    {
        await _transition.WaitAsync(cancellationToken);
        try
        {
            if (_state is PartitionState.Open or PartitionState.Opening || (restart && _state != PartitionState.Failed))
                return false;
            BeginOpening();
            try
            {
                if (_state == PartitionState.Failed)
                {
                    // Scans from before the failure keep the database, which cannot be open twice.
                    await WaitForAsync(() => _appends == 0);
                    await DrainScansAsync();
                    await ShutDownAsync();
                }

                OpenStore();
                await FinishOpeningAsync(cancellationToken);
                return true;
            }
            catch (Exception e)
            {
                await ShutDownAsync();
                context.Census.Closed(Id);
                SetState(PartitionState.Failed, Explain(e));
                Messages.Failed(context.Logger, Id, e);
                throw;
            }
        }
        finally
        {
            _transition.Release();
        }
    }

    /// <summary>
    /// Closes the partition: refuses new work, finishes the batch, flushes, waits up to 2 s for scans and interrupts the rest.
    /// Does nothing when it is closed. Nothing acknowledged is lost: what is not applied stays in the log.
    /// </summary>
    public async Task CloseAsync()
    {
        await _transition.WaitAsync(CancellationToken.None);
        try
        {
            if (_state == PartitionState.Closed)
                return;
            bool flush = _state == PartitionState.Open;
            SetState(PartitionState.Draining);

            // What follows blocks, in the flush at the latest: not on the thread of a caller that only wants to begin it.
            await Task.Yield();
            await WaitForAsync(() => _appends == 0);
            await StopProcessorAsync();
            if (flush && _store is { } store)
            {
                try
                {
                    // Shortens the next replay; without it the log still has everything.
                    store.Flush();
                }
                catch (StorageException e)
                {
                    Messages.Failed(context.Logger, Id, e);
                }
            }

            await DrainScansAsync();
            await ShutDownAsync();
            context.Census.Closed(Id);
            SetState(PartitionState.Closed);
            Messages.Closed(context.Logger, Id, _lastApplied);
        }
        finally
        {
            _transition.Release();
        }
    }

    /// <summary>A failure with what to do about it, where the store is damaged: that is what the log is good for, or a copy.</summary>
    private string Explain(Exception failure)
    {
        if (failure is not StorageException || !failure.Message.Contains($"database partition-{Id}", StringComparison.Ordinal) || !IsDamage(failure.Message))
            return failure.Message;
        return Log.TrimPoint == Lsn.None
            ? $"{failure.Message}. The log of this partition is whole: stop the node, move the directory of this partition away and start again; the partition is built anew from its log"
            : $"{failure.Message}. The log of this partition is trimmed up to LSN {Log.TrimPoint}: stop the node and restore the directory of this partition from a copy that has applied at least that";

        static bool IsDamage(string message) =>
            message.Contains("Corruption", StringComparison.Ordinal)
            || message.Contains("damaged", StringComparison.Ordinal)
            || message.Contains("No such file", StringComparison.Ordinal);
    }

    /// <summary>Ends the partition after a start that failed half way.</summary>
    public async Task AbandonAsync()
    {
        bool opened = _store is not null;
        await ShutDownAsync();
        SetState(PartitionState.Closed);
        if (opened)
            _transition.Release();
    }

    private async Task DrainScansAsync()
    {
        long started = context.Time.GetTimestamp();
        while (ScanCount() > 0)
        {
            Task changed = _changed.Next;
            TimeSpan left = ScanGrace - context.Time.GetElapsedTime(started);
            if (ScanCount() == 0)
                break;
            if (left <= TimeSpan.Zero)
            {
                Messages.InterruptingScans(context.Logger, Id, ScanCount());
                await _interrupt.CancelAsync();
                await WaitForAsync(() => _scans == 0);
                break;
            }

            await WaitAtMostAsync(changed, left, CancellationToken.None);
        }
    }

    private StorageException Stopped() => new(_failure ?? $"the processor of partition {Id} stopped while it replayed its log");

    private int ScanCount()
    {
        lock (_lock)
            return _scans;
    }

    private async Task WaitForAsync(Func<bool> condition)
    {
        while (true)
        {
            Task changed = _changed.Next;
            lock (_lock)
            {
                if (condition())
                    return;
            }

            await changed;
        }
    }

    private async Task StopProcessorAsync()
    {
        if (_stop is { } stop)
            await stop.CancelAsync();
        await _running;
    }

    private async Task ShutDownAsync()
    {
        await StopProcessorAsync();
        _ = ReadDurable();
        PartitionProcessor? processor;
        PartitionStore? store;
        lock (_lock)
        {
            _lastApplied = _processor?.Applied ?? _lastApplied;
            _hasScopedState |= _store?.HasScopedState ?? false;
            (processor, _processor) = (_processor, null);
            (store, _store) = (_store, null);
            _stop?.Dispose();
            _stop = null;
            _interrupt.Dispose();
        }

        // Closing may wait for background work of the database: not under the lock that every reader of the state takes.
        processor?.Dispose();
        store?.Dispose();
    }

    /// <summary>Runs the processor; its end by error makes the partition failed, visibly, and keeps the rest of the node going.</summary>
    private async Task SuperviseAsync(PartitionProcessor processor, CancellationToken stop)
    {
        try
        {
            // A replay may run to its end without waiting once: not under the lock of the caller.
            await Task.Yield();
            await processor.RunAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // Whatever it was, data behind it is safe in the log; a partition that serves on would be stale without anybody knowing.
            SetState(PartitionState.Failed, Explain(e));
            Messages.Failed(context.Logger, Id, e);
        }
    }

    private async Task<ulong> NextEpochAsync(CancellationToken cancellationToken)
    {
        string key = $"partition-epoch/{Id}";
        while (true)
        {
            VersionedValue? stored = await context.Metadata.GetAsync(key, cancellationToken);
            if (stored is { Bytes.Length: not sizeof(ulong) })
                throw new StorageException($"metadata key '{key}' is damaged: {stored.Value.Bytes.Length} bytes, {sizeof(ulong)} expected");
            ulong epoch = (stored is { } value ? BinaryPrimitives.ReadUInt64BigEndian(value.Bytes.Span) : 0) + 1;
            byte[] bytes = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, epoch);
            try
            {
                await context.Metadata.PutAsync(
                    key, bytes, stored is { } current ? Precondition.Matches(current.Version) : Precondition.DoesNotExist, cancellationToken);
                return epoch;
            }
            catch (PreconditionFailedException)
            {
                // Somebody else took an epoch between the two calls: take the one after it.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task<Lsn> AnnounceAsync(ulong epoch)
    {
        var header = new LogRecordHeader(LogRecordKind.AnnounceLeader, epoch, (ulong)context.Time.GetUtcNow().ToUnixTimeMilliseconds(), PartitionKey: null);
        RecordBuffer record = RecordBuffer.Create(header.Length, header, static (span, value) => value.Write(span));
        try
        {
            return await Log.AppendAsync(record);
        }
        finally
        {
            record.Release();
        }
    }
}
