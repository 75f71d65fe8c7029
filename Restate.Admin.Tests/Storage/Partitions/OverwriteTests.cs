using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Memory;
using Restate.Storage.Rocks;
using Xunit;

namespace Restate.Admin.Tests.Storage.Partitions;

/// <summary>A partition store on the smallest write buffers, overwritten ten times: disk and files stay bounded.</summary>
public sealed class OverwriteTests : IDisposable
{
    private const int Keys = 2048;
    private const int ValueBytes = 4096;
    private const long LiveBytes = (long)Keys * ValueBytes;

    // RocksDB stops writers at this many files of level 0; it never gets near it when compaction keeps up.
    private const ulong StopAtLevel0Files = 36;
    private const ulong CompactAtLevel0Files = 4;

    private readonly TestDatabases _databases = new();

    public void Dispose() => _databases.Dispose();

    [Fact]
    public async Task Ten_overwrites_leave_at_most_three_times_the_live_data()
    {
        WriteBufferSettings smallest = WriteBufferSizing.ForPartition(128 << 10).Settings;
        using RocksDatabase database = _databases.Manager.Open(_databases.Spec("partition-0") with { Settings = smallest });
        byte[] value = new byte[ValueBytes];
        var random = new Random(1);
        for (int round = 0; round < 10; round++)
        {
            for (int key = 0; key < Keys; key++)
            {
                random.NextBytes(value);
                TestDatabases.Put(database, BitConverter.GetBytes(key), value);
                Assert.InRange(database.Property("rocksdb.num-files-at-level0\0"u8), 0ul, StopAtLevel0Files);
            }
        }

        database.FlushAndWait();
        await Eventually.HoldsAsync(
            () => database.Property("rocksdb.compaction-pending\0"u8) == 0 && database.Property("rocksdb.num-running-compactions\0"u8) == 0,
            "compactions are done");
        Assert.InRange(database.Property("rocksdb.num-files-at-level0\0"u8), 0ul, CompactAtLevel0Files - 1);
        await Eventually.HoldsAsync(
            () => Directory.GetFiles(Path.Combine(_databases.Directory, "partition-0"), "*.sst").Sum(file => new FileInfo(file).Length) <= LiveBytes * 3,
            "files are at most three times the live data");
        Assert.InRange(Directory.GetFiles(Path.Combine(_databases.Directory, "partition-0"), "*.sst").Length, 1, 16);
    }
}
