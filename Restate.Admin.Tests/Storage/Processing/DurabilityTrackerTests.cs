using Microsoft.Extensions.Time.Testing;
using Restate.Storage.Processing;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Processing;

public sealed class DurabilityTrackerTests
{
    private const long MiB = 1 << 20;

    private readonly FakeTimeProvider _time = new();
    private readonly DurabilityTracker _tracker;

    public DurabilityTrackerTests() => _tracker = new DurabilityTracker(_time);

    [Fact]
    public void The_gap_is_what_was_applied_since_the_last_flush()
    {
        _tracker.Applied(new Lsn(10), 5 * MiB);
        _time.Advance(TimeSpan.FromMinutes(1));
        _tracker.Applied(new Lsn(20), 10 * MiB);
        Assert.Equal((10 * MiB, TimeSpan.FromMinutes(1)), (_tracker.GapBytes, _tracker.GapAge));
        _tracker.Durable(new Lsn(15), everything: false);
        Assert.Equal((5 * MiB, 5 * MiB, TimeSpan.Zero), (_tracker.GapBytes, _tracker.DurableBytes, _tracker.GapAge));
        _tracker.Durable(new Lsn(20), everything: true);
        Assert.Equal((0, 10 * MiB, TimeSpan.Zero), (_tracker.GapBytes, _tracker.DurableBytes, _tracker.GapAge));
    }

    [Fact]
    public void The_age_is_that_of_the_oldest_change_that_waits()
    {
        _tracker.Applied(new Lsn(1), 100);
        _time.Advance(TimeSpan.FromMinutes(2));
        _tracker.Applied(new Lsn(2), 200);
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(TimeSpan.FromMinutes(6), _tracker.GapAge);
    }

    [Fact]
    public void What_a_flush_missed_ages_although_nothing_follows_it()
    {
        _tracker.Applied(new Lsn(1), 100);
        _tracker.Applied(new Lsn(2), 200);
        _tracker.Durable(new Lsn(1), everything: false);
        Assert.Equal(100, _tracker.GapBytes);
        _time.Advance(TimeSpan.FromMinutes(6));
        _tracker.Applied(new Lsn(2), 200);
        _tracker.Durable(new Lsn(1), everything: false);
        Assert.Equal((100, TimeSpan.FromMinutes(6)), (_tracker.GapBytes, _tracker.GapAge));
        _tracker.Durable(new Lsn(2), everything: false);
        Assert.Equal((0, TimeSpan.Zero), (_tracker.GapBytes, _tracker.GapAge));
    }

    [Fact]
    public void Nothing_applied_is_no_gap()
    {
        _tracker.Durable(new Lsn(5), everything: true);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((0, 0, TimeSpan.Zero), (_tracker.GapBytes, _tracker.DurableBytes, _tracker.GapAge));
    }
}
