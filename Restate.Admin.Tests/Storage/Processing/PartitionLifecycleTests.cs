using Restate.Admin.Tests.Storage.Partitions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Logs;
using Restate.Storage.Metadata;
using Restate.Storage.Partitions;
using Restate.Storage.Processing;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Processing;

/// <summary>The states of a partition, and what each lets in.</summary>
public sealed class PartitionLifecycleTests : IDisposable
{
    private static readonly PartitionId First = new(0);

    private readonly string _directory = PartitionsUnderTest.NewDirectory();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => PartitionsUnderTest.RemoveDirectory(_directory);

    [Fact]
    public async Task Opening_again_takes_a_higher_epoch_and_keeps_the_rows()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        string key = node.KeyIn(0);
        await node.PutAsync(key, ["a=1"]);
        List<string> rows = await node.RowsAsync();
        Assert.Single(rows);
        Assert.Equal(1UL, node.Status(0).LeaderEpoch);

        await node.Partitions.CloseAsync(First);
        PartitionStatus closed = node.Status(0);
        Assert.Equal((PartitionState.Closed, 1), (closed.State, node.OpenStores));
        Assert.Equal((closed.TailLsn, closed.TailLsn), (closed.AppliedLsn, closed.DurableLsn));
        await node.Partitions.CloseAsync(First);

        await node.Partitions.OpenAsync(First);
        await node.Partitions.OpenAsync(First);
        Assert.Equal((PartitionState.Open, 2UL, 2), (node.Status(0).State, node.Status(0).LeaderEpoch, node.OpenStores));
        Assert.Equal(rows, await node.RowsAsync());
    }

    [Fact]
    public async Task A_closed_partition_refuses_and_the_others_serve_on()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        await node.Partitions.CloseAsync(First);
        const string Closed = "partition 0 is not available: it is closed";
        Assert.Equal(Closed, (await Assert.ThrowsAsync<PartitionUnavailableException>(() => node.PutAsync(node.KeyIn(0), ["a=1"]))).Message);
        Assert.Equal(Closed, (await Assert.ThrowsAsync<PartitionUnavailableException>(async () => await node.Partitions.AcquireScanAsync(First, Cancel))).Message);
        node.Partitions.StartFlush(First);
        await node.PutAsync(node.KeyIn(1), ["a=1"]);
        Assert.Equal(1, node.Census.OpenCount);
        Assert.Equal(2, node.Census.Counted());
    }

    [Fact]
    public async Task Closing_waits_for_scans_and_lets_nothing_new_in()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        await node.PutAsync(node.KeyIn(0), ["a=1"]);
        await node.AppliedAsync();
        PartitionScanLease lease = await node.Partitions.AcquireScanAsync(First, Cancel);
        Assert.Equal(1, node.Status(0).Scans);
        Task closing = node.Partitions.CloseAsync(First);
        Assert.Equal(PartitionState.Draining, node.Status(0).State);
        const string Draining = "partition 0 is not available: it is draining";
        Assert.Equal(Draining, (await Assert.ThrowsAsync<PartitionUnavailableException>(() => node.PutAsync(node.KeyIn(0), ["a=1"]))).Message);
        Assert.Equal(Draining, (await Assert.ThrowsAsync<PartitionUnavailableException>(async () => await node.Partitions.AcquireScanAsync(First, Cancel))).Message);

        node.Time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(lease.Interrupted.IsCancellationRequested);
        Assert.Single(TestMutations.Rows(lease, StateScanRange.All));
        Assert.False(closing.IsCompleted);
        lease.Dispose();
        await closing;
        Assert.Equal((PartitionState.Closed, 1), (node.Status(0).State, node.OpenStores));
    }

    [Fact]
    public async Task Scans_that_outlast_the_grace_are_interrupted()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        PartitionScanLease lease = await node.Partitions.AcquireScanAsync(First, Cancel);
        Task closing = node.Partitions.CloseAsync(First);
        await Eventually.HoldsAsync(
            () =>
            {
                node.Time.Advance(TimeSpan.FromMilliseconds(500));
                return lease.Interrupted.IsCancellationRequested;
            },
            "the scan is interrupted");
        Assert.False(closing.IsCompleted);
        lease.Dispose();
        await closing;

        await node.Partitions.OpenAsync(First);
        using PartitionScanLease next = await node.Partitions.AcquireScanAsync(First, Cancel);
        Assert.False(next.Interrupted.IsCancellationRequested);
    }

    [Fact]
    public async Task Closing_finishes_the_appends_that_are_on_their_way()
    {
        GatedLoglets gate = null!;
        await using var node = new PartitionsUnderTest(_directory, count: 2, logs => gate = new GatedLoglets(logs));
        await node.Partitions.StartAsync();
        await node.AllAsync(PartitionState.Open);
        gate.HoldAppends();
        Task put = node.PutAsync(node.KeyIn(0), ["a=1"]);
        await Eventually.HoldsAsync(() => gate.WaitingAppends == 1, "the append waits");
        Task closing = node.Partitions.CloseAsync(First);
        Assert.False(closing.IsCompleted);
        gate.ReleaseAppends();
        await put;
        await closing;
        await node.Partitions.OpenAsync(First);
        Assert.Single(await node.RowsAsync());
    }

    [Fact]
    public async Task While_a_log_is_replayed_the_partition_answers_and_waiters_give_up_after_five_seconds()
    {
        await using (PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory, count: 1))
            await node.PutAsync("k", ["a=1"]);

        GatedLoglets gate = null!;
        await using var replaying = new PartitionsUnderTest(_directory, count: 1, logs => gate = new GatedLoglets(logs));
        gate.Reads.Reset();
        try
        {
            await replaying.Partitions.StartAsync();
            await Eventually.HoldsAsync(() => replaying.Status(0) is { State: PartitionState.Opening } status && status.TailLsn.Value == 3, "it is announced");
            Task<PartitionScanLease> scan = replaying.Partitions.AcquireScanAsync(First, Cancel).AsTask();
            Task put = replaying.PutAsync("k", ["a=2"]);
            replaying.Time.Advance(TimeSpan.FromSeconds(4.9));
            Assert.False(scan.IsCompleted || put.IsCompleted);
            replaying.Time.Advance(TimeSpan.FromSeconds(0.2));
            const string Replaying = "partition 0 is not available: it is still replaying its log";
            Assert.Equal(Replaying, (await Assert.ThrowsAsync<PartitionUnavailableException>(() => scan)).Message);
            Assert.Equal(Replaying, (await Assert.ThrowsAsync<PartitionUnavailableException>(() => put)).Message);
            scan = replaying.Partitions.AcquireScanAsync(First, Cancel).AsTask();
            gate.Reads.Set();
            (await scan).Dispose();
            Assert.Equal(PartitionState.Open, replaying.Status(0).State);
        }
        finally
        {
            gate.Reads.Set();
        }
    }

    [Fact]
    public async Task Appends_wait_for_a_partition_that_lags_and_are_turned_away_in_the_end()
    {
        GatedLoglets gate = null!;
        await using var node = new PartitionsUnderTest(_directory, count: 1, logs => gate = new GatedLoglets(logs));
        await node.Partitions.StartAsync();
        await node.AllAsync(PartitionState.Open);
        node.Bifrost.Cache.CapacityBytes = 0;
        gate.Reads.Reset();
        try
        {
            string value = new('v', 4 << 20);
            for (int i = 0; i < 4; i++)
                await node.PutAsync($"k{i}", [$"a={value}"]);
            Task late = node.PutAsync("late", ["a=1"]);
            node.Time.Advance(TimeSpan.FromSeconds(9.9));
            Assert.False(late.IsCompleted);
            node.Time.Advance(TimeSpan.FromSeconds(0.2));
            Assert.Equal(
                "partition 0 is not available: it lags more than 16 MiB behind its log; try again later",
                (await Assert.ThrowsAsync<PartitionUnavailableException>(() => late)).Message);

            Task waiting = node.PutAsync("waiting", ["a=1"]);
            Assert.False(waiting.IsCompleted);
            gate.Reads.Set();
            await waiting;
        }
        finally
        {
            gate.Reads.Set();
        }

        Assert.Equal(5, (await node.RowsAsync()).Count);
    }

    [Fact]
    public async Task A_failed_processor_fails_its_partition_visibly_and_no_other()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        await node.PutAsync(node.KeyIn(0), ["a=1"]);
        await node.AppliedAsync();
        PartitionScanLease lease = await node.Partitions.AcquireScanAsync(First, Cancel);
        await AppendUnknownAsync(node);
        await Eventually.HoldsAsync(() => node.Status(0).State == PartitionState.Failed, "the partition failed");
        string failure = node.Status(0).Failure!;
        Assert.Equal("log 0: record 3 has kind 77 that this build does not know", failure);
        Assert.Equal(
            $"partition 0 is not available: {failure}",
            (await Assert.ThrowsAsync<PartitionUnavailableException>(() => node.PutAsync(node.KeyIn(0), ["a=1"]))).Message);
        await node.PutAsync(node.KeyIn(1), ["a=1"]);

        // Opening again waits for the scan that still holds the database, and then meets the same record.
        Task opening = node.Partitions.OpenAsync(First);
        Assert.False(opening.IsCompleted);
        lease.Dispose();
        Assert.Equal(failure, (await Assert.ThrowsAsync<StorageException>(() => opening)).Message);
        Assert.Equal((PartitionState.Failed, failure, 1), (node.Status(0).State, node.Status(0).Failure, node.OpenStores));
        Assert.Equal(1, node.Census.OpenCount);
    }

    [Fact]
    public async Task A_partition_that_cannot_open_says_why_and_opens_when_it_can()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        await node.Partitions.CloseAsync(First);
        node.BeforeOpen = _ => throw new StorageException("the disk is gone");
        Assert.Equal("the disk is gone", (await Assert.ThrowsAsync<StorageException>(() => node.Partitions.OpenAsync(First))).Message);
        Assert.Equal((PartitionState.Failed, "the disk is gone"), (node.Status(0).State, node.Status(0).Failure));
        node.BeforeOpen = static _ => { };
        await node.Partitions.OpenAsync(First);
        Assert.Equal((PartitionState.Open, (string?)null), (node.Status(0).State, node.Status(0).Failure));
        await node.PutAsync(node.KeyIn(0), ["a=1"]);
    }

    [Fact]
    public async Task A_damaged_epoch_fails_the_partition_with_its_key()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        await node.Partitions.CloseAsync(First);
        await node.Metadata.PutAsync("partition-epoch/0", new byte[3], Precondition.None, Cancel);
        await Assert.ThrowsAsync<StorageException>(() => node.Partitions.OpenAsync(First));
        Assert.Equal("metadata key 'partition-epoch/0' is damaged: 3 bytes, 8 expected", node.Status(0).Failure);
    }

    private static async Task AppendUnknownAsync(PartitionsUnderTest node)
    {
        var header = new LogRecordHeader((LogRecordKind)77, ulong.MaxValue, 1, PartitionKey: null);
        RecordBuffer record = RecordBuffer.Create(header.Length, header, static (span, value) => value.Write(span));
        await node.Bifrost[new LogId(0)].AppendAsync(record);
        record.Release();
    }
}
