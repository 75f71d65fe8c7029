using Microsoft.Extensions.Logging;
using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>
/// Restarts failed partitions in place, so that a disk that was full for a moment, or a database that refused a write, does not keep
/// a partition away until the node restarts.
/// </summary>
internal sealed partial class PartitionRestarter(IReadOnlyList<Partition> partitions, TimeProvider time, ILogger logger)
{
    /// <summary>Restarts that run at once: when all partitions failed for one reason, opening all of them must not starve what still works.</summary>
    private const int MostAtOnce = 4;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly List<Task> _running = [];

    /// <summary>Restarts until it is cancelled, then waits for those that run.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                Tick(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }

        await Task.WhenAll(_running);
    }

    private void Tick(CancellationToken cancellationToken)
    {
        _running.RemoveAll(restart => restart.IsCompleted);
        foreach (Partition partition in partitions)
        {
            if (_running.Count == MostAtOnce)
                return;
            if (partition.TakeRestart())
                _running.Add(Task.Run(() => RestartAsync(partition, cancellationToken), CancellationToken.None));
        }
    }

    private async Task RestartAsync(Partition partition, CancellationToken cancellationToken)
    {
        try
        {
            await partition.RestartAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The node stops; closing follows.
        }
        catch (Exception e)
        {
            // The state says why and when it is tried again; an exception that left here would end the restarts of all others.
            Messages.Failed(logger, partition.Id, partition.Status().RestartAt, e.Message);
        }
    }

    private static partial class Messages
    {
        [LoggerMessage(LogLevel.Warning, "Partition {Partition} failed again; the next restart is at {RestartAt:O}: {Reason}")]
        public static partial void Failed(ILogger logger, PartitionId partition, DateTimeOffset? restartAt, string reason);
    }
}
