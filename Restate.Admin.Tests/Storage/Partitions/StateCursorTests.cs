using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Partitions;
using Restate.Storage.Types;
using Xunit;
using static Restate.Admin.Tests.Storage.Partitions.TestMutations;

namespace Restate.Admin.Tests.Storage.Partitions;

public sealed class StateCursorTests : IDisposable
{
    private readonly TestDatabases _databases = new();
    private readonly PartitionStore _store;

    public StateCursorTests()
    {
        _store = Open(_databases);
        Replace(_store, 1, Payload("S", "a", ["x=1", "xx=2"]));
        Replace(_store, 1, Payload("S", "ab", ["x=3"]));
        Replace(_store, 1, Payload("S", "a", ["x=4"], scope: "s"));
        Replace(_store, 1, Payload("SS", "a", ["x=5"]));
        Replace(_store, 2, Payload("S", "a", ["x=6"]));
        Replace(_store, ulong.MaxValue, Payload("S", "z", ["x=7"]));
    }

    public void Dispose()
    {
        _store.Dispose();
        _databases.Dispose();
    }

    [Fact]
    public void Visits_every_entry_in_key_order() =>
        Assert.Equal(
            ["1 S/a x=1", "1 S/a xx=2", "1 S/ab x=3", "1 SS/a x=5", "1 @s S/a x=4", "2 S/a x=6", "18446744073709551615 S/z x=7"],
            Rows(_store));

    [Fact]
    public void A_range_visits_what_it_names_and_nothing_beside_it()
    {
        Assert.Equal(5, Rows(_store, new StateScanRange(1)).Count);
        Assert.Equal(["18446744073709551615 S/z x=7"], Rows(_store, new StateScanRange(ulong.MaxValue)));
        Assert.Equal(["1 S/a x=1", "1 S/a xx=2", "1 S/ab x=3"], Rows(_store, new StateScanRange(1, Bytes("S"))));
        Assert.Equal(["1 S/a x=1", "1 S/a xx=2"], Rows(_store, new StateScanRange(1, Bytes("S"), Bytes("a"))));
        Assert.Equal(["1 S/a x=1"], Rows(_store, new StateScanRange(1, Bytes("S"), Bytes("a"), Bytes("x"))));
        Assert.Equal(["1 @s S/a x=4"], Rows(_store, new StateScanRange(1, Bytes("S"), Bytes("a"), Scope: Bytes("s"))));
        Assert.Empty(Rows(_store, new StateScanRange(3)));
        Assert.Empty(Rows(_store, new StateScanRange(1, Bytes("S"), Bytes("a"), Bytes("xxx"))));
        Assert.Empty(Rows(_store, new StateScanRange(1, Bytes("S"), Bytes("a"), Array.Empty<byte>())));
        Assert.Empty(Rows(_store, new StateScanRange(1, Bytes("S"), Bytes("a"), Scope: Bytes("t"))));
    }

    [Fact]
    public void Bounds_apply_to_the_part_that_follows()
    {
        Assert.Equal(["2 S/a x=6"], Rows(_store, new StateScanRange(null, Next: Between([0, 0, 0, 0, 0, 0, 0, 2], [0, 0, 0, 0, 0, 0, 0, 3]))));
        Assert.Equal(["2 S/a x=6", "18446744073709551615 S/z x=7"], Rows(_store, new StateScanRange(null, Next: Between([0, 0, 0, 0, 0, 0, 0, 2], null))));
        Assert.Equal(["1 SS/a x=5"], Rows(_store, new StateScanRange(1, Next: Between(Bytes("S\0"), null))));
        Assert.Equal(["1 S/a x=1", "1 S/a xx=2", "1 S/ab x=3"], Rows(_store, new StateScanRange(1, Next: Between(Bytes("S"), Bytes("SS")))));
        Assert.Equal(["1 @s S/a x=4"], Rows(_store, new StateScanRange(1, Scope: Bytes("s"), Next: Between([], null))));
        Assert.Equal(["1 S/ab x=3"], Rows(_store, new StateScanRange(1, Bytes("S"), Next: Between(Bytes("a\0"), Bytes("b")))));
        Assert.Equal(["1 S/a xx=2"], Rows(_store, new StateScanRange(1, Bytes("S"), Bytes("a"), Next: Between(Bytes("x\0"), null))));
        Assert.Equal(["1 S/a x=1"], Rows(_store, new StateScanRange(1, Bytes("S"), Bytes("a"), Next: Between([], Bytes("xx")))));
        Assert.Empty(Rows(_store, new StateScanRange(ulong.MaxValue, Bytes("S"), Bytes("z"), Next: Between(Bytes("y"), null))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cursor_goes_on_with_other_ranges_in_any_order(bool isFlushed)
    {
        StateScanRange[] ranges =
        [
            new(2), new(1, Bytes("S"), Bytes("a")), new(3), new(1, Bytes("S"), Bytes("a"), Bytes("xx")), new(ulong.MaxValue), new(1),
            new(1, Bytes(new string('n', 500))), new(1, Next: Between([], Bytes("S\0"))), new(1, Bytes("S"), Bytes("a"), Bytes("")),
        ];
        if (isFlushed)
            _store.Flush();
        using var lease = new PartitionScanLease(_store.Partition, _store.Database, CancellationToken.None, static () => { });
        var random = new Random(1);
        using StateCursor cursor = lease.OpenState(ranges[0]);
        for (int round = 0; round < 300; round++)
        {
            StateScanRange range = ranges[random.Next(ranges.Length)];
            Assert.True(cursor.TryRestart(range));
            Assert.Equal(Rows(lease, range).Take(round % 8), Rows(cursor).Take(round % 8));
        }

        using StateCursor scan = lease.OpenState(StateScanRange.All);
        Assert.False(scan.TryRestart(ranges[0]));
        Assert.False(cursor.TryRestart(StateScanRange.All));
        Assert.False(cursor.TryRestart(new StateScanRange(null, Next: Between([1], null))));
    }

    [Fact]
    public void Long_and_empty_names_are_handed_out_whole()
    {
        string longName = new('n', 3_000);
        Replace(_store, 3, Payload([], [], [], [], ([], [])));
        Replace(_store, 4, Payload(longName, longName + "k", [$"{longName}s=v"]));
        Assert.Equal(["3 / ="], Rows(_store, new StateScanRange(3)));
        Assert.Equal([$"4 {longName}/{longName}k {longName}s=v"], Rows(_store, new StateScanRange(4)));
    }

    [Fact]
    public void A_lease_sees_its_moment_and_is_returned_once()
    {
        int returned = 0;
        var lease = new PartitionScanLease(new PartitionId(5), _store.Database, CancellationToken.None, () => returned++);
        Replace(_store, 2, Payload("S", "a", ["x=new"]));
        Assert.Contains("2 S/a x=6", Rows(lease, StateScanRange.All));
        using (StateCursor first = lease.OpenState(StateScanRange.All))
        using (StateCursor second = lease.OpenState(new StateScanRange(2)))
        {
            Assert.True(first.MoveNext());
            Assert.True(second.MoveNext());
            Assert.Equal((1UL, 2UL), (first.PartitionKey, second.PartitionKey));
        }

        lease.Dispose();
        lease.Dispose();
        Assert.Equal(1, returned);
        Assert.Contains("2 S/a x=new", Rows(_store));
    }

    [Fact]
    public void A_malformed_entry_ends_the_scan_with_an_error()
    {
        TestDatabases.Put(_store.Database, [0x00, 0x10, 1, 2, 3], [1]);
        Assert.Throws<StorageException>(() => Rows(_store));
    }

    private static KeyBounds Between(byte[] from, byte[]? to) => new(from, to is null ? default(ReadOnlyMemory<byte>?) : to);
}
