using Restate.Storage.Memory;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

/// <summary>When untracked memory makes the guard trim the allocator.</summary>
public sealed class UntrackedTrimTests
{
    private static readonly TimeSpan Cheap = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(0, 64)]
    [InlineData(100, 79)]
    [InlineData(1000, 214)]
    public void The_bound_is_a_part_of_the_pools_use_and_a_base(long trackedMebibytes, long boundMebibytes) =>
        Assert.Equal(boundMebibytes << 20, AllocatorMemory.UntrackedBound(trackedMebibytes << 20));

    [Fact]
    public void It_begins_at_three_quarters_of_the_bound()
    {
        var trim = default(UntrackedTrim);
        Assert.False(trim.IsDue(75, 100, TimeSpan.Zero));
        Assert.True(trim.IsDue(76, 100, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(40, 8)]
    [InlineData(1000, 10)]
    public void The_pause_is_a_multiple_of_the_cost_within_bounds(int tookMilliseconds, int pauseSeconds)
    {
        var trim = default(UntrackedTrim);
        trim.Done(UntrackedTrim.WorthwhileBytes, TimeSpan.FromMilliseconds(tookMilliseconds), TimeSpan.Zero);
        Assert.False(trim.IsDue(100, 100, TimeSpan.FromSeconds(pauseSeconds) - TimeSpan.FromTicks(1)));
        Assert.True(trim.IsDue(100, 100, TimeSpan.FromSeconds(pauseSeconds)));
    }

    [Fact]
    public void Trims_that_bring_nothing_come_less_and_less_until_one_brings_something()
    {
        var trim = default(UntrackedTrim);
        TimeSpan now = TimeSpan.Zero;
        foreach (int pause in (int[])[3, 6, 12, 24, 48, 60, 60])
        {
            trim.Done(UntrackedTrim.WorthwhileBytes - 1, Cheap, now);
            Assert.False(trim.IsDue(100, 100, now + TimeSpan.FromSeconds(pause - 1)));
            now += TimeSpan.FromSeconds(pause);
            Assert.True(trim.IsDue(100, 100, now));
        }

        trim.Done(UntrackedTrim.WorthwhileBytes, Cheap, now);
        Assert.True(trim.IsDue(100, 100, now + UntrackedTrim.MinPause));
    }
}
