using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

public sealed class WriteAdmissionTests : IDisposable
{
    private const long MiB = 1L << 20;
    private const long Capacity = 100 * MiB;

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedMemory _memory = new() { WriteBufferManagerCapacity = Capacity };
    private readonly WriteAdmission _gate;

    public WriteAdmissionTests() => _gate = new WriteAdmission(_memory, _time, NullLogger<WriteAdmission>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task Admits_at_once_while_there_is_memory()
    {
        Task<AdmissionLease> lease = Reserve(4 * MiB).AsTask();
        Assert.True(lease.IsCompletedSuccessfully);
        Assert.InRange(_gate.ReservedBytes, 4 * MiB, 8 * MiB);
        (await lease).Dispose();
        Assert.Equal((0, 0), (_gate.ReservedBytes, _gate.WaitCount));
    }

    [Fact]
    public async Task The_fast_path_allocates_nothing()
    {
        (await Reserve(MiB)).Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            (await Reserve(MiB)).Dispose();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Reservations_count_before_they_are_written()
    {
        var leases = new List<AdmissionLease>();
        Task<AdmissionLease> next = Reserve(10 * MiB).AsTask();
        while (next.IsCompletedSuccessfully)
        {
            leases.Add(await next);
            next = Reserve(10 * MiB).AsTask();
        }

        Assert.InRange(_gate.ReservedBytes, Capacity / 2, Capacity);
        Pump();
        Assert.False(next.IsCompleted);
        leases[0].Dispose();
        Pump();
        (await next).Dispose();
    }

    [Fact]
    public async Task At_nine_tenths_the_largest_unflushed_memtable_is_flushed()
    {
        ScriptedTarget small = Open(0, 10 * MiB);
        ScriptedTarget large = Open(1, 50 * MiB);
        _memory.WriteBufferManagerUsage = 89 * MiB;
        using AdmissionLease lease = await Reserve(MiB);
        Pump();
        Assert.Equal((0, 1), (small.Flushes, large.Flushes));
        Assert.Equal(1, _gate.FlushCount);
    }

    [Fact]
    public async Task Below_nine_tenths_nothing_is_flushed()
    {
        ScriptedTarget target = Open(0, 50 * MiB);
        _memory.WriteBufferManagerUsage = 80 * MiB;
        (await Reserve(MiB)).Dispose();
        Pump();
        Assert.Equal(0, target.Flushes);
    }

    [Fact]
    public async Task A_few_flushes_run_at_once_and_pending_ones_are_not_started_again()
    {
        List<ScriptedTarget> targets = [.. Enumerable.Range(0, 10).Select(id => Open(id, 10 * MiB))];
        _memory.WriteBufferManagerUsage = 100 * MiB;
        Task<AdmissionLease> waiting = Reserve(90 * MiB).AsTask();
        for (int i = 0; i < 50; i++)
            Pump();
        Assert.Equal(4, targets.Sum(target => target.Flushes));
        foreach (ScriptedTarget target in targets)
            target.Holds(0);
        _memory.WriteBufferManagerUsage = 0;
        Pump();
        (await waiting).Dispose();
    }

    [Fact]
    public async Task A_database_that_cannot_flush_does_not_stop_the_others()
    {
        ScriptedTarget broken = Open(0, 60 * MiB);
        broken.FlushFailure = new StorageException("disk full");
        ScriptedTarget healthy = Open(1, 40 * MiB);
        _memory.WriteBufferManagerUsage = 100 * MiB;
        Task<AdmissionLease> waiting = Reserve(MiB).AsTask();
        Pump();
        Assert.Equal(1, healthy.Flushes);
        Assert.InRange(_gate.FlushFailureCount, 1, long.MaxValue);
        healthy.Holds(0);
        _memory.WriteBufferManagerUsage = 60 * MiB;
        Pump();
        (await waiting).Dispose();
    }

    [Fact]
    public async Task Processors_go_before_appends_and_each_in_order()
    {
        _memory.WriteBufferManagerUsage = Capacity;
        var order = new List<string>();
        Task[] writers =
        [
            WriteAsync("append-1", AdmissionPriority.Append),
            WriteAsync("processor-1", AdmissionPriority.Processor),
            WriteAsync("append-2", AdmissionPriority.Append),
            WriteAsync("processor-2", AdmissionPriority.Processor),
        ];
        Assert.Equal(4, _gate.Waiting);

        // Room for one at a time: each lets the next in when it is done.
        _memory.WriteBufferManagerUsage = 45 * MiB;
        for (int i = 0; i < writers.Length; i++)
        {
            int done = i + 1;
            Pump();
            while (Volatile.Read(ref _finished) < done)
                await Task.Yield();
        }

        await Task.WhenAll(writers);
        Assert.Equal(["processor-1", "processor-2", "append-1", "append-2"], order);

        async Task WriteAsync(string name, AdmissionPriority priority)
        {
            using (await _gate.ReserveAsync(30 * MiB, priority, deadline: null, Cancel))
            {
                lock (order)
                    order.Add(name);
            }

            Interlocked.Increment(ref _finished);
        }
    }

    [Fact]
    public async Task Nobody_overtakes_a_waiting_append()
    {
        _memory.WriteBufferManagerUsage = 60 * MiB;
        Task<AdmissionLease> large = Reserve(40 * MiB).AsTask();
        Task<AdmissionLease> small = Reserve(1).AsTask();
        Assert.False(small.IsCompleted);
        _memory.WriteBufferManagerUsage = 0;
        Pump();
        (await large).Dispose();
        (await small).Dispose();
    }

    [Fact]
    public async Task An_append_is_turned_away_at_its_deadline_and_a_processor_never()
    {
        _memory.WriteBufferManagerUsage = Capacity;
        Task<AdmissionLease> append = Reserve(MiB, deadline: TimeSpan.FromSeconds(2)).AsTask();
        Task<AdmissionLease> processor = _gate.ReserveAsync(MiB, AdmissionPriority.Processor, TimeSpan.FromSeconds(2), Cancel).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(append.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        var e = await Assert.ThrowsAsync<AdmissionTimeoutException>(() => append);
        Assert.True(e.RetryAfter > TimeSpan.Zero);
        Assert.Contains("rocksdb-total-memory-size", e.Message, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(processor.IsCompleted);
        Assert.Equal((1, 1), (_gate.RejectionCount, _gate.Waiting));
        _memory.WriteBufferManagerUsage = 0;
        Pump();
        (await processor).Dispose();
    }

    [Fact]
    public async Task More_than_the_whole_capacity_is_admitted_alone()
    {
        AdmissionLease other = await Reserve(MiB);
        Task<AdmissionLease> huge = Reserve(10 * Capacity).AsTask();
        Pump();
        Assert.False(huge.IsCompleted);
        other.Dispose();
        Pump();
        AdmissionLease lease = await huge;
        Task<AdmissionLease> next = Reserve(1).AsTask();
        Assert.False(next.IsCompleted);
        lease.Dispose();
        Pump();
        (await next).Dispose();
    }

    [Fact]
    public async Task Pinned_memtables_hold_writers_up_for_a_moment_only()
    {
        ScriptedTarget target = Open(0, 0);
        target.Memtable = new MemtableSample(0, 0, 95 * MiB, FlushPending: false);
        _memory.WriteBufferManagerUsage = 95 * MiB;
        Task<AdmissionLease> waiting = Reserve(20 * MiB).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(400));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        (await waiting).Dispose();

        // Once the scan has let go, the whole capacity counts again.
        target.Holds(0);
        _memory.WriteBufferManagerUsage = 0;
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _memory.WriteBufferManagerUsage = 95 * MiB;
        Assert.False(Reserve(20 * MiB).AsTask().IsCompleted);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_the_queue()
    {
        _memory.WriteBufferManagerUsage = Capacity;
        using var cancel = new CancellationTokenSource();
        Task<AdmissionLease> waiting = _gate.ReserveAsync(MiB, AdmissionPriority.Append, null, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal((0, 0), (_gate.Waiting, _gate.ReservedBytes));
    }

    [Fact]
    public async Task Closing_the_gate_ends_all_waits()
    {
        _memory.WriteBufferManagerUsage = Capacity;
        Task<AdmissionLease> waiting = Reserve(MiB).AsTask();
        _gate.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Reserve(MiB));
    }

    private int _finished;

    private ScriptedTarget Open(int partition, long bytes)
    {
        ScriptedTarget target = _memory.AddPartition(partition);
        target.Holds(bytes);
        return target;
    }

    private ValueTask<AdmissionLease> Reserve(long bytes, TimeSpan? deadline = null) =>
        _gate.ReserveAsync(bytes, AdmissionPriority.Append, deadline, Cancel);

    private void Pump() => _time.Advance(TimeSpan.FromMilliseconds(20));
}
