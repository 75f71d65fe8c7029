using Restate.Storage.Rocks;
using Xunit;

namespace Restate.Admin.Tests.Storage.Rocks;

/// <summary>One cache, one write buffer manager, and a count of handles that comes back to where it was.</summary>
[Collection(ProcessWideCounters.Name)]
public sealed class SharedMemoryTests
{
    [Fact]
    public void Memtables_of_all_databases_count_in_one_manager_and_are_charged_to_one_cache()
    {
        using var databases = new TestDatabases();
        RocksDatabase first = databases.Open("first");
        RocksDatabase second = databases.Open("second", DatabaseProfile.LogStore);
        long empty = databases.Manager.WriteBufferManagerUsage;
        Fill(first, 20);
        long one = databases.Manager.WriteBufferManagerUsage;
        Fill(second, 20);
        long both = databases.Manager.WriteBufferManagerUsage;
        Assert.InRange(one - empty, 20 << 14, 40 << 14);
        Assert.InRange(both - one, 20 << 14, 40 << 14);
        Assert.InRange(databases.Manager.BlockCacheUsage, both, long.MaxValue);
        Assert.Equal(both, databases.Manager.WriteBufferManagerMutableUsage);
        Assert.Equal(2, databases.Manager.Targets.Count);

        first.Dispose();
        Assert.InRange(databases.Manager.WriteBufferManagerUsage, 20 << 14, one);
        second.Dispose();
        Assert.Equal(0, databases.Manager.WriteBufferManagerUsage);
    }

    [Fact]
    public void A_block_read_from_any_database_is_in_the_shared_cache_and_a_lower_capacity_evicts_it()
    {
        using var databases = new TestDatabases();
        foreach (string name in (string[])["first", "second"])
        {
            RocksDatabase database = databases.Open(name);
            Fill(database, 60);
            database.FlushAndWait();
            long before = databases.Manager.BlockCacheUsage;
            for (byte i = 0; i < 60; i++)
                Assert.NotNull(database.Get([i]));
            Assert.InRange(databases.Manager.BlockCacheUsage - before, 60 << 14, 80 << 14);
        }

        databases.Manager.BlockCacheCapacity = 1 << 20;
        Assert.Equal(1 << 20, databases.Manager.BlockCacheCapacity);
        Assert.InRange(databases.Manager.BlockCacheUsage, 0, (1 << 20) + databases.Manager.BlockCachePinnedUsage);
    }

    [Fact]
    public void The_managers_capacity_can_be_read_back()
    {
        using var databases = new TestDatabases(writeBufferBytes: 100 << 20);
        Assert.Equal(100 << 20, databases.Manager.WriteBufferManagerCapacity);
        databases.Manager.WriteBufferManagerCapacity = 50 << 20;
        Assert.Equal(50 << 20, databases.Manager.WriteBufferManagerCapacity);
    }

    [Fact]
    public void Nothing_native_is_left_after_opening_iterating_and_closing()
    {
        long before = ProcessWideCounters.LiveHandles();
        using (var databases = new TestDatabases())
        {
            for (int round = 0; round < 20; round++)
            {
                RocksDatabase database = databases.Open("db");
                Fill(database, 5);
                using (RocksSnapshot snapshot = database.CreateSnapshot())
                using (RocksIterator iterator = database.CreateIterator(snapshot, fillCache: true))
                    iterator.SeekToFirst();
                Assert.Throws<Restate.Storage.Types.StorageException>(() => databases.Open("db"));
                database.Dispose();
            }
        }

        Assert.Equal(before, ProcessWideCounters.LiveHandles());
    }

    [Fact]
    public void A_database_lives_until_its_last_snapshot_and_iterator_are_returned()
    {
        long before = ProcessWideCounters.LiveHandles();
        using (var databases = new TestDatabases())
        {
            RocksDatabase database = databases.Open("db");
            Fill(database, 5);
            RocksSnapshot snapshot = database.CreateSnapshot();
            RocksIterator iterator = database.CreateIterator(snapshot, fillCache: true);
            database.Dispose();
            Assert.Throws<Restate.Storage.Types.StorageException>(() => database.Get([3]));

            iterator.Seek([3]);
            Assert.Equal([3], iterator.Key.ToArray());
            Assert.Throws<Restate.Storage.Types.StorageException>(() => databases.Open("db"));
            iterator.Dispose();
            iterator.Dispose();
            Assert.Throws<Restate.Storage.Types.StorageException>(() => databases.Open("db"));
            snapshot.Dispose();
            databases.Open("db");
        }

        Assert.Equal(before, ProcessWideCounters.LiveHandles());
    }

    private static void Fill(RocksDatabase database, byte entries)
    {
        var value = new byte[16 << 10];
        new Random(1).NextBytes(value);
        for (byte i = 0; i < entries; i++)
            TestDatabases.Put(database, [i], value);
    }
}
