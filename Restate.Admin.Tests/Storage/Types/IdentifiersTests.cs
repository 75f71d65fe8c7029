using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Types;

public sealed class IdentifiersTests
{
    [Fact]
    public void Sequence_numbers_start_at_1_and_are_ordered()
    {
        Assert.Equal(Lsn.First, Lsn.None.Next);
        Assert.True(Lsn.None < Lsn.First);
        Assert.True(new Lsn(ulong.MaxValue) > Lsn.First);
        Assert.True(Lsn.First <= new Lsn(1));
        Assert.True(Lsn.First >= new Lsn(1));
        Assert.Equal("18446744073709551615", new Lsn(ulong.MaxValue).ToString());
    }

    [Fact]
    public void Partition_p_is_fed_by_log_p()
    {
        Assert.Equal(new LogId(65_535), LogId.Of(new PartitionId(ushort.MaxValue)));
        Assert.Equal("65535", LogId.Of(new PartitionId(ushort.MaxValue)).ToString());
    }

    [Fact]
    public void Partitions_are_ordered_by_number() => Assert.True(new PartitionId(2).CompareTo(new PartitionId(10)) < 0);
}
