using CsCheck;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Types;

public sealed class KeyRangeTests
{
    [Fact]
    public void Ranges_cover_the_ring_without_gap_or_overlap_and_differ_by_at_most_one_key() =>
        Gen.Int[1, ushort.MaxValue].Sample(
            count =>
            {
                KeyRange[] ranges = KeyRange.Split(count);
                Assert.Equal(count, ranges.Length);
                Assert.Equal(0UL, ranges[0].Start);
                Assert.Equal(ulong.MaxValue, ranges[^1].End);
                ulong smallest = ranges.Min(range => range.End - range.Start);
                ulong largest = ranges.Max(range => range.End - range.Start);
                Assert.True(largest - smallest <= 1);
                for (int i = 1; i < count; i++)
                    Assert.Equal(ranges[i - 1].End + 1, ranges[i].Start);
            },
            iter: 50);

    [Fact]
    public void The_ranges_of_24_partitions_are_fixed()
    {
        // Stored data depends on them: an object must be found where an earlier build put it.
        KeyRange[] ranges = KeyRange.Split(24);
        Assert.Equal(new KeyRange(0, 768614336404564649), ranges[0]);
        Assert.Equal(new KeyRange(768614336404564650, 1537228672809129300), ranges[1]);
        Assert.Equal(new KeyRange(17678129737304986965, ulong.MaxValue), ranges[23]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65_536)]
    public void Rejects_a_count_out_of_range(int count) => Assert.Throws<ArgumentOutOfRangeException>(() => KeyRange.Split(count));

    [Fact]
    public void Contains_its_ends_and_nothing_beyond()
    {
        var range = new KeyRange(10, 20);
        Assert.True(range.Contains(10));
        Assert.True(range.Contains(20));
        Assert.False(range.Contains(9));
        Assert.False(range.Contains(21));
    }
}
