using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Api.Query;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

public sealed class UncountedMemoryTests
{
    private const long MiB = 1L << 20;
    private const long Suspicious = 100 * MiB;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly UncountedMemory _memory;
    private long _resident = 500 * MiB;
    private long _explained = 300 * MiB;
    private long? _heap = 50 * MiB;
    private TimeSpan _heapPrice = TimeSpan.Zero;
    private int _heapLooks;

    public UncountedMemoryTests() => _memory = new UncountedMemory(_time, () => _resident, () => _explained, Heap);

    [Fact]
    public void Growth_that_the_heap_confirms_counts()
    {
        Begin();
        _resident += 150 * MiB;
        _heap += 140 * MiB;
        Assert.Equal(140 * MiB, Look());
        Assert.True(_memory.IsGrowing);
    }

    [Fact]
    public void Growth_counts_in_full_where_the_heap_does_not_tell()
    {
        _heap = null;
        Begin();
        _resident += 150 * MiB;
        Assert.Equal(150 * MiB, Look());
    }

    [Fact]
    public void What_other_pools_or_the_counted_bytes_explain_is_not_growth()
    {
        Begin();
        _resident += 400 * MiB;
        _explained += 200 * MiB;
        _heap += 400 * MiB;
        Assert.Equal(0, Look(counted: 200 * MiB));
        Assert.Equal(1, _heapLooks);
    }

    [Fact]
    public void Free_parts_of_heaps_do_not_count_and_the_heap_is_not_asked_all_the_time()
    {
        Begin();
        _heapPrice = TimeSpan.FromMilliseconds(5);
        _resident += 150 * MiB;
        Assert.Equal(0, Look());
        Assert.Equal(2, _heapLooks);
        for (int i = 0; i < 19; i++)
            Assert.Equal(0, Look());
        Assert.Equal(2, _heapLooks);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Look();
        Assert.Equal(3, _heapLooks);

        // More of the process: asked at once, whatever it cost.
        _resident += 16 * MiB;
        _heap += 120 * MiB;
        Assert.Equal(120 * MiB, Look());
    }

    [Fact]
    public void What_is_there_when_a_query_begins_after_a_pause_is_nobodys()
    {
        Begin();
        _resident += 300 * MiB;
        _heap += 300 * MiB;
        _time.Advance(TimeSpan.FromSeconds(4));
        Begin();
        _resident += 150 * MiB;
        _heap += 150 * MiB;
        Assert.Equal(150 * MiB, Look());
    }

    [Fact]
    public void Slow_growth_counts_for_as_long_as_a_query_may_run_and_is_forgotten_after()
    {
        Begin();
        long seen = 0;
        for (int i = 0; i < 60; i++)
        {
            _resident += 4 * MiB;
            _heap += 4 * MiB;
            seen = Look(after: TimeSpan.FromSeconds(1));
        }

        Assert.Equal(240 * MiB, seen);
        for (int i = 0; i < 121; i++)
            seen = Look(after: TimeSpan.FromSeconds(1));
        Assert.Equal(0, seen);
    }

    [Fact]
    public void What_was_given_back_lowers_what_growth_is_compared_with()
    {
        Begin();
        _resident -= 200 * MiB;
        _heap -= 20 * MiB;
        Look();
        Look(after: TimeSpan.FromMilliseconds(50), times: 110);
        _resident += 150 * MiB;
        _heap += 110 * MiB;
        Assert.Equal(110 * MiB, Look());
    }

    [Fact]
    public void Short_queries_do_not_wait_for_the_heap()
    {
        for (int i = 0; i < 20; i++)
        {
            Look(after: TimeSpan.FromMilliseconds(400));
            Look();
        }

        Assert.Equal(0, _heapLooks);
        Look();
        Assert.Equal(1, _heapLooks);
    }

    private void Begin()
    {
        Assert.Equal(0, Look());
        Assert.Equal(0, Look(after: UncountedMemory.ShortQueries));
    }

    private long? Heap()
    {
        _heapLooks++;
        _time.Advance(_heapPrice);
        return _heap;
    }

    private long Look(long counted = 0, TimeSpan? after = null, int times = 1)
    {
        long seen = 0;
        for (int i = 0; i < times; i++)
        {
            _time.Advance(after ?? TimeSpan.FromMilliseconds(5));
            seen = _memory.Look(counted, Suspicious, Window);
        }

        return seen;
    }
}
