using Restate.Storage.Logs;
using Restate.Storage.Memory;
using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>
/// Applies a partition's log to its store: one task, records in order, many in one batch, the applied LSN in the same batch as what
/// results from it. Everything it does follows from the records, never from the clock, so that a replay ends in the same state.
/// </summary>
internal sealed class PartitionProcessor : IDisposable
{
    /// <summary>Most log bytes read and applied in one go: enough to make a batch cheap, small enough to be forgotten memory.</summary>
    private const long MaxBatchBytes = 1 << 20;

    /// <summary>A batch of this size is committed before the next record: records of few bytes may delete or write many.</summary>
    private const long MaxTransactionBytes = 4 << 20;

    /// <summary>Time between two attempts while the disk is full. RocksDB itself looks for space every 5 s.</summary>
    private static readonly TimeSpan DiskFullPause = TimeSpan.FromSeconds(1);

    private readonly PartitionStore _store;
    private readonly BifrostLog _log;
    private readonly WriteAdmission _admission;
    private readonly TimeProvider _time;
    private readonly AsyncAutoResetSignal _wake = new();
    private readonly IDisposable _subscription;
    private readonly PartitionTransaction _transaction;
    private AppliedState _applied;
    private string? _waiting;
    private ulong _appliedLsn;
    private long _appliedBytes;
    private ulong _leaderEpoch;

    /// <summary>Prepares a processor where the store stands in its log.</summary>
    public PartitionProcessor(PartitionStore store, BifrostLog log, WriteAdmission admission, TimeProvider time)
    {
        _time = time;
        _store = store;
        _log = log;
        _admission = admission;
        _applied = store.ReadApplied();
        _appliedLsn = _applied.Lsn.Value;
        _leaderEpoch = _applied.LeaderEpoch;
        _transaction = new PartitionTransaction(store);
        _subscription = log.Subscribe(_wake.Set);
    }

    /// <summary>Last record whose effects are in the store.</summary>
    public Lsn Applied => new(Volatile.Read(ref _appliedLsn));

    /// <summary>Highest epoch announced up to <see cref="Applied"/>: records of a lower one have no effect.</summary>
    public ulong LeaderEpoch => Volatile.Read(ref _leaderEpoch);

    /// <summary>Log bytes applied by this processor.</summary>
    public long AppliedBytes => Volatile.Read(ref _appliedBytes);

    /// <summary>What it waits for besides records and memory, in words; null: nothing.</summary>
    public string? Waiting
    {
        get => Volatile.Read(ref _waiting);
        private set => Volatile.Write(ref _waiting, value);
    }

    /// <summary>Pulsed after every commit.</summary>
    public AsyncPulse Progress { get; } = new();

    /// <summary>Applies records until it is cancelled. A batch is written whole or not at all; what was not written is in the log.</summary>
    /// <exception cref="StorageException">A record is malformed, or the store or the log cannot be used.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var entries = new List<LogEntry>();
        while (!cancellationToken.IsCancellationRequested)
        {
            if (_applied.Lsn >= _log.Tail)
            {
                await _wake.WaitAsync(cancellationToken);
                continue;
            }

            try
            {
                _log.Read(_applied.Lsn.Next, MaxBatchBytes, entries);
                foreach (LogEntry entry in entries)
                    await ApplyAsync(entry, cancellationToken);
                await CommitAsync(cancellationToken);
            }
            finally
            {
                foreach (LogEntry entry in entries)
                    entry.Record.Release();
                entries.Clear();
                _transaction.Reset();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _subscription.Dispose();
        _transaction.Dispose();
        _wake.Dispose();
    }

    private AppliedState _pending;
    private long _pendingBytes;

    private async ValueTask ApplyAsync(LogEntry entry, CancellationToken cancellationToken)
    {
        if (!TryApply(entry))
        {
            // The batch already changed this object; the next change must see that one.
            await CommitAsync(cancellationToken);
            if (!TryApply(entry))
                throw new StorageException($"log {_log.Id}: record {entry.Lsn} cannot be applied to an empty batch");
        }

        if (_transaction.EstimatedMemtableBytes >= MaxTransactionBytes)
            await CommitAsync(cancellationToken);
    }

    /// <summary>False when the batch must be committed first.</summary>
    private bool TryApply(in LogEntry entry)
    {
        LogRecordHeader header = LogRecordHeader.Read(entry.Record.Span, out ReadOnlySpan<byte> payload);
        AppliedState before = _pendingBytes == 0 ? _applied : _pending;
        ulong epoch = before.LeaderEpoch;

        // A record that an earlier leader let in after a later one announced itself has no effect, for every reader alike.
        if (header.LeaderEpoch >= epoch)
        {
            switch (header.Kind)
            {
                case LogRecordKind.AnnounceLeader:
                    epoch = header.LeaderEpoch;
                    break;
                case LogRecordKind.StateMutation:
                    StateMutation mutation = StateMutation.Read(payload);
                    ulong key = header.PartitionKey ?? throw new StorageException($"log {_log.Id}: record {entry.Lsn} has no partition key");
                    if (_transaction.Touches(key, mutation))
                        return false;
                    _transaction.ReplaceState(key, mutation);
                    break;
                default:
                    throw new StorageException($"log {_log.Id}: record {entry.Lsn} has kind {(byte)header.Kind} that this build does not know");
            }
        }

        _pending = new AppliedState(entry.Lsn, epoch, header.CreatedAtMs);
        _pendingBytes += entry.Record.Length;
        return true;
    }

    private async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        if (_pendingBytes == 0)
            return;

        // The view pins memtables: waiting for memory with it open would be waiting for oneself.
        _transaction.ReleaseView();
        while (!await TryCommitAsync(cancellationToken))
            await Task.Delay(DiskFullPause, _time, cancellationToken);
        _transaction.Reset();
        _applied = _pending;
        Volatile.Write(ref _appliedBytes, _appliedBytes + _pendingBytes);
        _pendingBytes = 0;
        Volatile.Write(ref _leaderEpoch, _applied.LeaderEpoch);
        Volatile.Write(ref _appliedLsn, _applied.Lsn.Value);
        Progress.Pulse();
    }

    /// <summary>
    /// False while the disk is full: a processor that failed would close its store, which cannot be opened again without space, and with
    /// it all reads.
    /// </summary>
    private async ValueTask<bool> TryCommitAsync(CancellationToken cancellationToken)
    {
        try
        {
            using (await _admission.ReserveAsync(_transaction.EstimatedMemtableBytes, AdmissionPriority.Processor, deadline: null, cancellationToken))
                _transaction.Commit(_pending);
            Waiting = null;
            return true;
        }
        catch (StorageException e) when (e.IsDiskFull)
        {
            Waiting = $"the disk is full; free space there, and it goes on by itself ({e.Message})";
            return false;
        }
    }
}
