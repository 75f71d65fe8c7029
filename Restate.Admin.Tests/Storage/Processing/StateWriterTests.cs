using Restate.Storage.Processing;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Processing;

public sealed class StateWriterTests : IDisposable
{
    private readonly string _directory = PartitionsUnderTest.NewDirectory();

    public void Dispose() => PartitionsUnderTest.RemoveDirectory(_directory);

    [Fact]
    public async Task Entries_come_in_any_order_and_of_equal_keys_the_last_stands()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory, count: 1);
        await node.PutAsync("a", ["z=1", "b=2", "z=3", "a=4", "b=5", "ab=6"]);
        Assert.Equal(
            ["1417734710680270745 Counter/a a=4", "1417734710680270745 Counter/a ab=6", "1417734710680270745 Counter/a b=5", "1417734710680270745 Counter/a z=3"],
            await node.RowsAsync());
    }

    [Fact]
    public async Task A_value_may_come_in_pieces_and_be_empty()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory, count: 1);
        using var writer = new StateWriter();
        Assert.True(writer.IsEmpty);
        writer.BeginEntry("e"u8);
        writer.BeginEntry("v"u8);
        writer.AppendValue((byte)'x');
        writer.AppendValue("yz"u8);
        writer.AppendValue([]);
        Assert.False(writer.IsEmpty);
        await writer.AppendAsync(node.Partitions, string.Empty, "S", "a"u8.ToArray(), [], node.Time, TestContext.Current.CancellationToken);
        Assert.Equal(["1417734710680270745 S/a e=", "1417734710680270745 S/a v=xyz"], await node.RowsAsync());
    }

    [Fact]
    public async Task A_scope_and_not_the_key_decides_the_partition()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        Assert.False(node.Partitions.HasScopedState);
        await node.PutAsync("a", ["k=plain"]);
        await node.PutAsync("a", ["k=scoped"], scope: "s1");
        Assert.Equal(["1417734710680270745 Counter/a k=plain", "9413875479566793588 @s1 Counter/a k=scoped"], await node.RowsAsync());
        Assert.True(node.Partitions.HasScopedState);
        Assert.Equal((0, 1), (node.Partitions.Find(1417734710680270745).Value, node.Partitions.Find(9413875479566793588).Value));

        // Known of a closed partition too, or its objects would not be searched for when it opens.
        await node.Partitions.CloseAsync(new PartitionId(1));
        Assert.True(node.Partitions.HasScopedState);
    }

    [Fact]
    public async Task A_version_decides_whether_the_state_changes()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory, count: 1);
        await node.PutAsync("a", ["count=10", "label=\"key-a\""]);
        await node.PutAsync("a", ["count=11"], version: new byte[32]);
        Assert.Equal(2, (await node.RowsAsync()).Count);
        Assert.True(StateVersionText.TryParse("8U92c8XsO-Vg7k0ZdndKYObT9c5A7IjtzRZaDYIgbeA", out byte[] version));
        await node.PutAsync("a", ["count=12"], version: version);
        Assert.Equal(["1417734710680270745 Counter/a count=12"], await node.RowsAsync());
    }

    [Fact]
    public async Task Every_key_finds_the_partition_whose_range_holds_it()
    {
        await using var node = new PartitionsUnderTest(_directory, count: 7);
        foreach (KeyRange range in KeyRange.Split(7))
        {
            PartitionId partition = node.Partitions.Find(range.Start);
            Assert.Equal(partition, node.Partitions.Find(range.End));
            Assert.Equal(range, node.Partitions.Status(partition.Value)!.Range);
        }

        Assert.Null(node.Partitions.Status(7));
        Assert.Null(node.Partitions.Status(-1));
    }
}
