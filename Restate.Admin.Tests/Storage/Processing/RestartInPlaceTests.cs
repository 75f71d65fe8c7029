using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Logs;
using Restate.Storage.Processing;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Processing;

/// <summary>A partition that failed comes back by itself, and replays from the record cache what that still holds.</summary>
public sealed class RestartInPlaceTests : IDisposable
{
    private const int Objects = 200;

    private static readonly PartitionId First = new(0);

    private readonly string _directory = PartitionsUnderTest.NewDirectory();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => PartitionsUnderTest.RemoveDirectory(_directory);

    [Theory]
    [InlineData(1 << 20, Objects)]
    [InlineData(64 << 10, 50)]
    [InlineData(0, 0)]
    public async Task What_the_cache_still_holds_is_replayed_from_it(int cacheBytes, int atLeastHeld)
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory, count: 1);
        node.Bifrost.Cache.CapacityBytes = cacheBytes;
        for (int i = 0; i < Objects; i++)
            await node.PutAsync($"object-{i}", [$"a={new string('v', 1000)}{i}"]);
        List<string> rows = await node.RowsAsync();
        Assert.Equal(Lsn.None, node.Status(0).DurableLsn);

        await FailStoreAsync(node);
        PartitionStatus failed = node.Status(0);
        Assert.Equal(TimeSpan.FromSeconds(1), failed.RestartAt - node.Time.GetUtcNow());
        Assert.NotNull(failed.Failure);
        long held = node.Bifrost.Cache.Count;
        Assert.InRange(held, atLeastHeld, Objects + 2);
        BifrostLog log = node.Bifrost[new LogId(0)];
        (long cached, long stored) = (log.ReadFromCache, log.ReadFromStore);

        await RestartedAsync(node);
        PartitionStatus again = node.Status(0);
        Assert.Equal((1, (DateTimeOffset?)null, 2UL), (again.Restarts, again.RestartAt, again.LeaderEpoch));
        Assert.Equal(1, node.Partitions.RestartCount);
        // Everything was in memtables that could not be written: the replay begins at the first record and ends with its own announcement.
        cached = log.ReadFromCache - cached;
        stored = log.ReadFromStore - stored;
        Assert.Equal((long)again.TailLsn.Value, cached + stored);
        Assert.InRange(cached, Math.Ceiling(0.9 * held), held + 1);

        List<string> replayed = await node.RowsAsync();
        Assert.Equal(rows, replayed.Where(row => !row.Contains("/last ", StringComparison.Ordinal)));
        Assert.Equal(Objects + 1, replayed.Count);
        await node.PutAsync("after", ["a=1"]);
        Assert.Equal(Objects + 2, (await node.RowsAsync()).Count);
    }

    [Fact]
    public async Task A_close_that_could_not_flush_is_made_good_from_the_cache()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory, count: 1);
        for (int i = 0; i < Objects; i++)
            await node.PutAsync($"object-{i}", [$"a={i}"]);
        List<string> rows = await node.RowsAsync();
        Away(node);
        await node.Partitions.CloseAsync(First);
        Assert.Equal(PartitionState.Closed, node.Status(0).State);
        BifrostLog log = node.Bifrost[new LogId(0)];
        (long cached, long stored) = (log.ReadFromCache, log.ReadFromStore);

        await node.Partitions.OpenAsync(First);
        Assert.Equal(rows, await node.RowsAsync());
        Assert.Equal(((long)node.Status(0).TailLsn.Value, 0), (log.ReadFromCache - cached, log.ReadFromStore - stored));
    }

    [Fact]
    public async Task Restarts_that_fail_come_later_each_time_and_closing_ends_them()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        await AppendUnknownAsync(node);
        await Eventually.HoldsAsync(() => node.Status(0).State == PartitionState.Failed, "the partition failed");
        var pauses = new List<double>();
        for (int restart = 1; restart <= 8; restart++)
        {
            DateTimeOffset due = node.Status(0).RestartAt!.Value;
            pauses.Add((due - node.Time.GetUtcNow()).TotalSeconds);
            node.Time.Advance(due - node.Time.GetUtcNow() - TimeSpan.FromTicks(1));
            Assert.Equal(restart - 1, node.Status(0).Restarts);
            node.Time.Advance(TimeSpan.FromMilliseconds(250));
            await Eventually.HoldsAsync(() => node.Status(0) is { RestartAt: not null } status && status.Restarts == restart, "it failed again");
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], pauses);
        await node.PutAsync(node.KeyIn(1), ["a=1"]);

        await node.Partitions.CloseAsync(First);
        Assert.Equal((PartitionState.Closed, 8, (DateTimeOffset?)null), (node.Status(0).State, node.Status(0).Restarts, node.Status(0).RestartAt));
        for (int i = 0; i < 100; i++)
            node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((PartitionState.Closed, 8), (node.Status(0).State, node.Status(0).Restarts));
    }

    [Fact]
    public async Task A_partition_whose_directory_could_not_be_opened_opens_once_it_can()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        await node.PutAsync(node.KeyIn(0), ["a=1"]);
        await node.Partitions.CloseAsync(First);
        node.BeforeOpen = _ => throw new StorageException("the disk is gone");
        await Assert.ThrowsAsync<StorageException>(() => node.Partitions.OpenAsync(First));
        await Eventually.HoldsAsync(() => Step(node).Restarts == 2, "it was tried twice");
        node.BeforeOpen = static _ => { };
        await RestartedAsync(node);
        Assert.Single(await node.RowsAsync());
    }

    /// <summary>A flush fails, the next write is refused, and the memtables are lost.</summary>
    private static async Task FailStoreAsync(PartitionsUnderTest node)
    {
        Away(node);
        node.Partitions.StartFlush(First);
        await Eventually.HoldsAsync(() => !node.Partitions[First].FlushPending, "the flush failed");
        await node.PutAsync("last", ["a=1"]);
        await Eventually.HoldsAsync(() => node.Status(0).State == PartitionState.Failed, "the partition failed");
    }

    /// <summary>Takes the directory away under the open database. It comes back when the next opening looks for it: closing writes what it can.</summary>
    private static void Away(PartitionsUnderTest node)
    {
        string store = Path.Combine(node.Directory, "partition-0");
        Directory.Move(store, store + ".away");
        node.BeforeOpen = _ =>
        {
            if (Directory.Exists(store))
                Directory.Delete(store, recursive: true);
            Directory.Move(store + ".away", store);
            node.BeforeOpen = static _ => { };
        };
    }

    private static async Task RestartedAsync(PartitionsUnderTest node)
    {
        await Eventually.HoldsAsync(() => Step(node).State == PartitionState.Open, "the partition is open again");
        await node.AppliedAsync();
    }

    private static PartitionStatus Step(PartitionsUnderTest node)
    {
        node.Time.Advance(TimeSpan.FromMilliseconds(250));
        return node.Status(0);
    }

    private static async Task AppendUnknownAsync(PartitionsUnderTest node)
    {
        var header = new LogRecordHeader((LogRecordKind)77, ulong.MaxValue, 1, PartitionKey: null);
        RecordBuffer record = RecordBuffer.Create(header.Length, header, static (span, value) => value.Write(span));
        await node.Bifrost[new LogId(0)].AppendAsync(record);
        record.Release();
    }
}
