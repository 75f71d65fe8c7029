using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Logs;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Logs;

/// <summary>Logs in a database: the contract, and what a database adds to it.</summary>
public abstract class LogStoreTests(string name) : LogletContract
{
    private readonly TestDatabases _databases = new();
    private readonly LogStatistics _statistics = new();
#pragma warning disable CA2213 // The log store owns its database.
    private RocksDatabase _database = null!;
#pragma warning restore CA2213
    private LogStore? _store;

    private protected override ILogletProvider Provider => Store;

    private LogStore Store => _store ??= OpenStore("logs");

    public override void Dispose()
    {
        _store?.Dispose();
        _databases.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Is_called_by_its_name() => Assert.Equal(name, Provider.Name);

    [Fact]
    public async Task Records_numbers_and_trim_point_survive_closing()
    {
        ILoglet loglet = Provider.Open(Log);
        for (ulong i = 1; i <= 10; i++)
            await AppendAsync(loglet, Text(i));
        loglet.Trim(new Lsn(4));
        loglet = Reopen().Open(Log);
        Assert.Equal((new Lsn(10), new Lsn(4)), (loglet.Tail, loglet.TrimPoint));
        Assert.Equal(Enumerable.Range(5, 6).Select(i => ((ulong)i, Text((ulong)i))), Read(loglet, 5));
        Assert.Equal(new Lsn(11), await AppendAsync(loglet, "next"));
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill()
    {
        ILoglet loglet = Provider.Open(Log);
        for (ulong i = 1; i <= 10; i++)
            await AppendAsync(loglet, Text(i));
        loglet.Trim(new Lsn(4));
        TestDatabases.CopyTree(Path.Combine(_databases.Directory, "logs"), Path.Combine(_databases.Directory, "copy"));
        using LogStore copy = OpenStore("copy");
        loglet = copy.Open(Log);
        Assert.Equal((new Lsn(10), new Lsn(4)), (loglet.Tail, loglet.TrimPoint));
        Assert.Equal(6, Read(loglet, 5).Count);
    }

    [Fact]
    public async Task The_tail_survives_everything_being_trimmed()
    {
        ILoglet loglet = Provider.Open(Log);
        ILoglet other = Provider.Open(new LogId(6));
        await AppendAsync(other, "before in key order");
        for (ulong i = 1; i <= 10; i++)
            await AppendAsync(loglet, Text(i));
        loglet.Trim(new Lsn(10));
        _database.FlushAndWait();
        loglet = Reopen().Open(Log);
        Assert.Equal((new Lsn(10), new Lsn(10)), (loglet.Tail, loglet.TrimPoint));
        Assert.Empty(Read(loglet, 11));
        Assert.Equal(new Lsn(11), await AppendAsync(loglet, "next"));
    }

    [Fact]
    public async Task Appends_that_wait_are_written_with_one_sync()
    {
        ILoglet loglet = Provider.Open(Log);
        ILoglet other = Provider.Open(new LogId(8));
        using var entered = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        Store.Appended = (_, lsn, _) =>
        {
            entered.Set();
            go.Wait();
        };
        Task<Lsn> first = AppendAsync(loglet, "first");
        entered.Wait(TestContext.Current.CancellationToken);
        Task<Lsn>[] waiting = [.. Enumerable.Range(0, 500).Select(i => AppendAsync(i % 2 == 0 ? loglet : other, Text((ulong)i)))];
        Assert.False(first.IsCompleted);
        go.Set();
        await Task.WhenAll([first, .. waiting]);
        Assert.Equal(2, Store.GroupCount);
        Assert.Equal((new Lsn(251), new Lsn(250)), (loglet.Tail, other.Tail));
    }

    [Fact]
    public async Task A_record_is_handed_to_the_cache_before_its_readers_can_know_of_it()
    {
        ILoglet loglet = Provider.Open(Log);
        var tails = new List<(LogId, Lsn, Lsn)>();
        Store.Appended = (log, lsn, _) => tails.Add((log, lsn, loglet.Tail));
        await AppendAsync(loglet, "a");
        await AppendAsync(loglet, "b");
        Assert.Equal([(Log, new Lsn(1), Lsn.None), (Log, new Lsn(2), new Lsn(1))], tails);
    }

    [Fact]
    public async Task A_failed_write_fails_its_appends_and_all_after_it()
    {
        ILoglet loglet = Provider.Open(Log);
        await AppendAsync(loglet, "a");
        Assert.Null(Store.Failure);
        _database.Dispose();
        string stopped = $"log store {name} takes no records after a failed write: it is tried again every second; if the cause is gone and it stays so, restart the node (database logs is closed)";
        var failure = await Assert.ThrowsAsync<LogUnavailableException>(() => AppendAsync(loglet, "b"));
        Assert.Equal(stopped + "; this record may be in the log all the same", failure.Message);
        Assert.True(failure.MayBeWritten);
        Assert.Equal(stopped, Store.Failure!.Message);
        var refused = await Assert.ThrowsAsync<LogUnavailableException>(() => AppendAsync(loglet, "c"));
        Assert.Equal((stopped, false), (refused.Message, refused.MayBeWritten));
        Assert.Equal(Lsn.First, loglet.Tail);
    }

    [Fact]
    public async Task What_was_written_and_not_acknowledged_is_taken_back_before_it_goes_on()
    {
        ILoglet loglet = Provider.Open(Log);
        bool fails = false;
        Store.Appended = (_, _, _) =>
        {
            if (fails)
                throw new StorageException("failed behind the write");
        };
        await AppendAsync(loglet, "a");
        fails = true;
        Assert.True((await Assert.ThrowsAsync<LogUnavailableException>(() => AppendAsync(loglet, "lost"))).MayBeWritten);
        fails = false;
        await Eventually.HoldsAsync(() => Store.Failure is null, "the store takes records again");
        Assert.Equal(new Lsn(2), await AppendAsync(loglet, "b"));
        Assert.Equal([(1, "a"), (2, "b")], Read(loglet, 1));
        Assert.Equal([(1, "a"), (2, "b")], Read(Reopen().Open(Log), 1));
    }

    [Fact]
    public async Task A_log_that_is_trimmed_to_its_tail_goes_on_too()
    {
        ILoglet loglet = Provider.Open(Log);
        bool fails = false;
        Store.Appended = (_, _, _) =>
        {
            if (fails)
                throw new StorageException("failed behind the write");
        };
        await AppendAsync(loglet, "a");
        loglet.Trim(Lsn.First);
        fails = true;
        await Assert.ThrowsAsync<LogUnavailableException>(() => AppendAsync(loglet, "lost"));
        fails = false;
        await Eventually.HoldsAsync(() => Store.Failure is null, "the store takes records again");
        Assert.Equal(new Lsn(2), await AppendAsync(loglet, "b"));
    }

    [Fact]
    public async Task Closing_finishes_what_was_accepted_and_refuses_the_rest()
    {
        ILoglet loglet = Provider.Open(Log);
        Task<Lsn>[] appends = [.. Enumerable.Range(1, 300).Select(i => AppendAsync(loglet, Text((ulong)i)))];
        Store.Dispose();
        Assert.Equal(Enumerable.Range(1, 300).Select(i => new Lsn((ulong)i)), await Task.WhenAll(appends));
        Assert.Equal($"log store {name} is closed", (await Assert.ThrowsAsync<StorageException>(() => AppendAsync(loglet, "late"))).Message);
        Assert.Equal(300, Read(Reopen().Open(Log), 1).Count);
    }

    [Fact]
    public async Task Dropping_trimmed_files_spares_the_record_behind_the_trim_point()
    {
        // Enough files for compactions, which move them below level 0, each with the one record that is in it.
        const ulong Records = 8;
        ILoglet loglet = Provider.Open(Log);
        for (ulong i = 1; i <= Records; i++)
        {
            await AppendAsync(loglet, Text(i));
            _database.FlushAndWait();
            await Eventually.HoldsAsync(
                () => _database.Property("rocksdb.compaction-pending\0"u8) == 0 && _database.Property("rocksdb.num-running-compactions\0"u8) == 0,
                "the compaction is done");
        }

        for (ulong i = 1; i < Records; i++)
        {
            loglet.Trim(new Lsn(i));
            Assert.Equal((i + 1, Text(i + 1)), Read(loglet, i + 1)[0]);
        }

        loglet = Reopen().Open(Log);
        Assert.Equal([(Records, Text(Records))], Read(loglet, Records));
    }

    [Fact]
    public void A_damaged_trim_point_is_named()
    {
        _ = Store;
        Span<byte> key = stackalloc byte[LogKeys.TrimPointLength];
        LogKeys.WriteTrimPoint(key, Log);
        TestDatabases.Put(_database, key.ToArray(), [1, 2, 3], WriteDurability.Synced);
        Assert.Equal(
            "log 7: its trim point is damaged; restore the log store from a copy",
            Assert.Throws<StorageException>(() => Provider.Open(Log)).Message);
    }

    [Fact]
    public async Task A_hole_in_the_log_is_named_and_not_skipped()
    {
        ILoglet loglet = Provider.Open(Log);
        for (ulong i = 1; i <= 5; i++)
            await AppendAsync(loglet, Text(i));
        byte[] key = new byte[LogKeys.RecordLength];
        LogKeys.WriteRecord(key, Log, new Lsn(3));
        using (var batch = new RocksBatch())
        {
            batch.Delete(key);
            _database.Write(batch, WriteDurability.Synced);
        }

        Assert.Equal([1UL, 2UL], Read(loglet, 1).Select(entry => entry.Lsn));
        Assert.Equal(
            "log 7: record 3 is missing although the tail is 5; the log store is damaged",
            Assert.Throws<StorageException>(() => Read(loglet, 3)).Message);
    }

    [Fact]
    public async Task Appends_are_counted_once_they_are_durable()
    {
        ILoglet loglet = Provider.Open(Log);
        var appends = new List<TimeSpan>();
        var writes = new List<TimeSpan>();
        _statistics.Appended += appends.Add;
        _statistics.Written += writes.Add;
        for (ulong i = 1; i <= 3; i++)
            await AppendAsync(loglet, Text(i));

        // The counting comes after the acknowledgement; closing waits for the writer.
        _store!.Dispose();
        Assert.Equal(3, _statistics.Records);
        Assert.True(_statistics.Bytes > 0);
        Assert.Equal(3, appends.Count);
        Assert.Equal(3, writes.Count);
        Assert.All(appends.Zip(writes), pair => Assert.True(pair.First >= pair.Second && pair.Second > TimeSpan.Zero, $"{pair}"));
    }

    private LogStore OpenStore(string directory)
    {
        _database = _databases.Open(directory, DatabaseProfile.LogStore);
        return new LogStore(name, _database, NullLogger.Instance) { Statistics = _statistics };
    }

    private LogStore Reopen()
    {
        _store?.Dispose();
        return _store = OpenStore("logs");
    }
}

/// <summary>The embedded log server.</summary>
public sealed class ReplicatedLogletTests() : LogStoreTests("replicated");

/// <summary>The log in a database of the node itself.</summary>
public sealed class LocalLogletTests() : LogStoreTests("local");
