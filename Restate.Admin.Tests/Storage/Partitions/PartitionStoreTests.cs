using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Partitions;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;
using static Restate.Admin.Tests.Storage.Partitions.TestMutations;

namespace Restate.Admin.Tests.Storage.Partitions;

public sealed class PartitionStoreTests : IDisposable
{
    private readonly TestDatabases _databases = new();

    public void Dispose() => _databases.Dispose();

    [Fact]
    public void A_kill_leaves_a_store_that_stands_where_its_last_flush_did()
    {
        using PartitionStore store = Open(_databases);
        Replace(store, 1, Payload("S", "k", ["a=1"]), lsn: 1);
        store.Flush();
        Replace(store, 1, Payload("S", "k", ["a=2", "b=2"]), lsn: 2);
        AppliedState durable = store.ReadDurable();
        TestDatabases.CopyTree(Path.Combine(_databases.Directory, "partition-0"), Path.Combine(_databases.Directory, "copy"));
        using PartitionStore copy = Open(_databases, "copy");
        Assert.Equal(new Lsn(1), durable.Lsn);
        Assert.Equal(durable, copy.ReadApplied());
        Assert.Equal(["1 S/k a=1"], Rows(copy));
    }

    [Fact]
    public void A_damaged_applied_lsn_is_named()
    {
        using PartitionStore store = Open(_databases);
        TestDatabases.Put(store.Database, [0x00, 0x02], new byte[23]);
        Assert.Equal("database partition-0: its applied LSN is damaged", Assert.Throws<StorageException>(() => store.ReadApplied()).Message);
    }

    [Fact]
    public void A_store_of_a_newer_format_is_refused()
    {
        RocksDatabase database = _databases.Open("partition-0");
        TestDatabases.Put(database, [0x00, 0x01], [0, 0, 0, 9]);
        Assert.Contains("format version 9", Assert.Throws<StorageException>(() => new PartitionStore(new PartitionId(0), database)).Message, StringComparison.Ordinal);
    }
}
