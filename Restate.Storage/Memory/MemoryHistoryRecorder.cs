using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Restate.Storage.Memory;

/// <summary>Takes a sample of the process's memory every <see cref="MemoryHistory.Interval"/>.</summary>
/// <param name="history">Where samples go.</param>
/// <param name="ledger">The pools.</param>
/// <param name="limit">Gives the memory limit of the process.</param>
/// <param name="rss">Gives the anonymous resident memory in bytes.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Told of samples that failed.</param>
public sealed partial class MemoryHistoryRecorder(
    MemoryHistory history,
    MemoryLedger ledger,
    Func<ProcessMemoryLimit> limit,
    Func<long> rss,
    TimeProvider time,
    ILogger<MemoryHistoryRecorder> logger) : BackgroundService
{
    private bool _failing;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(MemoryHistory.Interval, time);
        do
        {
            Sample();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Sample()
    {
        try
        {
            history.Add(new MemoryHistorySample(
                DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
                limit().Bytes,
                rss(),
                [.. ledger.Read().Select(pool => new MemoryPoolSample(pool.Name, pool.CapacityBytes, pool.UsageBytes))]));
            _failing = false;
        }
        catch (Exception e)
        {
            // The next sample may work; a line at every one would say nothing new.
            if (!_failing)
                Log.SampleFailed(logger, e);
            _failing = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "A sample of the memory history could not be taken")]
        public static partial void SampleFailed(ILogger logger, Exception exception);
    }
}
