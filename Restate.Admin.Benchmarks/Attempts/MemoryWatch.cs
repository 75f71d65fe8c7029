using System.Diagnostics;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>Looks at the anonymous memory of a process every 50 ms, and ends the process when it takes the machine's.</summary>
internal sealed class MemoryWatch : IAsyncDisposable
{
    /// <summary>Where the machine is at risk and not the process alone: the peer has no bound of its own.</summary>
    private const long KillBytes = 6L << 30;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly List<(long At, long Bytes)> _samples = [];
    private readonly CancellationTokenSource _end = new();
    private readonly ServerProcess _server;
    private readonly Task _running;

    internal MemoryWatch(ServerProcess server)
    {
        _server = server;
        _running = RunAsync();
    }

    /// <summary>True once it ended the process.</summary>
    internal bool HasKilled { get; private set; }

    /// <summary>Most anonymous bytes since the timestamp.</summary>
    internal long PeakSince(long timestamp)
    {
        lock (_lock)
        {
            long peak = _samples.Count > 0 ? _samples[^1].Bytes : 0;
            for (int i = _samples.Count - 1; i >= 0 && _samples[i].At >= timestamp; i--)
                peak = Math.Max(peak, _samples[i].Bytes);
            return peak;
        }
    }

    /// <summary>How much more than at the timestamp there was at the peak since then.</summary>
    internal long GrownSince(long timestamp)
    {
        lock (_lock)
        {
            int first = _samples.Count - 1;
            while (first > 0 && _samples[first].At >= timestamp)
                first--;
            return first < 0 ? 0 : _samples[first..].Max(sample => sample.Bytes) - _samples[first].Bytes;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested && !_server.HasExited)
        {
            long bytes;
            try
            {
                bytes = ProcessMemory.AnonymousBytes(_server.Id);
            }
            catch (ScenarioException)
            {
                // It has ended; whoever runs attempts will see so.
                return;
            }

            lock (_lock)
                _samples.Add((Stopwatch.GetTimestamp(), bytes));
            if (bytes > KillBytes)
            {
                HasKilled = true;
                await _server.KillAsync();
                return;
            }

            await Task.Delay(Interval, _end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
