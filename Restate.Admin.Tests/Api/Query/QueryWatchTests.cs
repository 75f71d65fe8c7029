using Restate.Admin.Api.Query;
using Restate.Admin.Tests.Storage.Rocks;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>Who ends when queries hold more than they may.</summary>
public sealed class QueryWatchTests
{
    private long _usage;

    [Fact]
    public async Task The_youngest_of_those_that_may_hold_memory_ends_and_none_that_waits()
    {
        using var watch = new QueryWatch(
            TimeProvider.System, () => Volatile.Read(ref _usage), () => 10, () => 0, _ => { }, () => null, new StalledReaders(TimeProvider.System, () => null));
        using QueryGuard oldest = Guard(holds: true);
        using QueryGuard younger = Guard(holds: true);
        using QueryGuard waiting = Guard(holds: false);
        foreach (QueryGuard guard in new[] { oldest, younger, waiting })
            watch.Add(guard);
        Volatile.Write(ref _usage, 20);
        await Eventually.HoldsAsync(() => younger.IsStopped, "the youngest that holds memory is ended");
        Assert.Equal(QueryFailure.OutOfMemory, younger.Reason!.Failure);

        // It gives back what it held; the next is asked for more only then.
        watch.Remove(younger);
        await Eventually.HoldsAsync(() => oldest.IsStopped, "the last that holds memory is ended");
        watch.Remove(oldest);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsStopped);
        watch.Remove(waiting);
    }

    private static QueryGuard Guard(bool holds) =>
        new(TimeSpan.FromMinutes(10), TimeProvider.System, CancellationToken.None) { MayHoldMemory = holds };
}
