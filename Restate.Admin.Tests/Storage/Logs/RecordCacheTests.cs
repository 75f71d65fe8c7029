using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Logs;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Logs;

[Collection(ProcessWideCounters.Name)]
public sealed class RecordCacheTests
{
    private static readonly LogId Log = new(1);

    private static readonly Gen<(byte Log, int Length)[]> Appends =
        Gen.Select(Gen.Byte[0, 2], Gen.Frequency((8, Gen.Int[0, 100]), (1, Gen.Int[900, 1_100]))).Array[0, 200];

    [Fact]
    public void Holds_the_newest_records_of_all_logs_that_fit_each_log_in_one_piece()
    {
        ProcessWideCounters.Collect();
        Gen.Select(Appends, Gen.Int[0, 3_000]).Sample(
            (appends, capacity) =>
            {
                long before = RecordBuffer.TotalBytes;
                using (var cache = new RecordCache(capacity))
                {
                    var model = new Model(capacity);
                    var tails = new ulong[3];
                    foreach ((byte log, int length) in appends)
                    {
                        ulong lsn = ++tails[log];
                        Add(cache, new LogId(log), lsn, length);
                        model.Add(log, lsn, length + RecordBuffer.OverheadBytes);
                        Assert.Equal((model.Usage, model.Count), (cache.UsageBytes, cache.Count));
                        Assert.InRange(cache.UsageBytes, 0, capacity);
                    }

                    for (byte log = 0; log < 3; log++)
                    {
                        for (ulong lsn = 1; lsn <= tails[log]; lsn++)
                            Assert.Equal(model.From(log, lsn), ReadLsns(cache, new LogId(log), lsn, tails[log]));
                    }

                    Assert.Equal(before + model.Usage, RecordBuffer.TotalBytes);
                }

                Assert.Equal(before, RecordBuffer.TotalBytes);
            },
            iter: 200,
            threads: 1); // The count of bytes belongs to the process.
    }

    [Fact]
    public void A_capacity_of_zero_keeps_nothing()
    {
        using var cache = new RecordCache(0);
        Add(cache, Log, 1, 0);
        Assert.Equal(0, cache.UsageBytes);
        Assert.Empty(ReadLsns(cache, Log, 1, 1));
        Assert.Equal((0, 0), (cache.Count, cache.Hits));
    }

    [Fact]
    public void Lowering_the_capacity_drops_the_oldest_at_once_and_raising_it_keeps_more()
    {
        using var cache = new RecordCache(10_000);
        for (ulong lsn = 1; lsn <= 50; lsn++)
            Add(cache, Log, lsn, 4);
        Assert.Equal(5_000, cache.UsageBytes);
        cache.CapacityBytes = 1_050;
        Assert.Equal((1_000, 10), (cache.UsageBytes, cache.Count));
        Assert.Empty(ReadLsns(cache, Log, 40, 50));
        Assert.Equal(10, ReadLsns(cache, Log, 41, 50).Count);
        cache.CapacityBytes = 0;
        Assert.Equal(0, cache.UsageBytes);
        cache.CapacityBytes = 500;
        for (ulong lsn = 51; lsn <= 60; lsn++)
            Add(cache, Log, lsn, 4);
        Assert.Equal([56UL, 57UL, 58UL, 59UL, 60UL], ReadLsns(cache, Log, 56, 60));
    }

    [Fact]
    public void A_record_too_large_to_keep_leaves_no_gap_inside_what_is_held()
    {
        using var cache = new RecordCache(1_000);
        Add(cache, Log, 1, 10);
        Add(cache, Log, 2, 10);
        Add(cache, Log, 3, 2_000);
        Assert.Equal([1UL, 2UL], ReadLsns(cache, Log, 1, 3));
        Add(cache, Log, 4, 10);
        Assert.Empty(ReadLsns(cache, Log, 1, 4));
        Assert.Equal([4UL], ReadLsns(cache, Log, 4, 4));
        Assert.Equal(10 + RecordBuffer.OverheadBytes, cache.UsageBytes);
    }

    [Fact]
    public void Records_dropped_out_of_turn_do_not_disturb_the_order_of_the_others()
    {
        // Thousands of gaps: the entries they leave in the order of eviction are forgotten on the way.
        using var cache = new RecordCache(1_000);
        var other = new LogId(2);
        Add(cache, other, 1, 4);
        for (ulong lsn = 1; lsn <= 10_000; lsn += 2)
        {
            Add(cache, Log, lsn, 4);
            Add(cache, Log, lsn + 1, 2_000);
        }

        Assert.Equal([1UL], ReadLsns(cache, other, 1, 1));
        for (ulong lsn = 2; lsn <= 10; lsn++)
            Add(cache, other, lsn, 4);
        Assert.Empty(ReadLsns(cache, other, 1, 10));
        Assert.Equal(9, ReadLsns(cache, other, 2, 10).Count);
        Assert.Equal([9_999UL], ReadLsns(cache, Log, 9_999, 10_000));
    }

    [Fact]
    public void Reading_stops_at_the_tail_and_at_the_size_asked_for()
    {
        using var cache = new RecordCache(100_000);
        for (ulong lsn = 1; lsn <= 10; lsn++)
            Add(cache, Log, lsn, 100);
        Assert.Equal([3UL, 4UL, 5UL], ReadLsns(cache, Log, 3, tail: 5));
        Assert.Equal([3UL, 4UL], ReadLsns(cache, Log, 3, 10, maxBytes: 250));
        Assert.Equal([3UL], ReadLsns(cache, Log, 3, 10, maxBytes: 1));
    }

    [Fact]
    public void A_reader_keeps_what_it_read_when_the_cache_lets_go()
    {
        ProcessWideCounters.Collect();
        long before = RecordBuffer.TotalBytes;
        var entries = new List<LogEntry>();
        using (var cache = new RecordCache(1_000))
        {
            Add(cache, Log, 1, 4);
            Assert.True(cache.TryRead(Log, Lsn.First, Lsn.First, long.MaxValue, entries, out _));
        }

        Assert.Equal([1, 1, 1, 1], entries.Single().Record.Span.ToArray());
        Assert.Equal(before + 4 + RecordBuffer.OverheadBytes, RecordBuffer.TotalBytes);
        entries.Single().Record.Release();
        Assert.Equal(before, RecordBuffer.TotalBytes);
    }

    [Fact]
    public async Task Bifrost_reads_recent_records_from_the_cache_and_older_ones_from_the_store()
    {
        ProcessWideCounters.Collect();
        long before = RecordBuffer.TotalBytes;
        using (var databases = new TestDatabases())
        using (var store = new LogStore("replicated", databases.Open("logs", DatabaseProfile.LogStore), NullLogger.Instance))
        using (var bifrost = new Bifrost(new Dictionary<LogId, ILogletProvider> { [Log] = store }, recordCacheBytes: 10 * (4 + RecordBuffer.OverheadBytes)))
        {
            BifrostLog log = bifrost[Log];
            for (int i = 0; i < 30; i++)
            {
                RecordBuffer record = RecordBuffer.Copy("text"u8);
                await log.AppendAsync(record);
                record.Release();
            }

            Assert.Equal(Enumerable.Range(21, 10).Select(lsn => (ulong)lsn), ReadLsns(log, 21));
            Assert.Equal((10, 0), (bifrost.Cache.Hits, bifrost.Cache.Misses));

            // A read from the store ends where the cache begins.
            Assert.Equal(Enumerable.Range(1, 20).Select(lsn => (ulong)lsn), ReadLsns(log, 1));
            Assert.Equal((10, 20), (bifrost.Cache.Hits, bifrost.Cache.Misses));
            Assert.Equal((10, 20), (log.ReadFromCache, log.ReadFromStore));
            Assert.Empty(ReadLsns(log, 31));

            // Lowering while it is read from is the same as never having had it.
            bifrost.Cache.CapacityBytes = 0;
            Assert.Equal(10, ReadLsns(log, 21).Count);
        }

        Assert.Equal(before, RecordBuffer.TotalBytes);
    }

    private static List<ulong> ReadLsns(BifrostLog log, ulong from)
    {
        var entries = new List<LogEntry>();
        log.Read(new Lsn(from), long.MaxValue, entries);
        return Release(entries);
    }

    private static List<ulong> ReadLsns(RecordCache cache, LogId log, ulong from, ulong tail, long maxBytes = long.MaxValue)
    {
        var entries = new List<LogEntry>();
        bool found = cache.TryRead(log, new Lsn(from), new Lsn(tail), maxBytes, entries, out _);
        Assert.Equal(found, entries.Count > 0);
        return Release(entries);
    }

    private static List<ulong> Release(List<LogEntry> entries)
    {
        foreach (LogEntry entry in entries)
            entry.Record.Release();
        return [.. entries.Select(entry => entry.Lsn.Value)];
    }

    private static void Add(RecordCache cache, LogId log, ulong lsn, int length)
    {
        RecordBuffer record = RecordBuffer.Create(length, lsn, static (span, value) => span.Fill((byte)value));
        cache.Add(log, new Lsn(lsn), record);
        record.Release();
    }

    /// <summary>The same in the plainest way: one list, oldest first.</summary>
    private sealed class Model(long capacity)
    {
        private readonly List<(byte Log, ulong Lsn, int Bytes)> _held = [];

        public long Count => _held.Count;

        public long Usage => _held.Sum(record => (long)record.Bytes);

        public void Add(byte log, ulong lsn, int bytes)
        {
            if (bytes > capacity)
                return;
            if (_held.Any(record => record.Log == log) && _held.Last(record => record.Log == log).Lsn + 1 != lsn)
                _held.RemoveAll(record => record.Log == log);
            _held.Add((log, lsn, bytes));
            while (Usage > capacity)
                _held.RemoveAt(0);
        }

        public List<ulong> From(byte log, ulong lsn) => _held.Any(record => record.Log == log && record.Lsn == lsn)
            ? [.. _held.Where(record => record.Log == log && record.Lsn >= lsn).Select(record => record.Lsn)]
            : [];
    }
}
