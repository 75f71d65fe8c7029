using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Rocks;

public sealed class FormatVersionTests : IDisposable
{
    private static readonly byte[] Key = [0x00, 0x01];

    private readonly TestDatabases _databases = new();

    public void Dispose() => _databases.Dispose();

    [Fact]
    public void A_new_database_gets_the_version_and_is_read_by_the_same_and_by_newer_builds()
    {
        RocksDatabase database = _databases.Open("db");
        FormatVersion.Check(database, 1, WriteDurability.Memtable);
        Assert.Equal([0, 0, 0, 1], database.Get(Key)!);
        FormatVersion.Check(database, 1, WriteDurability.Memtable);
        FormatVersion.Check(database, 2, WriteDurability.Memtable);
        Assert.Equal([0, 0, 0, 1], database.Get(Key)!);
    }

    [Fact]
    public void Newer_data_is_refused()
    {
        RocksDatabase database = _databases.Open("db");
        FormatVersion.Check(database, 2, WriteDurability.Memtable);
        Assert.Equal(
            "database db has format version 2; this build reads up to 1: start a newer build",
            Assert.Throws<StorageException>(() => FormatVersion.Check(database, 1, WriteDurability.Memtable)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("000001")]
    [InlineData("00000000")]
    [InlineData("0000000001")]
    public void A_damaged_version_is_refused(string hex)
    {
        RocksDatabase database = _databases.Open("db");
        TestDatabases.Put(database, Key, Convert.FromHexString(hex));
        Assert.Equal(
            "database db: its format version is damaged",
            Assert.Throws<StorageException>(() => FormatVersion.Check(database, 1, WriteDurability.Memtable)).Message);
    }

    [Fact]
    public void Data_without_a_version_is_somebody_elses()
    {
        RocksDatabase database = _databases.Open("db");
        TestDatabases.Put(database, [9], [9]);
        Assert.Equal(
            "database db holds data but no format version; it was not written by this program",
            Assert.Throws<StorageException>(() => FormatVersion.Check(database, 1, WriteDurability.Memtable)).Message);
    }
}
