using Microsoft.Extensions.Time.Testing;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

public sealed class PartitionCensusTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PartitionCensus _census;

    public PartitionCensusTests() => _census = new PartitionCensus(_time);

    [Fact]
    public void Opening_and_open_partitions_count()
    {
        _census.Opening(Id(0));
        _census.Opening(Id(1));
        _census.Opened(Id(1));
        Assert.Equal((2, 1), (_census.Counted(), _census.OpenCount));
    }

    [Fact]
    public void A_closed_partition_counts_for_30_seconds()
    {
        _census.Opened(Id(0));
        _census.Closed(Id(0));
        _time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.Equal((1, 0), (_census.Counted(), _census.OpenCount));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(0, _census.Counted());
    }

    [Fact]
    public void Reopening_ends_the_grace_period_without_counting_twice()
    {
        _census.Opened(Id(0));
        _census.Closed(Id(0));
        _census.Opening(Id(0));
        Assert.Equal(1, _census.Counted());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _census.Counted());
    }

    [Fact]
    public void Closing_what_was_never_announced_counts_nothing()
    {
        _census.Closed(Id(7));
        Assert.Equal(0, _census.Counted());
    }

    private static PartitionId Id(int id) => new((ushort)id);
}
