using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Processing;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Processing;

/// <summary>What a kill leaves, what a trim may take, and which directories do not fit together.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly string _directory = PartitionsUnderTest.NewDirectory();

    public void Dispose()
    {
        PartitionsUnderTest.RemoveDirectory(_directory);
        if (Directory.Exists(_directory + "-killed"))
            PartitionsUnderTest.RemoveDirectory(_directory + "-killed");
    }

    [Fact]
    public async Task After_a_kill_the_log_gives_back_the_same_rows()
    {
        List<string> rows;
        string killed;
        await using (PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory))
        {
            await FillAsync(node, 0, 40);
            await node.AppliedAsync();
            node.Partitions.StartFlush(new PartitionId(0));
            await Eventually.HoldsAsync(() => node.Status(0).DurableLsn == node.Status(0).TailLsn, "partition 0 is flushed");
            await FillAsync(node, 20, 60);
            rows = await node.RowsAsync();
            Assert.True(node.Status(0).DurableLsn < node.Status(0).AppliedLsn);
            Assert.Equal(Lsn.None, node.Status(1).DurableLsn);
            killed = node.CopyAsKilled();
        }

        await using PartitionsUnderTest again = await PartitionsUnderTest.StartAsync(killed);
        Assert.Equal(rows, await again.RowsAsync());
        Assert.Equal(2UL, again.Status(0).LeaderEpoch);
        Assert.True(again.Partitions.HasScopedState);
    }

    [Fact]
    public async Task A_graceful_stop_leaves_nothing_to_replay()
    {
        List<string> rows;
        await using (PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory))
        {
            await FillAsync(node, 0, 20);
            rows = await node.RowsAsync();
        }

        await using var again = new PartitionsUnderTest(_directory);
        await again.Partitions.StartAsync();
        Assert.All(again.Partitions.Status(), status => Assert.True(status.DurableLsn.Value >= status.TailLsn.Value - 1));
        await again.AllAsync(PartitionState.Open);
        Assert.Equal(rows, await again.RowsAsync());
    }

    [Fact]
    public async Task A_log_is_trimmed_behind_what_is_durable_and_no_further()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        await FillAsync(node, 0, 20);
        await node.AppliedAsync();
        LogTrimmer trimmer = Trimmer(node);
        node.Time.Advance(TimeSpan.FromMinutes(2));
        trimmer.Tick();
        Assert.All(node.Partitions.Status(), status => Assert.Equal((Lsn.None, Lsn.None), (status.DurableLsn, status.TrimPoint)));

        node.Partitions.StartFlush(new PartitionId(0));
        await Eventually.HoldsAsync(() => node.Status(0).DurableLsn == node.Status(0).TailLsn, "partition 0 is flushed");
        Lsn durable = node.Status(0).DurableLsn;
        await FillAsync(node, 20, 30);
        await node.AppliedAsync();
        node.Time.Advance(TimeSpan.FromMinutes(2));
        trimmer.Tick();
        Assert.Equal(durable, node.Status(0).TrimPoint);
        Assert.True(durable < node.Status(0).AppliedLsn);
        Assert.Equal(Lsn.None, node.Status(1).TrimPoint);

        List<string> rows = await node.RowsAsync();
        await using PartitionsUnderTest again = await PartitionsUnderTest.StartAsync(node.CopyAsKilled());
        Assert.Equal(rows, await again.RowsAsync());
        Assert.Equal(durable, again.Status(0).TrimPoint);
    }

    [Fact]
    public async Task An_idle_partition_is_flushed_after_five_minutes_so_that_its_log_can_go()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        await FillAsync(node, 0, 20);
        await node.AppliedAsync();
        Assert.All(node.Partitions.Status(), status => Assert.Equal(Lsn.None, status.DurableLsn));
        await Eventually.HoldsAsync(
            () =>
            {
                node.Time.Advance(TimeSpan.FromMinutes(1));
                return node.Partitions.Status().All(status => status.TrimPoint == status.TailLsn);
            },
            "all logs are trimmed to their ends");
        Assert.Equal(20, (await node.RowsAsync()).Count);
    }

    [Fact]
    public async Task A_log_older_than_its_partition_is_refused()
    {
        await FillAndStopAsync();
        Directory.Delete(Path.Combine(_directory, "logs"), recursive: true);
        StorageException failure = await RefusedAsync();
        Assert.Matches(
            "^partition [01] has applied its log up to LSN [0-9]+, but the log ends at 0: the log store is older than the partition; restore the log store's directory$",
            failure.Message);
    }

    [Fact]
    public async Task A_partition_older_than_what_is_left_of_its_log_is_not_served_empty()
    {
        await FillAndStopAsync();
        Directory.Delete(Path.Combine(_directory, "partition-1"), recursive: true);
        await using var node = new PartitionsUnderTest(_directory);
        await node.Partitions.StartAsync();
        await Eventually.HoldsAsync(() => node.Status(0).State == PartitionState.Open, "the other partition is open");
        Assert.Equal(PartitionState.Failed, node.Status(1).State);
        Assert.Matches(
            "^partition 1 has applied its log up to LSN 0, but the log is trimmed up to [0-9]+: data is missing; restore the partition's directory$",
            node.Status(1).Failure);
        await Assert.ThrowsAsync<PartitionUnavailableException>(
            async () => await node.Partitions.AcquireScanAsync(new PartitionId(1), TestContext.Current.CancellationToken));
    }

    private static LogTrimmer Trimmer(PartitionsUnderTest node)
    {
        Partition[] partitions = [node.Partitions[new PartitionId(0)], node.Partitions[new PartitionId(1)]];
        return new LogTrimmer(partitions, node.Time, NullLogger.Instance);
    }

    /// <summary>Objects <paramref name="from"/> to before <paramref name="to"/> get a state; those that had one, another.</summary>
    private static async Task FillAsync(PartitionsUnderTest node, int from, int to)
    {
        for (int i = from; i < to; i++)
            await node.PutAsync($"object-{i}", [$"from-{from}={i}"], scope: i % 10 == 9 ? "s1" : string.Empty);
    }

    private async Task FillAndStopAsync()
    {
        await using PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory);
        await FillAsync(node, 0, 20);
        await Eventually.HoldsAsync(
            () =>
            {
                node.Time.Advance(TimeSpan.FromMinutes(1));
                return node.Partitions.Status().All(status => status.TrimPoint > Lsn.First);
            },
            "all logs are trimmed");
    }

    private async Task<StorageException> RefusedAsync()
    {
        await using var node = new PartitionsUnderTest(_directory);
        StorageException failure = await Assert.ThrowsAsync<StorageException>(node.Partitions.StartAsync);
        Assert.Equal(0, node.OpenStores);
        return failure;
    }
}
