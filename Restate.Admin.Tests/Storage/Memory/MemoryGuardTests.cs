using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

public sealed class MemoryGuardTests : IAsyncDisposable
{
    private const long Limit = 1000L << 20;

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedMemory _memory = new();
    private readonly MemoryController _controller;
    private readonly WriteAdmission _admission;
    private readonly MemoryGuard _guard;
    private long _resident;
    private long _code;
    private long _tracked;

    public MemoryGuardTests()
    {
        var configuration = new ConfigurationStore(
            new RestateConfiguration
            {
                NodeName = "n1",
                RocksDbTotalMemorySize = ByteSize.FromMiB(512),
                WorkerStorage = new WorkerStorageOptions { RebalanceInterval = TimeSpan.FromHours(1) },
            },
            () => Limit);
        var limit = new ProcessMemoryLimit(Limit, "machine");
        _controller = new MemoryController(
            _memory, new PartitionCensus(_time), () => configuration.Current, () => limit, () => 0, _time, NullLogger<MemoryController>.Instance);
        _admission = new WriteAdmission(_memory, TimeProvider.System, NullLogger<WriteAdmission>.Instance);
        _guard = new MemoryGuard(_memory, _controller, _admission, () => limit, () => new ResidentMemory(_resident, _code), () => _tracked, _time, NullLogger<MemoryGuard>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _controller.StopAsync(CancellationToken.None);
        _controller.Dispose();
        _guard.Dispose();
        _admission.Dispose();
    }

    [Theory]
    [InlineData(100, 5, GuardStep.None)]
    [InlineData(919, 5, GuardStep.None)]
    [InlineData(920, 1, GuardStep.TrimAllocator)]
    [InlineData(920, 10, GuardStep.TrimAllocator)]
    [InlineData(920, 11, GuardStep.ShrinkCache)]
    [InlineData(920, 21, GuardStep.CloseQueries)]
    [InlineData(920, 31, GuardStep.ShrinkWriteBuffers)]
    [InlineData(920, 41, GuardStep.DelayWrites)]
    [InlineData(920, 100, GuardStep.DelayWrites)]
    [InlineData(960, 3, GuardStep.CloseQueries)]
    public void Steps_come_in_order_each_with_time_to_show(int resident, int samples, GuardStep expected)
    {
        var state = default(GuardState);
        for (int i = 0; i < samples; i++)
            state.Observe(resident, 1000, i * MemoryGuard.Interval);
        Assert.Equal(expected, state.Step);
    }

    [Fact]
    public void Steps_are_undone_one_by_one_after_a_calm_and_held_in_between()
    {
        var state = default(GuardState);
        TimeSpan now = TimeSpan.Zero;
        for (int i = 0; i < 3; i++)
            state.Observe(970, 1000, now += MemoryGuard.Interval);
        Assert.Equal(GuardStep.CloseQueries, state.Step);

        // Neither short nor calm: nothing moves, however long.
        Assert.Equal(GuardStep.CloseQueries, state.Observe(900, 1000, now += TimeSpan.FromMinutes(10)));
        Assert.Equal(GuardStep.CloseQueries, state.Observe(859, 1000, now += TimeSpan.FromSeconds(1)));
        Assert.Equal(GuardStep.CloseQueries, state.Observe(859, 1000, now + TimeSpan.FromSeconds(1.9)));
        Assert.Equal(GuardStep.ShrinkCache, state.Observe(859, 1000, now += GuardState.Calm));

        // A moment above the mark starts the calm anew.
        state.Observe(861, 1000, now += TimeSpan.FromSeconds(1.5));
        Assert.Equal(GuardStep.ShrinkCache, state.Observe(859, 1000, now += TimeSpan.FromSeconds(1)));
        Assert.Equal(GuardStep.TrimAllocator, state.Observe(859, 1000, now += GuardState.Calm));
        Assert.Equal(GuardStep.None, state.Observe(859, 1000, now += GuardState.Calm));
        Assert.Equal(GuardStep.None, state.Observe(859, 1000, now + GuardState.Calm));
    }

    [Fact]
    public async Task Steps_act_on_the_pools_and_are_undone()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await _controller.StartAsync(cancel);
        await _controller.WaitForGenerationAsync(1, Timeout.InfiniteTimeSpan, cancel);
        (long cache, long manager) = (_memory.BlockCacheCapacity, _memory.WriteBufferManagerCapacity);
        _memory.WriteBufferManagerUsage = 100 << 20;

        _resident = Limit;
        Look();
        Assert.Equal((GuardStep.TrimAllocator, cache, manager), (_guard.Step, _memory.BlockCacheCapacity, _memory.WriteBufferManagerCapacity));
        Assert.True(_memory.Trimmed.IsSet);

        // 110 MiB are above what the guard aims at; the cache gives as much and keeps the rest.
        _memory.BlockCacheUsage = 400 << 20;
        Look();
        Assert.Equal((GuardStep.ShrinkCache, 290L << 20), (_guard.Step, _memory.BlockCacheCapacity));

        // A tick of the controller in between raises nothing.
        await _controller.RebalanceNowAsync(cancel);
        Assert.Equal(290L << 20, _memory.BlockCacheCapacity);

        // However short memory is, 8 MiB stay beside the memtables.
        _memory.BlockCacheUsage = 150 << 20;
        Look();
        Assert.Equal((GuardStep.CloseQueries, 108L << 20), (_guard.Step, _memory.BlockCacheCapacity));
        Assert.False(_admission.DelaysAppends);

        Look();
        await _controller.RebalanceNowAsync(cancel);
        Assert.Equal((GuardStep.ShrinkWriteBuffers, 64L << 20), (_guard.Step, _memory.WriteBufferManagerCapacity));
        Assert.Contains(_controller.Reports, report => report.Trigger == RebalanceTrigger.Guard);
        Look();
        Assert.Equal((GuardStep.DelayWrites, true), (_guard.Step, _admission.DelaysAppends));
        Assert.Equal(5, _guard.StepCount);

        _resident = Limit / 2;
        for (int i = 0; i < 6; i++)
        {
            _guard.Look();
            _time.Advance(GuardState.Calm);
        }

        await _controller.RebalanceNowAsync(cancel);
        Assert.Equal((GuardStep.None, false), (_guard.Step, _admission.DelaysAppends));
        Assert.Equal((cache, manager), (_memory.BlockCacheCapacity, _memory.WriteBufferManagerCapacity));

        void Look()
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            _guard.Look();
        }
    }

    [Fact]
    public void Untracked_memory_far_from_the_limit_is_trimmed_and_no_step_is_taken()
    {
        (_tracked, _resident) = (100L << 20, 150L << 20);
        _guard.Look();
        Assert.Equal((0, false), (_guard.TrimCount, _memory.Trimmed.IsSet));

        // 100 MiB untracked, 79 allowed.
        _resident = 200L << 20;
        for (int i = 0; i < 10; i++)
            Look();
        Assert.Equal((GuardStep.None, 1, true), (_guard.Step, _guard.TrimCount, _memory.Trimmed.IsSet));
        for (int i = 0; i < 20; i++)
            Look();
        Assert.Equal(1, _guard.TrimCount);
        for (int i = 0; i < 20; i++)
            Look();
        Assert.Equal(2, _guard.TrimCount);

        void Look()
        {
            _time.Advance(MemoryGuard.Interval);
            _guard.Look();
        }
    }

    [Fact]
    public void Room_for_the_code_that_runs_is_kept_free_even_when_the_kernel_took_it()
    {
        _code = 96 << 20;
        _resident = (long)(0.93 * (904 << 20));
        _guard.Look();
        Assert.Equal(GuardStep.TrimAllocator, _guard.Step);
        _code = 0;
        _time.Advance(GuardState.Dwell);
        _guard.Look();
        Assert.Equal(GuardStep.ShrinkCache, _guard.Step);
    }

    [Fact]
    public async Task Delayed_appends_wait_and_processors_go_on()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        _memory.WriteBufferManagerCapacity = 100 << 20;
        _admission.DelaysAppends = true;
        Task<AdmissionLease> append = _admission.ReserveAsync(1000, AdmissionPriority.Append, TimeSpan.FromMinutes(1), cancel).AsTask();
        using (await _admission.ReserveAsync(1000, AdmissionPriority.Processor, deadline: null, cancel))
            Assert.False(append.IsCompleted);
        _admission.DelaysAppends = false;
        (await append.WaitAsync(TimeSpan.FromSeconds(30), cancel)).Dispose();

        _admission.DelaysAppends = true;
        await Assert.ThrowsAsync<AdmissionTimeoutException>(
            () => _admission.ReserveAsync(1000, AdmissionPriority.Append, TimeSpan.FromMilliseconds(50), cancel).AsTask());
    }
}
