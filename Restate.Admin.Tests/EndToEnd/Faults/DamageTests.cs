using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.Faults;

/// <summary>Files of the node that were damaged while it was down: it goes on where nothing is lost, and says so where something is.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class DamageTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private FaultNode _node = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = new FaultNode(_folder.Path);
        await _node.StartAsync();
        await _node.AcknowledgedAsync("k", 60);
        await _node.HoldsWhatWasAcknowledgedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_partition_with_a_damaged_table_fails_alone_and_its_log_brings_it_back()
    {
        await _node.StopAsync();
        string directory = _node.Database("db/partition-0");
        foreach (string table in Directory.EnumerateFiles(directory, "*.sst"))
            Damage(table, from: 0, count: 200);
        await _node.StartAsync();

        // Not at any moment: it is tried again after a second, then after longer ones.
        JsonElement failed = default;
        await FaultNode.EventuallyAsync(
            async () => (failed = await _node.PartitionAsync(0)).GetProperty("state").GetString() == "failed", "the damaged partition has failed");
        string reason = failed.GetProperty("failure").GetString()!;
        Assert.Contains("Corruption", reason, StringComparison.Ordinal);
        Assert.Contains(directory, reason, StringComparison.Ordinal);
        Assert.Contains("move the directory of this partition away and start again; the partition is built anew from its log", reason, StringComparison.Ordinal);
        await FaultNode.EventuallyAsync(
            async () => (await _node.PartitionAsync(1)).GetProperty("state").GetString() == "open", "the other partition serves");
        await FaultNode.EventuallyAsync(
            async () => (await HealthAsync()).GetProperty("worker_status").GetString() == "Degraded", "the health of the node tells of it");

        // Not an answer without the rows of the damaged partition, and others are read.
        SqlException refused = await Assert.ThrowsAsync<SqlException>(() => _node.Server.Sql.RowsOnceAsync("select count(*) from state", Cancelled));
        Assert.Contains("partition 0", refused.Message, StringComparison.Ordinal);
        await _node.StopAsync();

        Directory.Move(directory, _folder.Inside("damaged"));
        await _node.StartAsync();
        await _node.HoldsWhatWasAcknowledgedAsync();
    }

    [Fact]
    public async Task A_damaged_table_of_the_log_server_is_refused_and_named()
    {
        // The log is in its write-ahead log; a start writes that into a table.
        await _node.StopAsync();
        await _node.StartAsync();
        await _node.StopAsync();
        string directory = _node.Database("log-store");
        byte[][] tables = [.. Directory.EnumerateFiles(directory, "*.sst").Order().Select(File.ReadAllBytes)];
        foreach (string table in Directory.EnumerateFiles(directory, "*.sst"))
            Damage(table, from: 0, count: 200);
        string line = await _node.RefusedAsync();
        Assert.Contains("log-server", line, StringComparison.Ordinal);
        Assert.Contains("Corruption", line, StringComparison.Ordinal);
        Assert.Contains(directory, line, StringComparison.Ordinal);

        foreach ((string table, byte[] bytes) in Directory.EnumerateFiles(directory, "*.sst").Order().Zip(tables))
            await File.WriteAllBytesAsync(table, bytes, Cancelled);
        await _node.StartAsync();
        await _node.HoldsWhatWasAcknowledgedAsync();
    }

    [Fact]
    public async Task A_record_that_a_crash_tore_is_the_end_of_the_log_and_nothing_acknowledged_is_lost()
    {
        await _node.KillAsync();
        byte[] log = await File.ReadAllBytesAsync(WriteAheadLog(), Cancelled);

        // The beginning of a record of the same log: its head promises more bytes than there are.
        await using (FileStream file = File.Open(WriteAheadLog(), FileMode.Append))
            await file.WriteAsync(log.AsMemory(0, 20), Cancelled);
        await _node.StartAsync();
        await _node.HoldsWhatWasAcknowledgedAsync();
        await _node.AcknowledgedAsync("after", 5);
        await _node.KillAsync();
        await _node.StartAsync();
        await _node.HoldsWhatWasAcknowledgedAsync();
    }

    [Fact]
    public async Task Damage_in_the_middle_of_the_write_ahead_log_is_refused_and_not_taken_for_its_end()
    {
        await _node.KillAsync();
        byte[] log = await File.ReadAllBytesAsync(WriteAheadLog(), Cancelled);
        Damage(WriteAheadLog(), log.Length / 2, count: 8);
        string line = await _node.RefusedAsync();
        Assert.StartsWith($"cannot open database log-server in {_node.Database("log-store")}: its files are damaged; restore the directory from a copy", line, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(WriteAheadLog(), log, Cancelled);
        await _node.StartAsync();
        await _node.HoldsWhatWasAcknowledgedAsync();
    }

    private string WriteAheadLog() => Assert.Single(Directory.EnumerateFiles(_node.Database("log-store"), "*.log"));

    private async Task<JsonElement> HealthAsync()
    {
        string text = await _node.Server.Admin.Http.GetStringAsync(new Uri(_node.Server.Admin.NodeUri, "/health"), Cancelled);
        return JsonDocument.Parse(text).RootElement;
    }

    private static void Damage(string file, int from, int count)
    {
        byte[] bytes = File.ReadAllBytes(file);
        foreach (ref byte b in bytes.AsSpan(from, Math.Min(count, bytes.Length - from)))
            b ^= 0xFF;
        File.WriteAllBytes(file, bytes);
    }
}
