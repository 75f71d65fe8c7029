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

    [Fact]
    public async Task What_a_query_is_known_to_take_later_ends_it_before_it_does()
    {
        using var watch = new QueryWatch(
            TimeProvider.System, () => Volatile.Read(ref _usage), () => 100, () => 0, _ => { }, () => null, new StalledReaders(TimeProvider.System, () => null));
        long foreseen = 1000;
        Volatile.Write(ref _usage, 19);
        using QueryGuard foreseeing = Guard(holds: true);
        foreseeing.Foreseen = () => Volatile.Read(ref foreseen);
        using QueryGuard younger = Guard(holds: true);
        watch.Add(foreseeing);
        watch.Add(younger);

        // Nearly all rows were sorted out: those that are left take little now, and later.
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(foreseeing.IsStopped);
        Volatile.Write(ref foreseen, 60);
        Volatile.Write(ref _usage, 40);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(foreseeing.IsStopped);
        Volatile.Write(ref foreseen, 61);
        await Eventually.HoldsAsync(() => foreseeing.IsStopped, "the query that will need too much is ended");
        Assert.Equal(QueryFailure.OutOfMemory, foreseeing.Reason!.Failure);
        Assert.False(younger.IsStopped);
        watch.Remove(foreseeing);
        watch.Remove(younger);
    }

    private static QueryGuard Guard(bool holds) =>
        new(TimeSpan.FromMinutes(10), TimeProvider.System, CancellationToken.None) { MayHoldMemory = holds };
}
