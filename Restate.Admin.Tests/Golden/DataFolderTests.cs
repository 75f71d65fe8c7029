using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Tests.Storage.Hosting;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Hosting;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Golden;

/// <summary>
/// The folder of a node that was killed: two partitions, one with tables and rows that only the log has, one with the log alone; the
/// first log is trimmed.
/// </summary>
public sealed class DataFolderTests : IDisposable
{
    private const string Folder = "node-v1";
    private const string RowsFile = "node-v1.rows";

    private readonly string _baseDir = NodeUnderTest.NewDirectory();

    public void Dispose() => Directory.Delete(_baseDir, recursive: true);

    [Fact]
    public async Task A_folder_that_an_earlier_build_left_opens_with_the_same_rows()
    {
        if (GoldenFiles.Writing && !Directory.Exists(GoldenFiles.PathOf(Folder)))
            await WriteAsync();

        string copy = Path.Combine(_baseDir, "copy");
        TestDatabases.CopyTree(GoldenFiles.PathOf(Folder), copy);
        List<string> rows;
        await using (RestateStorage node = await NodeUnderTest.OpenAsync(copy))
        {
            Assert.Equal(2, node.Partitions.PartitionCount);
            rows = await NodeUnderTest.RowsAsync(node);
            GoldenFiles.Check(RowsFile, rows);
            Assert.True(node.Partitions.Status(0)!.TrimPoint > Lsn.None);
            Assert.Equal(Lsn.None, node.Partitions.Status(1)!.TrimPoint);
            Assert.True(node.Partitions.HasScopedState);

            // It is a node like any other from here on.
            await NodeUnderTest.PutAsync(node, "new", string.Empty, ("a", [1]));
        }

        await using RestateStorage again = await NodeUnderTest.OpenAsync(copy);
        Assert.Equal(rows.Count + 1, (await NodeUnderTest.RowsAsync(again)).Count);
    }

    private async Task WriteAsync()
    {
        string source = Path.Combine(_baseDir, "source");
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_763_861_903_000));
        await using RestateStorage node = await NodeUnderTest.OpenAsync(source, time);
        for (int i = 0; i < 12; i++)
            await NodeUnderTest.PutAsync(node, $"key-{i}", i % 4 == 3 ? "s1" : string.Empty, ("n", [(byte)i]), ("text", "värde"u8.ToArray()), ("none", []));
        await NodeUnderTest.RowsAsync(node);
        node.Partitions.StartFlush(new PartitionId(0));
        await Eventually.HoldsAsync(() => node.Partitions.Status(0) is { } status && status.DurableLsn == status.TailLsn, "partition 0 is flushed");
        await Eventually.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(20));
                return node.Partitions.Status(0)!.TrimPoint > Lsn.None;
            },
            "log 0 is trimmed");
        for (int i = 6; i < 18; i++)
            await NodeUnderTest.PutAsync(node, $"key-{i}", i % 4 == 3 ? "s1" : string.Empty, ("n", [(byte)i, 0xFF, 0x00]));
        await NodeUnderTest.PutAsync(node, "key-0", string.Empty);
        await NodeUnderTest.RowsAsync(node);
        TestDatabases.CopyTree(source, GoldenFiles.PathOf(Folder));

        // Neither the log of RocksDB nor its options are needed to open; both name directories of the machine.
        foreach (string file in Directory.EnumerateFiles(GoldenFiles.PathOf(Folder), "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) is { } name && (name == "LOG" || name.StartsWith("OPTIONS-", StringComparison.Ordinal)))
                File.Delete(file);
        }
    }
}
