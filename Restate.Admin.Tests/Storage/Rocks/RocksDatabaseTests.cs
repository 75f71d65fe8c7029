using Restate.Storage.Memory;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Rocks;

public sealed class RocksDatabaseTests : IDisposable
{
    private static readonly byte[] Key = [1, 0, 2];

    private readonly TestDatabases _databases = new();

    public void Dispose() => _databases.Dispose();

    [Fact]
    public void Only_one_rocksdb_library_is_in_the_process()
    {
        _databases.Open("db");
        string[] libraries = [.. File.ReadLines("/proc/self/maps")
            .Where(line => Path.GetFileName(line).Contains("rocksdb", StringComparison.OrdinalIgnoreCase) && line.EndsWith(".so", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..])
            .Distinct()];
        Assert.Single(libraries);
    }

    [Fact]
    public void Only_what_a_flush_reached_is_durable_without_a_log()
    {
        RocksDatabase database = _databases.Open("db");
        TestDatabases.Put(database, Key, [1]);
        Assert.Equal([1], database.Get(Key)!);
        Assert.Null(database.Get(Key, persistedOnly: true));

        database.FlushAndWait();
        Assert.Equal([1], database.Get(Key, persistedOnly: true)!);

        TestDatabases.Put(database, Key, [2]);
        Assert.Equal([2], database.Get(Key)!);
        Assert.Equal([1], database.Get(Key, persistedOnly: true)!);
    }

    [Fact]
    public void A_copy_taken_while_it_is_open_holds_exactly_what_was_called_durable()
    {
        RocksDatabase database = _databases.Open("db");
        TestDatabases.Put(database, Key, [1]);
        database.FlushAndWait();
        TestDatabases.Put(database, Key, [2]);
        byte[] durable = database.Get(Key, persistedOnly: true)!;
        TestDatabases.CopyTree(Path.Combine(_databases.Directory, "db"), Path.Combine(_databases.Directory, "copy"));
        Assert.Equal(durable, _databases.Open("copy").Get(Key)!);
    }

    [Fact]
    public void A_synced_write_is_in_a_copy_without_any_flush()
    {
        RocksDatabase database = _databases.Open("db", DatabaseProfile.LogStore);
        TestDatabases.Put(database, Key, [7], WriteDurability.Synced);
        TestDatabases.CopyTree(Path.Combine(_databases.Directory, "db"), Path.Combine(_databases.Directory, "copy"));
        Assert.Equal([7], _databases.Open("copy", DatabaseProfile.LogStore).Get(Key)!);
    }

    [Fact]
    public void A_batch_is_taken_whole_and_in_its_order()
    {
        RocksDatabase database = _databases.Open("db");
        using var batch = new RocksBatch();
        batch.Put([1], [1]);
        batch.Put([2], []);
        batch.Put([3], [3]);
        batch.Delete([1]);
        batch.DeleteRange([3], [4]);
        Assert.Equal(5, batch.Count);
        Assert.Equal(2 + 1 + 2 + 1 + 2 + (5 * RocksBatch.EntryOverheadBytes), batch.EstimatedMemtableBytes);
        database.Write(batch, WriteDurability.Memtable);
        Assert.Equal([2], Assert.Single(TestDatabases.Dump(database)).Key);

        batch.Clear();
        Assert.Equal(0, batch.EstimatedMemtableBytes);
        database.Write(batch, WriteDurability.Memtable);
        Assert.Single(TestDatabases.Dump(database));
    }

    [Fact]
    public void Iterators_see_their_snapshot_and_go_both_ways()
    {
        RocksDatabase database = _databases.Open("db");
        TestDatabases.Put(database, [1], [1]);
        TestDatabases.Put(database, [3], [3]);
        using RocksSnapshot snapshot = database.CreateSnapshot();
        TestDatabases.Put(database, [2], [2]);
        using (RocksIterator then = database.CreateIterator(snapshot, fillCache: true))
        {
            then.Seek([2]);
            Assert.Equal([3], then.Key.ToArray());
            then.SeekForPrevious([2]);
            Assert.Equal([1], then.Key.ToArray());
            then.Next();
            then.Next();
            Assert.False(then.Valid);
            then.ThrowIfFailed();
        }

        using RocksIterator now = database.CreateIterator(snapshot: null, fillCache: true);
        now.Seek([2]);
        Assert.Equal([2], now.Value.ToArray());
    }

    [Fact]
    public void Settings_reach_the_memtables_that_come_after()
    {
        RocksDatabase database = _databases.Open("db");
        var larger = new WriteBufferSettings(8 << 20, 1 << 20, 3, 2);
        database.Apply(larger);
        Assert.Equal(larger, database.AppliedSettings);

        // The memtable that exists keeps its old arena blocks; a flush brings one with the new.
        TestDatabases.Put(database, Key, new byte[4096]);
        long before = database.Sample().ActiveBytes;
        database.FlushAndWait();
        TestDatabases.Put(database, Key, new byte[4096]);
        long after = database.Sample().ActiveBytes;
        Assert.InRange(before, TestDatabases.Settings.ArenaBlockBytes, TestDatabases.Settings.ArenaBlockBytes * 2);
        Assert.InRange(after, larger.ArenaBlockBytes, larger.ArenaBlockBytes * 2);

        // 4 MiB stay in one memtable of 8 MiB; with the 1 MiB of before several would have been switched and flushed.
        for (byte i = 0; i < 4; i++)
            TestDatabases.Put(database, [9, i], new byte[1 << 20]);
        Assert.InRange(database.Sample().ActiveBytes, 4 << 20, 8 << 20);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_databases.Directory, "db"), "*.sst"));
    }

    [Fact]
    public void A_property_that_does_not_exist_reads_as_zero() =>
        Assert.Equal(0UL, _databases.Open("db").Property("rocksdb.no-such-property\0"u8));

    [Fact]
    public void After_closing_reads_and_writes_say_so_and_figures_are_zero()
    {
        RocksDatabase database = _databases.Open("db");
        TestDatabases.Put(database, Key, [1]);
        database.Dispose();
        database.Dispose();
        const string Closed = "database db is closed";
        Assert.Equal(Closed, Assert.Throws<StorageException>(() => database.Get(Key)).Message);
        Assert.Equal(Closed, Assert.Throws<StorageException>(() => TestDatabases.Put(database, Key, [1])).Message);
        Assert.Equal(Closed, Assert.Throws<StorageException>(() => database.CreateIterator(null, fillCache: true)).Message);
        Assert.Equal(Closed, Assert.Throws<StorageException>(database.CreateSnapshot).Message);
        Assert.Equal(Closed, Assert.Throws<StorageException>(() => database.DeleteFilesInRange([1], [2])).Message);
        Assert.Equal(default, database.Sample());
        database.Apply(TestDatabases.Settings with { WriteBufferBytes = 4 << 20 });
        Assert.Equal(TestDatabases.Settings, database.AppliedSettings);
        database.StartFlush();
        Assert.Empty(_databases.Manager.Targets);
    }

    [Fact]
    public async Task Whatever_runs_while_it_closes_finishes_or_says_closed()
    {
        for (int round = 0; round < 10; round++)
        {
            RocksDatabase database = _databases.Open("db");
            for (byte i = 0; i < 200; i++)
                TestDatabases.Put(database, [5, i], new byte[100]);
            using var started = new CountdownEvent(4);
            Task[] users =
            [
                UseAsync(() => database.Get(Key)),
                UseAsync(() => TestDatabases.Put(database, Key, new byte[50])),
                UseAsync(() => Assert.True(TestDatabases.Dump(database).Count >= 200)),
                UseAsync(() =>
                {
                    database.Sample();
                    database.Apply(TestDatabases.Settings);
                    database.FlushAndWait();

                    // These three are silent on a closed database.
                    database.Get(Key);
                }),
            ];
            started.Wait(TestContext.Current.CancellationToken);
            database.Dispose();
            await Task.WhenAll(users);

            Task UseAsync(Action use) => Task.Factory.StartNew(
                () =>
                {
                    use();
                    started.Signal();
                    Action untilClosed = () =>
                    {
                        while (true)
                            use();
                    };
                    Assert.Equal("database db is closed", Assert.Throws<StorageException>(untilClosed).Message);
                },
                TestContext.Current.CancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
    }
}
