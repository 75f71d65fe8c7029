using System.Collections.Concurrent;
using System.Globalization;
using Restate.Admin.Tests.Storage.Partitions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Logs;
using Restate.Storage.Partitions;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Processing;

[Collection(ProcessWideCounters.Name)]
public sealed class ChurnTests : IDisposable
{
    private const int Rounds = 200;

    private readonly string _directory = PartitionsUnderTest.NewDirectory();

    public void Dispose() => PartitionsUnderTest.RemoveDirectory(_directory);

    [Fact]
    public async Task Closing_and_opening_during_writes_and_scans_loses_nothing_and_leaks_nothing()
    {
        long handles = ProcessWideCounters.LiveHandles();
        long records = RecordBuffer.TotalBytes;
        var acknowledged = new ConcurrentBag<string>();
        int refused = 0;
        int scanned = 0;
        await using (PartitionsUnderTest node = await PartitionsUnderTest.StartAsync(_directory, count: 2))
        {
            using var done = new CancellationTokenSource();
            Task[] users = [WriteAsync(0), WriteAsync(1), WriteAsync(2), ScanAsync(), ScanAsync()];
            for (int round = 0; round < Rounds; round++)
            {
                var partition = new PartitionId((ushort)(round % 2));
                await node.Partitions.CloseAsync(partition);
                await node.Partitions.OpenAsync(partition);
            }

            await done.CancelAsync();
            await Task.WhenAll(users);
            List<string> rows = await node.RowsAsync();
            Assert.Equal(acknowledged.Order(StringComparer.Ordinal), rows.Select(row => row.Split(' ')[1]["Counter/".Length..]).Order(StringComparer.Ordinal));
            Assert.NotEmpty(acknowledged);
            Assert.True(refused > 0 && scanned > 0, $"{refused} refused, {scanned} scanned");

            async Task WriteAsync(int writer)
            {
                for (int i = 0; !done.IsCancellationRequested; i++)
                {
                    string key = string.Create(CultureInfo.InvariantCulture, $"{writer}-{i}");
                    try
                    {
                        await node.PutAsync(key, ["a=1"]);
                        acknowledged.Add(key);
                    }
                    catch (PartitionUnavailableException)
                    {
                        // Refused is not written: the key must not turn up.
                        Interlocked.Increment(ref refused);
                        await Task.Delay(1, CancellationToken.None);
                    }
                }
            }

            async Task ScanAsync()
            {
                for (int i = 0; !done.IsCancellationRequested; i++)
                {
                    try
                    {
                        using PartitionScanLease lease = await node.Partitions.AcquireScanAsync(new PartitionId((ushort)(i % 2)), done.Token);
                        await Task.Yield();
                        Interlocked.Add(ref scanned, TestMutations.Rows(lease, StateScanRange.All).Count);
                    }
                    catch (PartitionUnavailableException)
                    {
                        await Task.Delay(1, CancellationToken.None);
                    }
                    catch (OperationCanceledException) when (done.IsCancellationRequested)
                    {
                        return;
                    }
                }
            }
        }

        Assert.Equal(handles, ProcessWideCounters.LiveHandles());
        Assert.Equal(records, RecordBuffer.TotalBytes);
    }
}
