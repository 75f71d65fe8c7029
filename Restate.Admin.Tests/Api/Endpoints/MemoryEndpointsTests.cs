using System.Net;
using System.Text.Json;
using Restate.Admin.Tests.Storage.Memory;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

public sealed class MemoryEndpointsTests : IAsyncLifetime
{
    private MemoryApplication _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _node = await MemoryApplication.StartAsync(Cancel);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Memory_shows_pools_against_the_limit()
    {
        _node.Ledger.Add(new MemoryPool("rocksdb", "rocksdb-total-memory-size", () => 2L << 30, () => 1000));
        _node.Ledger.Add(new MemoryPool("query-engine", "admin.query-engine.memory-size", () => 7L << 30, () => 500));
        JsonElement body = await _node.GetAsync("/memory");
        JsonElement process = body.GetProperty("process");
        Assert.Equal(8L << 30, process.GetProperty("limit_bytes").GetInt64());
        Assert.Equal("cgroup v2 /sys/fs/cgroup", process.GetProperty("limit_source").GetString());
        Assert.Equal(process.GetProperty("rss_bytes").GetInt64() - 1500, process.GetProperty("untracked_bytes").GetInt64());
        Assert.True(process.GetProperty("gc_heap_bytes").GetInt64() > 0);
        Assert.True(process.TryGetProperty("gc_heap_limit_bytes", out _));
        Assert.Equal((64L << 20) + 225, process.GetProperty("untracked_bound_bytes").GetInt64());
        Assert.InRange(process.GetProperty("allocator_free_bytes").GetInt64(), 1, process.GetProperty("allocator_heap_bytes").GetInt64());
        Assert.Equal(9L << 30, body.GetProperty("planned_bytes").GetInt64());
        Assert.Equal(
            """{"name":"query-engine","capacity_bytes":7516192768,"usage_bytes":500,"config_key":"admin.query-engine.memory-size","source":"default"}""",
            body.GetProperty("pools")[1].GetRawText());
        Assert.Equal(MemoryWarningCodes.PoolsGuaranteed, body.GetProperty("warnings")[0].GetProperty("code").GetString());
        Assert.Equal("none", body.GetProperty("guard").GetProperty("step").GetString());
    }

    [Fact]
    public async Task Rocksdb_shows_settings_plan_and_usage_with_a_tag()
    {
        _node.Open(0, applied: 7, durable: 5).Memtable = new MemtableSample(100, 300, 400, FlushPending: false);
        _node.Memory.WriteBufferManagerUsage = 450;
        _node.Memory.BlockCacheUsage = 600;
        _node.Memory.BlockCachePinnedUsage = 451;
        HttpResponseMessage response = await _node.Client.GetAsync("/memory/rocksdb", Cancel);
        JsonElement body = await MemoryApplication.JsonAsync(response);
        Assert.Equal("\"1\"", response.Headers.ETag!.ToString());
        Assert.Equal((1, 1), (body.GetProperty("generation").GetInt64(), body.GetProperty("applied_generation").GetInt64()));
        Assert.Equal(2147483648, body.GetProperty("desired").GetProperty("rocksdb-total-memory-size").GetInt64());
        Assert.Equal("0.85", body.GetProperty("desired").GetProperty("rocksdb-total-memtables-ratio").GetRawText());
        Assert.Equal("0.49", body.GetProperty("desired").GetProperty("worker.storage.rocksdb-memory-ratio").GetRawText());
        Assert.Equal(body.GetProperty("desired").GetRawText(), body.GetProperty("applied").GetRawText());
        JsonElement plan = body.GetProperty("plan");
        Assert.Equal(1825361152, plan.GetProperty("memtables_bytes").GetInt64());
        Assert.Equal(2147483648 - 1825361152, plan.GetProperty("block_cache_bytes").GetInt64());
        Assert.Equal(1, plan.GetProperty("open_partitions").GetInt32());
        Assert.Equal(
            ["partition-store", "log-server", "metadata-server"],
            plan.GetProperty("components").EnumerateArray().Select(component => component.GetProperty("name").GetString()));
        Assert.Equal(400, plan.GetProperty("components")[0].GetProperty("usage_bytes").GetInt64());
        Assert.Equal(
            """{"write_buffer_manager_bytes":450,"block_cache_bytes":600,"block_cache_pinned_bytes":451,"memtable_bytes":400,"memtable_unflushed_bytes":300}""",
            body.GetProperty("usage").GetRawText());
        Assert.True(DateTimeOffset.TryParse(body.GetProperty("next_tick_at").GetString(), out _));
    }

    [Fact]
    public async Task A_change_is_accepted_and_applied_at_the_next_tick()
    {
        HttpResponseMessage response = await _node.PatchAsync("""{"rocksdb-total-memory-size":"256 MiB"}""");
        JsonElement body = await MemoryApplication.JsonAsync(response);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("\"2\"", response.Headers.ETag!.ToString());
        Assert.Equal((2, 1), (body.GetProperty("generation").GetInt64(), body.GetProperty("applied_generation").GetInt64()));
        Assert.Equal(228170144, body.GetProperty("plan").GetProperty("memtables_bytes").GetInt64());
        Assert.Equal(1825361152, _node.Memory.WriteBufferManagerCapacity);

        JsonElement report = await MemoryApplication.JsonAsync(await _node.Client.PostAsync("/memory/rebalance", null, Cancel));
        Assert.Equal("request", report.GetProperty("reason").GetString());
        Assert.Equal(228170144, report.GetProperty("after").GetProperty("memtables_bytes").GetInt64());
        Assert.Equal(228170144, _node.Memory.WriteBufferManagerCapacity);
        Assert.Equal(2, (await _node.GetAsync("/memory/rocksdb")).GetProperty("applied_generation").GetInt64());
    }

    [Fact]
    public async Task Waiting_answers_once_the_change_is_applied()
    {
        Task<HttpResponseMessage> waiting = _node.PatchAsync("""{"rocksdb-total-memory-size":536870912}""", "?wait=1m");
        while (_node.Configuration.Current.Generation == 1)
        {
            Assert.False(waiting.IsCompleted, "answered before the change was in force");
            await Task.Yield();
        }

        await _node.Controller.RebalanceNowAsync(Cancel);
        HttpResponseMessage response = await waiting;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, (await MemoryApplication.JsonAsync(response)).GetProperty("applied_generation").GetInt64());
    }

    [Fact]
    public async Task A_wait_that_ends_too_early_is_still_accepted() =>
        Assert.Equal(HttpStatusCode.Accepted, (await _node.PatchAsync("""{"rocksdb-total-memory-size":536870912}""", "?wait=1ms")).StatusCode);

    [Fact]
    public async Task A_dry_run_shows_the_plan_and_changes_nothing()
    {
        HttpResponseMessage response = await _node.PatchAsync("""{"rocksdb-total-memory-size":"256MiB"}""", "?dry_run=true");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(228170144, (await MemoryApplication.JsonAsync(response)).GetProperty("plan").GetProperty("memtables_bytes").GetInt64());
        Assert.Equal(1, _node.Configuration.Current.Generation);
    }

    [Fact]
    public async Task Null_removes_an_override()
    {
        await _node.PatchAsync("""{"rocksdb-total-memory-size":"256 MiB","log-server.rocksdb-memory-ratio":0.3}""");
        await _node.PatchAsync("""{"rocksdb-total-memory-size":null}""");
        JsonElement desired = (await _node.GetAsync("/memory/rocksdb")).GetProperty("desired");
        Assert.Equal(2147483648, desired.GetProperty("rocksdb-total-memory-size").GetInt64());
        Assert.Equal("0.3", desired.GetProperty("log-server.rocksdb-memory-ratio").GetRawText());
    }

    [Theory]
    [InlineData("\"1\"", HttpStatusCode.Accepted)]
    [InlineData("*", HttpStatusCode.Accepted)]
    [InlineData("\"7\", \"1\"", HttpStatusCode.Accepted)]
    [InlineData("\"2\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("W/\"1\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("\"x\"", HttpStatusCode.PreconditionFailed)]
    public async Task If_match_guards_the_generation(string tag, HttpStatusCode status) =>
        Assert.Equal(status, (await _node.PatchAsync("""{"rocksdb-total-memory-size":"1 GiB"}""", ifMatch: tag)).StatusCode);

    [Theory]
    [InlineData("""{"admin.query-engine.memory-size":"1 GiB"}""", "admin.query-engine.memory-size", "rocksdb-total-memory-size")]
    [InlineData("""{"nonsense":1}""", "nonsense", "worker.storage.rocksdb-memory-budget")]
    [InlineData("""{"rocksdb-total-memory-size":"512 XB"}""", "rocksdb-total-memory-size", "512 XB")]
    [InlineData("""{"rocksdb-total-memory-size":"1 MiB"}""", "rocksdb-total-memory-size", "256")]
    [InlineData("""{"rocksdb-total-memtables-ratio":1.5}""", "rocksdb-total-memtables-ratio", "1.5")]
    [InlineData("""{"worker.storage.rocksdb-disable-auto-memory-reclaimer":3}""", "rocksdb-disable-auto-memory-reclaimer", "3")]
    [InlineData("""{"rocksdb-total-memory-size":"1 GiB","rocksdb-total-memtables-ratio":7}""", "rocksdb-total-memtables-ratio", "7")]
    public async Task Bad_settings_are_named_and_nothing_changes(string body, string key, string said)
    {
        HttpResponseMessage response = await _node.PatchAsync(body);
        JsonElement error = await MemoryApplication.JsonAsync(response);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(key, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains(said, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, error.GetProperty("restate_code").ValueKind);
        Assert.Equal(1, _node.Configuration.Current.Generation);
    }

    [Theory]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest, "Failed to parse the request body as JSON")]
    [InlineData("""{"rocksdb-total-memory-size":1,"rocksdb-total-memory-size":2}""", "application/json", HttpStatusCode.BadRequest, "Failed to parse")]
    [InlineData("{}", null, HttpStatusCode.UnsupportedMediaType, "Expected request with `Content-Type: application/json`")]
    [InlineData("[]", "application/json", HttpStatusCode.UnprocessableEntity, "expected an object")]
    [InlineData("""{"rocksdb-total-memory-size":{}}""", "application/json", HttpStatusCode.UnprocessableEntity, "rocksdb-total-memory-size")]
    public async Task A_body_that_cannot_be_read_gets_a_text(string body, string? type, HttpStatusCode status, string said)
    {
        HttpResponseMessage response = await _node.PatchAsync(body, type: type);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains(said, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        HttpResponseMessage response = await _node.PatchAsync("""{"rocksdb-total-memory-size":"1 GiB"}""", type: "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal(1, _node.Configuration.Current.Generation);
    }

    [Theory]
    [InlineData("?wait=soon", "wait")]
    [InlineData("?wait=1h", "10m")]
    [InlineData("?dry_run=1", "dry_run")]
    [InlineData("?persist=maybe", "persist")]
    [InlineData("?dryrun=true", "'dryrun' is unknown; allowed are dry_run, persist, wait")]
    public async Task Bad_query_parameters_are_named(string query, string said)
    {
        HttpResponseMessage response = await _node.PatchAsync("{}", query);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(said, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_large_a_body_is_refused() => Assert.Equal(
        HttpStatusCode.RequestEntityTooLarge, (await _node.PatchAsync(new string(' ', 100_000) + "{}")).StatusCode);

    [Fact]
    public async Task Partitions_show_target_and_actual()
    {
        ScriptedTarget store = _node.Open(3, applied: 7, durable: 5);
        store.Memtable = new MemtableSample(1000, 2L << 30, (2L << 30) + 50, FlushPending: true);
        _node.Partitions.Add(new PartitionMemoryInfo(new PartitionId(4), "closed", null, null));
        JsonElement partitions = (await _node.GetAsync("/memory/partitions")).GetProperty("partitions");
        long budget = _node.Controller.PlanFor(_node.Configuration.Current.Value).PartitionBudgetBytes;
        Assert.Equal(
            $$"""{"partition_id":3,"state":"open","budget_bytes":{{budget}},"write_buffer_size_bytes":{{store.AppliedSettings.WriteBufferBytes}},"target_write_buffer_size_bytes":{{budget / 4}},"active_memtable_bytes":1000,"all_memtables_bytes":2147483698,"pinned_memtable_bytes":50,"flush_pending":true,"over_budget":true,"applied_lsn":7,"durable_lsn":5}""",
            partitions[0].GetRawText());
        Assert.Equal(
            """{"partition_id":4,"state":"closed","budget_bytes":0,"write_buffer_size_bytes":0,"target_write_buffer_size_bytes":0,"active_memtable_bytes":0,"all_memtables_bytes":0,"pinned_memtable_bytes":0,"flush_pending":false,"over_budget":false,"applied_lsn":null,"durable_lsn":null}""",
            partitions[1].GetRawText());
    }

    [Fact]
    public async Task Reports_are_listed_newest_first()
    {
        await _node.Controller.RebalanceNowAsync(Cancel);
        await _node.PatchAsync("""{"rocksdb-total-memory-size":"256 MiB"}""");
        await _node.Controller.RebalanceNowAsync(Cancel);
        JsonElement all = (await _node.GetAsync("/memory/rebalances")).GetProperty("rebalances");
        Assert.Equal(3, all.GetArrayLength());
        Assert.Equal("start", all[2].GetProperty("reason").GetString());
        JsonElement last = (await _node.GetAsync("/memory/rebalances?limit=1")).GetProperty("rebalances");
        Assert.Equal(1, last.GetArrayLength());
        Assert.Equal(2, last[0].GetProperty("generation").GetInt64());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("-1")]
    [InlineData("many")]
    public async Task A_bad_limit_of_reports_is_named(string limit)
    {
        HttpResponseMessage response = await _node.Client.GetAsync($"/memory/rebalances?limit={limit}", Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains($"\"{limit}\"; allowed is 1 to 64", (await MemoryApplication.JsonAsync(response)).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_is_shown_oldest_first_and_cut_to_the_newest()
    {
        var at = new DateTimeOffset(2026, 11, 24, 1, 2, 3, 400, TimeSpan.Zero);
        _node.History.Add(new MemoryHistorySample(at, 1000, 300, [new MemoryPoolSample("rocksdb", 500, 200), new MemoryPoolSample("gc-heap", 50, 40)]));
        _node.History.Add(new MemoryHistorySample(at.AddSeconds(10), 1000, 310, [new MemoryPoolSample("rocksdb", 500, 400)]));

        JsonElement all = await _node.GetAsync("/memory/history");
        Assert.Equal(10, all.GetProperty("interval_seconds").GetDouble());
        JsonElement first = all.GetProperty("samples")[0];
        Assert.Equal("2026-11-24T01:02:03.400000000Z", first.GetProperty("at").GetString());
        Assert.Equal((1000, 300, 60), (first.GetProperty("limit_bytes").GetInt64(), first.GetProperty("rss_bytes").GetInt64(), first.GetProperty("untracked_bytes").GetInt64()));
        Assert.Equal("""{"name":"rocksdb","capacity_bytes":500,"usage_bytes":200}""", first.GetProperty("pools")[0].GetRawText());
        JsonElement last = (await _node.GetAsync("/memory/history?limit=1")).GetProperty("samples");
        Assert.Equal((1, -90), (last.GetArrayLength(), last[0].GetProperty("untracked_bytes").GetInt64()));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("361")]
    [InlineData("1e2")]
    public async Task A_bad_limit_of_samples_is_named(string limit)
    {
        HttpResponseMessage response = await _node.Client.GetAsync($"/memory/history?limit={limit}", Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains($"\"{limit}\"; allowed is 1 to 360", (await MemoryApplication.JsonAsync(response)).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_stops_is_not_rebalanced()
    {
        await _node.Controller.StopAsync(Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _node.Client.PostAsync("/memory/rebalance", null, Cancel)).StatusCode);
    }
}
