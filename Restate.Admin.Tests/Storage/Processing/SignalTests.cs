using Restate.Storage.Processing;
using Xunit;

namespace Restate.Admin.Tests.Storage.Processing;

public sealed class SignalTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signal_set_before_the_wait_wakes_it_once()
    {
        using var signal = new AsyncAutoResetSignal();
        signal.Set();
        signal.Set();
        await signal.WaitAsync(Cancel);
        Task second = signal.WaitAsync(Cancel);
        Assert.False(second.IsCompleted);
        signal.Set();
        await second;
    }

    [Fact]
    public async Task No_change_is_missed_between_looking_and_waiting()
    {
        using var signal = new AsyncAutoResetSignal();
        const int Changes = 50_000;
        int changed = 0;
        Task writer = Task.Run(
            () =>
            {
                for (int i = 0; i < Changes; i++)
                {
                    Volatile.Write(ref changed, i + 1);
                    signal.Set();
                }
            },
            Cancel);
        while (Volatile.Read(ref changed) < Changes)
            await signal.WaitAsync(Cancel);
        await writer;
    }

    [Fact]
    public async Task A_pulse_wakes_everybody_who_took_it_before()
    {
        var pulse = new AsyncPulse();
        Task[] waiting = [pulse.Next, pulse.Next];
        pulse.Pulse();
        await Task.WhenAll(waiting);
        Assert.False(pulse.Next.IsCompleted);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_the_signal_to_the_next()
    {
        using var signal = new AsyncAutoResetSignal();
        using var cancelled = new CancellationTokenSource();
        Task wait = signal.WaitAsync(cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        signal.Set();
        await signal.WaitAsync(Cancel);
    }
}
