using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Logs;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Logs;

/// <summary>What a log leaves on the disk under load and after trims.</summary>
public sealed class LogStoreDiskTests : IDisposable
{
    private const int Logs = 8;
    private const int RecordBytes = 64 << 10;
    private const int RecordsPerRound = 32;

    // Group commit may add one group of 4 MiB to a memtable that is one byte below its limit.
    private const long GroupBytes = 4 << 20;

    private readonly TestDatabases _databases = new();

    public void Dispose() => _databases.Dispose();

    [Theory]
    [InlineData("replicated")]
    [InlineData("local")]
    public async Task The_write_ahead_log_and_trimmed_records_do_not_stay(string provider)
    {
        RocksDatabase database = _databases.Open("logs", DatabaseProfile.LogStore);
        using var store = new LogStore(provider, database, NullLogger.Instance);
        ILoglet[] logs = [.. Enumerable.Range(0, Logs).Select(log => store.Open(new LogId((uint)log)))];
        byte[] noise = new byte[RecordBytes];
        var random = new Random(1);
        long walBound = TestDatabases.Settings.MaxWriteBuffers * (TestDatabases.Settings.WriteBufferBytes + GroupBytes);
        long roundBytes = (long)Logs * RecordsPerRound * RecordBytes;
        for (int round = 0; round < 10; round++)
        {
            for (int record = 0; record < RecordsPerRound; record++)
            {
                random.NextBytes(noise);
                using RecordBuffer buffer = RecordBuffer.Copy(noise);
                await Task.WhenAll(logs.Select(log => log.AppendAsync(buffer)));
                Assert.InRange(WalBytes(), 0, walBound);
            }

            foreach (ILoglet log in logs)
                log.Trim(log.Tail);
        }

        Assert.InRange(WalBytes(), 0, walBound);
        database.FlushAndWait();
        await Eventually.HoldsAsync(
            () => database.Property("rocksdb.compaction-pending\0"u8) == 0 && database.Property("rocksdb.num-running-compactions\0"u8) == 0,
            "compactions are done");
        Assert.InRange((long)database.Property("rocksdb.live-sst-files-size\0"u8), 0, roundBytes * 3);
        Assert.InRange(WalBytes(), 0, TestDatabases.Settings.WriteBufferBytes);
    }

    private long WalBytes() => new DirectoryInfo(Path.Combine(_databases.Directory, "logs")).GetFiles("*.log").Sum(file => file.Exists ? file.Length : 0);
}
