using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Restate.Storage.Logs;
using Restate.Storage.Memory;
using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>The partitions of this node: which keys each owns, their states, and the way of writes and scans to them. Thread-safe.</summary>
public sealed partial class PartitionManager : IPartitionMemorySource
{
    private readonly Partition[] _partitions;
    private readonly KeyRange[] _ranges;
    private readonly LogTrimmer _trimmer;
    private readonly PartitionRestarter _restarter;
    private readonly PartitionCensus _census;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private Task[] _background = [];

    internal PartitionManager(int partitionCount, Bifrost bifrost, PartitionContext context)
    {
        _logger = context.Logger;
        _time = context.Time;
        _census = context.Census;
        _ranges = KeyRange.Split(partitionCount);
        _partitions = new Partition[partitionCount];
        for (ushort i = 0; i < partitionCount; i++)
        {
            var id = new PartitionId(i);
            _partitions[i] = new Partition(id, _ranges[i], bifrost[LogId.Of(id)], context);
        }

        _trimmer = new LogTrimmer(_partitions, context.Time, context.Logger);
        _restarter = new PartitionRestarter(_partitions, context.Time, context.Logger);
    }

    /// <summary>Number of partitions; their ids are 0 to this − 1. Fixed once the node has first started.</summary>
    public int PartitionCount => _partitions.Length;

    /// <summary>The partition that owns a key.</summary>
    public PartitionId Find(ulong partitionKey)
    {
        int low = 0;
        int high = _ranges.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (partitionKey > _ranges[middle].End)
                low = middle + 1;
            else
                high = middle;
        }

        return new PartitionId((ushort)low);
    }

    /// <summary>Takes a scan lease. Waits up to 5 s while the partition is replaying.</summary>
    /// <exception cref="PartitionUnavailableException">The partition is closed, draining, or still replaying after the wait.</exception>
    public ValueTask<PartitionScanLease> AcquireScanAsync(PartitionId partition, CancellationToken cancellationToken) =>
        _partitions[partition.Value].AcquireScanAsync(cancellationToken);

    /// <summary>
    /// True once any partition has held state of a scope. While it is false, objects with a service key are found under the partition
    /// key of that service key and nowhere else.
    /// </summary>
    public bool HasScopedState => _partitions.Any(partition => partition.HasScopedState);

    /// <summary>Restarts in place of failed partitions since the node started, those that failed too.</summary>
    public long RestartCount => _partitions.Sum(partition => (long)partition.Restarts);

    /// <summary>How often the processor of each partition was started since the node started, by number of the partition.</summary>
    public IReadOnlyList<long> StartCounts() => [.. _partitions.Select(partition => partition.Starts)];

    /// <summary>All partitions as they are now, by number.</summary>
    public IReadOnlyList<PartitionStatus> Status() => [.. _partitions.Select(partition => partition.Status())];

    /// <summary>One partition as it is now; null when there is none of that number.</summary>
    public PartitionStatus? Status(int partition) =>
        partition >= 0 && partition < _partitions.Length ? _partitions[partition].Status() : null;

    /// <summary>Opens a partition; the task completes when it serves. Does nothing when it is open.</summary>
    /// <exception cref="StorageException">It cannot be opened; it is in state failed then.</exception>
    public Task OpenAsync(PartitionId partition) => _partitions[partition.Value].OpenAsync(_stop.Token);

    /// <summary>Closes a partition; the task completes when its database is closed. Does nothing when it is closed.</summary>
    public Task CloseAsync(PartitionId partition) => _partitions[partition.Value].CloseAsync();

    /// <summary>Starts a flush of a partition's memtables; does nothing when it is not open.</summary>
    /// <exception cref="StorageException">The store refused it.</exception>
    public void StartFlush(PartitionId partition) => _partitions[partition.Value].StartFlush();

    /// <inheritdoc/>
    IReadOnlyList<PartitionMemoryInfo> IPartitionMemorySource.Read()
    {
        return [.. _partitions.Select(partition => ToInfo(partition.Status()))];

        static PartitionMemoryInfo ToInfo(PartitionStatus status) =>
            new(status.Partition, status.State.ToString().ToLowerInvariant(), status.AppliedLsn, status.DurableLsn);
    }

    internal Partition this[PartitionId partition] => _partitions[partition.Value];

    /// <summary>
    /// Opens all databases, many at once, and returns; taking the leaderships and replaying the logs goes on behind. The state of
    /// each partition tells when it serves.
    /// </summary>
    /// <remarks>A partition whose database cannot be opened has failed, visibly, and is tried again; the others serve.</remarks>
    /// <exception cref="StorageException">No database can be opened.</exception>
    internal async Task StartAsync()
    {
        // All of them count from the start, or the first to open would get the share of few.
        foreach (Partition partition in _partitions)
            _census.Opening(partition.Id);
        var failures = new ConcurrentDictionary<Partition, StorageException>();

        // Opening is part waiting for the disk, part computing: more at once than processors pays.
        Parallel.ForEach(
            _partitions,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(4, Environment.ProcessorCount * 2) },
            partition =>
            {
                try
                {
                    partition.OpenStoreAtStart();
                }
                catch (Exception e)
                {
                    failures[partition] = e as StorageException ?? new StorageException(e.Message, e);
                }
            });
        if (failures.Count == _partitions.Length)
        {
            foreach (Partition partition in _partitions)
                await partition.AbandonAsync();
            throw failures[_partitions[0]];
        }

        _background = [ReportWhenOpenAsync([.. _partitions.Where(partition => !failures.ContainsKey(partition)).Select(FinishStartAsync)]), _trimmer.RunAsync(_stop.Token), _restarter.RunAsync(_stop.Token)];
    }

    /// <summary>Closes all partitions, many at once, flushing them.</summary>
    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_background);
        using var slots = new SemaphoreSlim(Math.Max(2, Environment.ProcessorCount));
        await Task.WhenAll(_partitions.Select(async partition =>
        {
            await slots.WaitAsync();
            try
            {
                // Closing blocks in the flush: not on the caller's thread.
                await Task.Yield();
                await partition.CloseAsync();
            }
            finally
            {
                slots.Release();
            }
        }));
        _stop.Dispose();
    }

    private async Task ReportWhenOpenAsync(Task[] opening)
    {
        long started = _time.GetTimestamp();
        await Task.WhenAll(opening);
        int open = _partitions.Count(partition => partition.Status().State == PartitionState.Open);
        Messages.Open(_logger, open, _partitions.Length, (long)_time.GetElapsedTime(started).TotalMilliseconds);
    }

    private async Task FinishStartAsync(Partition partition)
    {
        await Task.Yield();
        await partition.FinishStartAsync(_stop.Token);
    }

    private static partial class Messages
    {
        [LoggerMessage(LogLevel.Information, "{Open} of {All} partitions are open; their logs were replayed in {ElapsedMs} ms")]
        public static partial void Open(ILogger logger, int open, int all, long elapsedMs);
    }
}
