using Restate.Admin.Tests.Storage.Partitions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Hosting;
using Restate.Storage.Metadata;
using Restate.Storage.Processing;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Hosting;

public sealed class RestateStorageTests : IDisposable
{
    private readonly string _baseDir = NodeUnderTest.NewDirectory();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_baseDir, recursive: true);

    [Theory]
    [InlineData("replicated", "log-store")]
    [InlineData("local", "local-loglet")]
    public async Task What_was_acknowledged_is_there_after_a_restart_and_after_a_kill(string provider, string directory)
    {
        string setting = $"bifrost.default-provider={provider}";
        List<string> rows;
        string killed = _baseDir + "-killed";
        await using (RestateStorage node = await NodeUnderTest.OpenAsync(_baseDir, setting))
        {
            for (int i = 0; i < 20; i++)
                await NodeUnderTest.PutAsync(node, $"key-{i}", i % 5 == 0 ? "s1" : string.Empty, ("a", [1]), ("b", new byte[i]));
            rows = await NodeUnderTest.RowsAsync(node);
            Assert.Equal(40, rows.Count);
            Assert.Null(node.LogFailure);
            TestDatabases.CopyTree(_baseDir, killed);
        }

        Assert.True(Directory.Exists(Path.Combine(_baseDir, "n1", directory)));
        await using (RestateStorage node = await NodeUnderTest.OpenAsync(_baseDir, setting))
            Assert.Equal(rows, await NodeUnderTest.RowsAsync(node));

        // The provider and the number of partitions are those of the first start, whatever is configured later.
        await using (RestateStorage node = await NodeUnderTest.OpenAsync(killed, "default-num-partitions=5", "bifrost.default-provider=in-memory"))
        {
            Assert.Equal(2, node.Partitions.PartitionCount);
            Assert.Equal(rows, await NodeUnderTest.RowsAsync(node));
        }

        Directory.Delete(killed, recursive: true);
    }

    [Fact]
    public async Task A_second_node_on_the_directory_is_refused_until_the_first_has_closed()
    {
        await using (RestateStorage first = await NodeUnderTest.OpenAsync(_baseDir))
        {
            var failure = await Assert.ThrowsAsync<StorageException>(() => NodeUnderTest.OpenAsync(_baseDir));
            string directory = Path.Combine(_baseDir, "n1");
            Assert.StartsWith($"base-dir: {directory} is in use by another process", failure.Message, StringComparison.Ordinal);
            Assert.Contains("give this node another base-dir or node-name", failure.Message, StringComparison.Ordinal);
            await NodeUnderTest.PutAsync(first, "still", string.Empty, ("a", [1]));
        }

        await using RestateStorage second = await NodeUnderTest.OpenAsync(_baseDir);
        Assert.Single(await NodeUnderTest.RowsAsync(second));
    }

    [Fact]
    public async Task Closing_twice_is_closing_once()
    {
        RestateStorage node = await NodeUnderTest.OpenAsync(_baseDir);
        await node.DisposeAsync();
        await node.DisposeAsync();
        await Assert.ThrowsAsync<PartitionUnavailableException>(async () => await node.Partitions.AcquireScanAsync(new PartitionId(0), Cancel));
    }

    [Theory]
    [InlineData("log-store", "cannot open database log-server in ")]
    [InlineData("metadata-store", "cannot open database metadata-server in ")]
    public async Task A_damaged_database_is_named_and_everything_else_closed_again(string directory, string message)
    {
        await using (RestateStorage node = await NodeUnderTest.OpenAsync(_baseDir))
            await NodeUnderTest.PutAsync(node, "a", string.Empty, ("a", [1]));
        string path = Path.Combine(_baseDir, "n1", directory);
        string manifest = Directory.EnumerateFiles(path, "MANIFEST-*").Single();
        byte[] good = File.ReadAllBytes(manifest);
        File.WriteAllBytes(manifest, new byte[300]);
        var failure = await Assert.ThrowsAsync<StorageException>(() => NodeUnderTest.OpenAsync(_baseDir));
        Assert.StartsWith(message + path, failure.Message, StringComparison.Ordinal);
        Assert.Contains("its files are damaged; restore the directory from a copy", failure.Message, StringComparison.Ordinal);

        File.WriteAllBytes(manifest, good);
        await using RestateStorage again = await NodeUnderTest.OpenAsync(_baseDir);
        Assert.Single(await NodeUnderTest.RowsAsync(again));
    }

    [Fact]
    public async Task A_damaged_partition_fails_alone_and_all_of_them_refuse_the_start()
    {
        await (await NodeUnderTest.OpenAsync(_baseDir)).DisposeAsync();
        Break(1);
        await using (RestateStorage node = await NodeUnderTest.OpenAsync(_baseDir))
        {
            await Eventually.HoldsAsync(() => node.Partitions.Status(0)!.State == PartitionState.Open, "partition 0 is open");
            PartitionStatus failed = node.Partitions.Status(1)!;
            Assert.Equal(PartitionState.Failed, failed.State);
            Assert.StartsWith($"cannot open database partition-1 in {Folder(1)}: its files are damaged", failed.Failure, StringComparison.Ordinal);
            await Assert.ThrowsAsync<PartitionUnavailableException>(async () => await node.Partitions.AcquireScanAsync(new PartitionId(1), Cancel));
        }

        Break(0);
        var refused = await Assert.ThrowsAsync<StorageException>(() => NodeUnderTest.OpenAsync(_baseDir));
        Assert.StartsWith("cannot open database partition-0 in ", refused.Message, StringComparison.Ordinal);

        string Folder(int partition) => Path.Combine(_baseDir, "n1", "db", $"partition-{partition}");

        void Break(int partition) => File.WriteAllBytes(Directory.EnumerateFiles(Folder(partition), "MANIFEST-*").Single(), new byte[300]);
    }

    [Fact]
    public async Task A_base_dir_that_cannot_be_made_is_refused()
    {
        string file = Path.Combine(_baseDir, "file");
        File.WriteAllText(file, "x");
        var failure = await Assert.ThrowsAsync<StorageException>(() => NodeUnderTest.OpenAsync(file));
        Assert.StartsWith($"base-dir: cannot create the node's directory {file}/n1: ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("partition-table", """{"format_version":2,"num_partitions":2}""", "metadata key 'partition-table' has format version 2; this build reads up to 1: start a newer build")]
    [InlineData("partition-table", """{"format_version":1}""", "metadata key 'partition-table' is damaged: it has no number of partitions")]
    [InlineData("partition-table", """{"format_version":1,"num_partitions":0}""", "metadata key 'partition-table' is damaged: it has no number of partitions")]
    [InlineData("partition-table", """{"format_version":1,"num_partitions":70000}""", "metadata key 'partition-table' is damaged: it has no number of partitions")]
    [InlineData("partition-table", """{"format_version":1.5,"num_partitions":2}""", "metadata key 'partition-table' is damaged: ")]
    [InlineData("partition-table", "{", "metadata key 'partition-table' is damaged: ")]
    [InlineData("log-chains", """{"format_version":1,"provider":null}""", "metadata key 'log-chains' is damaged: it has no provider")]
    [InlineData("log-chains", """{"format_version":1,"provider":"paper"}""", "the logs of this node have provider 'paper', which this build does not know")]
    public async Task Damaged_or_newer_decisions_of_the_node_are_refused(string key, string value, string message)
    {
        await (await NodeUnderTest.OpenAsync(_baseDir)).DisposeAsync();
        using (var rocks = new RocksDbManager(64 << 20, 32 << 20, maxOpenFiles: 20))
        {
            var spec = new DatabaseSpec(
                "metadata", Path.Combine(_baseDir, "n1", "metadata-store"), DatabaseProfile.Metadata, Restate.Storage.Memory.MemoryComponent.MetadataServer, null, TestDatabases.Settings);
            using var store = new RocksMetadataStore(rocks.Open(spec));
            await store.PutAsync(key, TestMutations.Bytes(value), Precondition.None, Cancel);
        }

        var failure = await Assert.ThrowsAsync<StorageException>(() => NodeUnderTest.OpenAsync(_baseDir));
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_say_that_they_are_open_and_the_budget_counts_them()
    {
        await using RestateStorage node = await NodeUnderTest.OpenAsync(_baseDir);
        await NodeUnderTest.RowsAsync(node);
        Assert.All(node.Partitions.Status(), status => Assert.Equal(PartitionState.Open, status.State));
        Assert.Equal((2, 2), (node.Census.OpenCount, node.Census.Counted()));
        Assert.Equal(4, node.SharedMemory.Targets.Count);
        Assert.Contains(node.Ledger.Read(), pool => pool.Name == "bifrost-record-cache");
    }

    [Theory]
    [InlineData(1024, 27, 25, null)]
    [InlineData(1024, 36, 20, "the process may open 1024 files, and 36 databases may need 1032: raise the limit")]
    [InlineData(20_000, 1027, 21, null)]
    [InlineData(20_000, 27, 728, null)]
    [InlineData(int.MaxValue, 27, 1024, null)]
    [InlineData(100, 27, 20, "the process may open 100 files, and 27 databases may need 870: raise the limit")]
    public void What_every_database_opens_anyway_is_left_to_it(int limit, int databases, int expected, string? shortage)
    {
        Assert.Equal(expected, FileLimit.PerDatabase(limit, databases));
        if (shortage is null)
            Assert.Null(FileLimit.Shortage(limit, databases));
        else
            Assert.StartsWith(shortage, FileLimit.Shortage(limit, databases), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1024)]
    [InlineData(1_000_000, 20)]
    public void Files_are_divided_over_databases_within_limits(int databases, int expected)
    {
        // One database gets no more than it can use, and a million still get the fewest that work.
        int limit = FileLimit.PerDatabase(databases);
        Assert.InRange(limit, 16, 1024);
        if (databases > 1)
            Assert.Equal(expected, limit);
    }
}
