using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

public sealed class MemoryControllerTests : IAsyncDisposable
{
    private const long MiB = 1L << 20;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedMemory _memory = new();
    private readonly PartitionCensus _census;
    private readonly MemoryController _controller;
    private ConfigurationSnapshot _configuration = Snapshot(1, ByteSize.FromGiB(2));

    public MemoryControllerTests()
    {
        _census = new PartitionCensus(_time);
        _controller = new MemoryController(
            _memory,
            _census,
            () => Volatile.Read(ref _configuration),
            () => new ProcessMemoryLimit(64L << 30, "machine"),
            () => 0,
            _time,
            NullLogger<MemoryController>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _controller.StopAsync(CancellationToken.None);
        _controller.Dispose();
    }

    [Fact]
    public async Task The_first_tick_applies_the_configuration()
    {
        await _controller.StartAsync(Cancel);
        Assert.True(await _controller.WaitForGenerationAsync(1, Timeout.InfiniteTimeSpan, Cancel));
        Assert.Equal((1825361152, 2L << 30), (_memory.WriteBufferManagerCapacity, _memory.BlockCacheCapacity));

        // Memtables are charged to the cache, so it has to be the first to grow.
        Assert.Equal(["cache=2147483648", "manager=1825361152"], _memory.Calls);
    }

    [Fact]
    public async Task A_change_waits_for_the_next_tick()
    {
        await StartAsync();
        _configuration = Snapshot(2, ByteSize.FromMiB(256));
        Task<bool> applied = _controller.WaitForGenerationAsync(2, 2 * Interval, Cancel);
        await TickAsync(Interval - TimeSpan.FromMilliseconds(1), ticks: 0);
        Assert.Equal(1, _controller.AppliedGeneration);
        await TickAsync(TimeSpan.FromMilliseconds(1));
        Assert.True(await applied);
        Assert.Equal((228170144, 256 * MiB), (_memory.WriteBufferManagerCapacity, _memory.BlockCacheCapacity));
        Assert.Equal(["manager=228170144", "cache=268435456"], _memory.Calls.TakeLast(2));
        RebalanceReport report = _controller.Reports[^1];
        Assert.Equal((RebalanceTrigger.Configuration, 2), (report.Trigger, report.Generation));
        Assert.Equal((2L << 30, 256 * MiB), (report.Before.TotalBytes, report.After.TotalBytes));
    }

    [Fact]
    public async Task A_wait_ends_when_its_time_is_over()
    {
        await StartAsync();
        Task<bool> applied = _controller.WaitForGenerationAsync(2, TimeSpan.FromSeconds(1), Cancel);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await applied);
    }

    [Fact]
    public async Task A_request_brings_the_tick_forward()
    {
        await StartAsync();
        _configuration = Snapshot(2, ByteSize.FromMiB(256));
        RebalanceReport report = await _controller.RebalanceNowAsync(Cancel);
        Assert.Equal((RebalanceTrigger.Request, 2), (report.Trigger, report.Generation));
        Assert.Equal(2, _controller.AppliedGeneration);
    }

    [Fact]
    public async Task Lowering_flushes_in_the_tick_and_trims_once_usage_is_down()
    {
        ScriptedTarget large = Open(0, 500 * MiB);
        ScriptedTarget small = Open(1, MiB);
        _memory.WriteBufferManagerUsage = 501 * MiB;
        await StartAsync();
        _configuration = Snapshot(2, ByteSize.FromMiB(256));
        RebalanceReport report = await _controller.RebalanceNowAsync(Cancel);
        Assert.Equal([new RebalanceFlush("partition-0", FlushReason.OverCapacity, 500 * MiB)], report.Flushes);
        Assert.Equal((1, 0), (large.Flushes, small.Flushes));
        Assert.False(_memory.Trimmed.IsSet);

        large.Holds(0);
        _memory.WriteBufferManagerUsage = MiB;
        await _controller.RebalanceNowAsync(Cancel);
        Assert.True(_memory.Trimmed.Wait(TimeSpan.FromSeconds(30), Cancel));
    }

    [Fact]
    public async Task Closing_half_of_the_partitions_doubles_the_share_after_the_grace_period()
    {
        List<ScriptedTarget> targets = [.. Enumerable.Range(0, 24).Select(id => Open(id, MiB))];
        await StartAsync();
        long share = (await _controller.RebalanceNowAsync(Cancel)).After.PartitionBudgetBytes;
        foreach (ScriptedTarget target in targets.Take(12))
        {
            _memory.Remove(target);
            _census.Closed(target.Partition!.Value);
        }

        _time.Advance(TimeSpan.FromSeconds(29.999));
        Assert.Equal(share, (await _controller.RebalanceNowAsync(Cancel)).After.PartitionBudgetBytes);
        foreach (ScriptedTarget target in targets)
            target.Applied.Reset();
        _time.Advance(TimeSpan.FromSeconds(0.001));
        RebalanceReport report = await _controller.RebalanceNowAsync(Cancel);
        Assert.InRange(report.After.PartitionBudgetBytes, 2 * share, (2 * share) + 1);
        Assert.True(targets[23].Applied.Wait(TimeSpan.FromSeconds(30), Cancel));
        Assert.Equal(report.After.PartitionBudgetBytes / 4, targets[23].AppliedSettings.WriteBufferBytes);
    }

    [Fact]
    public async Task Settings_for_a_new_database_count_it_in()
    {
        Open(0, MiB);
        _census.Opening(new PartitionId(1));
        await StartAsync();
        MemoryPlan plan = _controller.PlanFor(_configuration.Value);
        Assert.Equal(2, plan.CountedPartitions);
        Assert.Equal(plan.PartitionBudgetBytes / 4, _controller.SettingsFor(MemoryComponent.PartitionStore).WriteBufferBytes);
    }

    [Fact]
    public async Task A_database_that_fails_does_not_stop_the_pass()
    {
        ScriptedTarget unreadable = Open(0, 400 * MiB);
        ScriptedTarget stuck = Open(1, 300 * MiB);
        ScriptedTarget healthy = Open(2, 200 * MiB);
        unreadable.SampleFailure = new StorageException("cannot be read");
        stuck.FlushFailure = new StorageException("cannot be flushed");
        stuck.ApplyFailure = new StorageException("cannot be set");
        _memory.WriteBufferManagerUsage = 900 * MiB;
        _configuration = Snapshot(1, ByteSize.FromMiB(256));
        await StartAsync();
        RebalanceReport report = _controller.Reports[0];
        Assert.Equal(["partition-0: cannot be read", "partition-1: cannot be flushed"], report.Failures);
        Assert.Equal(1, healthy.Flushes);
        Assert.True(healthy.Applied.Wait(TimeSpan.FromSeconds(30), Cancel));
        Assert.Equal(1, _controller.AppliedGeneration);
    }

    [Fact]
    public async Task A_tick_that_fails_is_counted_and_the_next_one_runs()
    {
        await StartAsync();
        ConfigurationSnapshot good = _configuration;
        _configuration = good with { Value = null! };
        await Assert.ThrowsAnyAsync<Exception>(() => _controller.RebalanceNowAsync(Cancel));
        Assert.Equal(1, _controller.FailedTickCount);
    }

    [Fact]
    public async Task Idle_is_measured_from_the_last_change()
    {
        ScriptedTarget target = Open(0, 10 * MiB);
        await StartAsync();
        _memory.WriteBufferManagerUsage = 1600 * MiB;
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty((await _controller.RebalanceNowAsync(Cancel)).Flushes);
        target.Holds((10 * MiB) + 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty((await _controller.RebalanceNowAsync(Cancel)).Flushes);
        _time.Advance(TimeSpan.FromSeconds(30));
        RebalanceReport report = await _controller.RebalanceNowAsync(Cancel);
        Assert.Equal([new RebalanceFlush("partition-0", FlushReason.Idle, (10 * MiB) + 1)], report.Flushes);
        Assert.Equal(1, _controller.ReclaimFlushCount);
    }

    [Fact]
    public async Task The_reclaimer_can_be_disabled()
    {
        Open(0, 1500 * MiB);
        _configuration = _configuration with
        {
            Value = _configuration.Value with { WorkerStorage = new WorkerStorageOptions { DisableAutoMemoryReclaimer = true } },
        };
        await StartAsync();
        Assert.Empty((await _controller.RebalanceNowAsync(Cancel)).Flushes);
    }

    [Fact]
    public async Task Only_the_last_reports_are_kept()
    {
        await StartAsync();
        for (int i = 0; i < MemoryController.ReportCapacity + 5; i++)
            await _controller.RebalanceNowAsync(Cancel);
        Assert.Equal(MemoryController.ReportCapacity, _controller.Reports.Count);
        Assert.All(_controller.Reports, report => Assert.Equal(RebalanceTrigger.Request, report.Trigger));
    }

    [Fact]
    public async Task After_the_stop_requests_are_refused()
    {
        await StartAsync();
        await _controller.StopAsync(Cancel);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _controller.RebalanceNowAsync(Cancel));
    }

    private static ConfigurationSnapshot Snapshot(long generation, ByteSize total) => new(
        generation,
        new RestateConfiguration
        {
            NodeName = "n1",
            RocksDbTotalMemorySize = total,
            WorkerStorage = new WorkerStorageOptions { RebalanceInterval = Interval },
        },
        new Dictionary<string, ConfigurationSource>());

    private ScriptedTarget Open(int partition, long bytes)
    {
        ScriptedTarget target = _memory.AddPartition(partition);
        target.Holds(bytes);
        _census.Opened(target.Partition!.Value);
        return target;
    }

    private async Task StartAsync()
    {
        await _controller.StartAsync(Cancel);
        Assert.True(await _controller.WaitForGenerationAsync(1, Timeout.InfiniteTimeSpan, Cancel));
        await UntilAsync(() => _controller.NextTickAt > _time.GetUtcNow());
    }

    private async Task TickAsync(TimeSpan advance, int ticks = 1)
    {
        long before = _controller.TickCount;
        _time.Advance(advance);
        await UntilAsync(() => _controller.TickCount >= before + ticks);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
