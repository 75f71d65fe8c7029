using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The memory surface of a running process.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class MemoryRestTests : IDisposable
{
    private static readonly string[] DocumentedMetrics =
    [
        "restate_rocksdb_memory_write_buffer_manager_capacity_bytes",
        "restate_rocksdb_memory_write_buffer_manager_usage_bytes",
        "restate_rocksdb_memory_approx_memtable_bytes",
        "restate_rocksdb_memory_approx_memtable_unflushed_bytes",
        "restate_rocksdb_block_cache_capacity_bytes",
        "restate_rocksdb_block_cache_usage_bytes",
        "restate_rocksdb_cur_size_active_mem_table_bytes",
        "restate_rocksdb_cur_size_all_mem_tables_bytes",
        "restate_rocksdb_mem_table_flush_pending_count",
    ];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_documented_metric_is_exposed()
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        foreach (string metric in DocumentedMetrics)
            Assert.True(await server.Admin.MetricAsync(metric, Cancelled) is not null, $"/metrics has no {metric}");
        Assert.Equal(2147483648, await server.Admin.MetricAsync("restate_rocksdb_block_cache_capacity_bytes", Cancelled));
        Assert.Equal(1825361152, await server.Admin.MetricAsync("restate_rocksdb_memory_write_buffer_manager_capacity_bytes", Cancelled));
    }

    [Fact]
    public async Task A_patch_that_waits_is_in_force_when_it_returns()
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        JsonElement document = await PatchAsync(server, "?wait=30s", new() { ["rocksdb-total-memory-size"] = "256 MiB" }, HttpStatusCode.OK);
        Assert.Equal(document.GetProperty("generation").GetInt64(), document.GetProperty("applied_generation").GetInt64());
        Assert.Equal(268435456, document.GetProperty("applied").GetProperty("rocksdb-total-memory-size").GetInt64());
        Assert.Equal(228170144, await server.Admin.MetricAsync("restate_rocksdb_memory_write_buffer_manager_capacity_bytes", Cancelled));
        Assert.Equal(268435456, await server.Admin.MetricAsync("restate_rocksdb_block_cache_capacity_bytes", Cancelled));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        long before = (await server.Admin.GetAsync("/memory/rocksdb", Cancelled)).GetProperty("generation").GetInt64();
        JsonElement document = await PatchAsync(server, "?dry_run=true", new() { ["rocksdb-total-memory-size"] = "1 GiB" }, HttpStatusCode.OK);
        Assert.Equal(1073741824, document.GetProperty("plan").GetProperty("total_bytes").GetInt64());
        JsonElement after = await server.Admin.GetAsync("/memory/rocksdb", Cancelled);
        Assert.Equal(before, after.GetProperty("generation").GetInt64());
        Assert.Equal(2147483648, after.GetProperty("plan").GetProperty("total_bytes").GetInt64());
    }

    [Theory]
    [InlineData("rocksdb-total-memory-size", "10 MiB")]
    [InlineData("rocksdb-total-memtables-ratio", "1.5")]
    [InlineData("rocksdb-total-memory-sise", "1 GiB")]
    [InlineData("rocksdb-total-memory-size", "1 XB")]
    public async Task A_bad_patch_names_key_and_value_and_changes_nothing(string key, string value)
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        JsonElement document = await PatchAsync(
            server, string.Empty, new() { ["worker.storage.rocksdb-memory-ratio"] = 0.3, [key] = value }, HttpStatusCode.BadRequest);
        string message = document.GetProperty("message").GetString()!;
        Assert.Contains(key, message, StringComparison.Ordinal);
        JsonElement after = await server.Admin.GetAsync("/memory/rocksdb", Cancelled);
        Assert.Equal(2147483648, after.GetProperty("desired").GetProperty("rocksdb-total-memory-size").GetInt64());
        Assert.Equal(0.49, after.GetProperty("desired").GetProperty("worker.storage.rocksdb-memory-ratio").GetDouble(), precision: 6);
    }

    [Fact]
    public async Task A_persisted_patch_survives_a_restart()
    {
        await using (ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled))
        {
            await PatchAsync(server, "?persist=true&wait=30s", new() { ["rocksdb-total-memory-size"] = "512 MiB" }, HttpStatusCode.OK);
            Assert.Equal(0, await server.StopAsync(Cancelled));
        }

        await using ServerProcess again = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        Assert.Equal(536870912, await again.Admin.MetricAsync("restate_rocksdb_block_cache_capacity_bytes", Cancelled));
    }

    private static async Task<JsonElement> PatchAsync(
        ServerProcess server, string query, Dictionary<string, object> patch, HttpStatusCode expected)
    {
        using HttpResponseMessage answer = await server.Admin.Http.PatchAsJsonAsync("/memory/rocksdb" + query, patch, Cancelled);
        string text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode} {text}, expected {(int)expected}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
