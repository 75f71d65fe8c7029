using System.Diagnostics;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>
/// Sends at a steady rate, whatever became of earlier requests, and times each from the moment it was meant to be sent: a server that
/// stands still for a second then shows that second in every request that fell into it, and not in one.
/// </summary>
/// <param name="perSecond">Requests per second.</param>
/// <param name="send">Sends the request of this number; false when it was not answered as it should be.</param>
internal sealed class OpenLoop(int perSecond, Func<int, CancellationToken, Task<bool>> send)
{
    /// <summary>Times after the warm-up, in order; requests that were refused are in them too.</summary>
    public double[] Milliseconds { get; private set; } = [];

    /// <summary>Requests that were not answered as they should be, the warm-up's too.</summary>
    public int Refused => Volatile.Read(ref _refused);

    private int _refused;

    /// <summary>Sends for as long, and waits for all answers.</summary>
    public async Task RunAsync(TimeSpan warmUp, TimeSpan duration, CancellationToken cancellationToken)
    {
        int warm = (int)(warmUp.TotalSeconds * perSecond);
        var times = new double[warm + (int)(duration.TotalSeconds * perSecond)];
        var running = new Task[times.Length];
        long started = Stopwatch.GetTimestamp();
        for (int number = 0; number < times.Length; number++)
        {
            long intended = started + (long)((double)number / perSecond * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < intended)
                await Task.Delay(TimeSpan.FromMilliseconds(1), cancellationToken);
            running[number] = SendAsync(number, intended, times, cancellationToken);
        }

        await Task.WhenAll(running);
        Milliseconds = [.. times[warm..].Order()];
    }

    private async Task SendAsync(int number, long intended, double[] times, CancellationToken cancellationToken)
    {
        // The sender must not run on in the part of a request that never waits.
        await Task.Yield();
        if (!await send(number, cancellationToken))
            Interlocked.Increment(ref _refused);
        times[number] = Stopwatch.GetElapsedTime(intended).TotalMilliseconds;
    }
}
