using System.Net;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The sizes of query engine and record cache over REST, against the built program.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class MemoryPoolRestTests : IDisposable
{
    private const string QueryEngine = "/memory/query-engine";
    private const string QuerySize = "admin.query-engine.memory-size";
    private const string RecordCache = "/memory/record-cache";
    private const string CacheSize = "bifrost.record-cache-memory-size";
    private const int StateKeys = 40;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(QueryEngine, QuerySize)]
    [InlineData(RecordCache, CacheSize)]
    public async Task A_size_is_changed_guarded_previewed_and_taken_back(string route, string key)
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled, "--set", key + "=96 MiB");
        JsonElement start = await server.Admin.GetAsync(route, Cancelled);
        Assert.Equal((96L << 20, 1), (Desired(start, key), start.GetProperty("applied_generation").GetInt64()));

        JsonElement dry = Body(await PatchAsync(server, route + "?dry_run=true", $$"""{"{{key}}":"64 MiB"}""", HttpStatusCode.OK));
        Assert.Equal((64L << 20, 96L << 20), (Desired(dry, key), dry.GetProperty("usage").GetProperty("capacity_bytes").GetInt64()));
        Assert.Equal((1, 96L << 20), await StateAsync(server, route, key));

        (string text, string? tag) = await PatchAsync(server, route + "?wait=30s", $$"""{"{{key}}":"64 MiB"}""", HttpStatusCode.OK, "\"1\"");
        Assert.Equal(("\"2\"", 2), (tag, Body((text, tag)).GetProperty("applied_generation").GetInt64()));
        Assert.Equal(64L << 20, Body((text, tag)).GetProperty("usage").GetProperty("capacity_bytes").GetInt64());
        await PatchAsync(server, route, $$"""{"{{key}}":"32 MiB"}""", HttpStatusCode.PreconditionFailed, "\"1\"");
        Assert.Equal((2, 64L << 20), await StateAsync(server, route, key));
        Assert.Equal(64L << 20, await PoolAsync(server, key, "capacity_bytes"));

        await PatchAsync(server, route + "?wait=30s", $$"""{"{{key}}":null}""", HttpStatusCode.OK);
        Assert.Equal((3, 96L << 20), await StateAsync(server, route, key));
        await PatchAsync(server, route, $$"""{"{{key}}":1024}""", HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData(QueryEngine, QuerySize)]
    [InlineData(RecordCache, CacheSize)]
    public async Task An_absurd_size_is_warned_of_and_stops_nothing(string route, string key)
    {
        await using (ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled))
        {
            await PatchAsync(server, route + "?persist=true", $$"""{"{{key}}":"15 EiB"}""", HttpStatusCode.Accepted);
            JsonElement memory = await server.Admin.GetAsync("/memory", Cancelled);
            Assert.Contains("pools_oom_guaranteed", memory.GetProperty("warnings").GetRawText(), StringComparison.Ordinal);
            using HttpResponseMessage tick = await server.Admin.Http.PostAsync(new Uri("/memory/rebalance", UriKind.Relative), content: null, Cancelled);
            Assert.Equal(HttpStatusCode.OK, tick.StatusCode);
            Assert.Equal(0, await server.StopAsync(Cancelled));
        }

        await using ServerProcess again = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        Assert.Single(await again.Sql.RowsAsync("select count(*) from state", Cancelled));
        await using ChildProcess plan = ServerProcess.LaunchBare(environment: null, onLine: null, "--plan", "--set", key + "=15EiB");
        Assert.Equal(0, await plan.WaitAsync(Cancelled));
        Assert.Contains("pools_oom_guaranteed", plan.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_survive_a_restart_when_asked_to_and_beat_the_environment()
    {
        var environment = new Dictionary<string, string>
        {
            ["RESTATE_ADMIN__QUERY_ENGINE__MEMORY_SIZE"] = "200 MiB",
            ["RESTATE_BIFROST__RECORD_CACHE_MEMORY_SIZE"] = "50 MiB",
        };
        await using (ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, environment, Cancelled))
        {
            Assert.Equal((1, 200L << 20), await StateAsync(server, QueryEngine, QuerySize));
            Assert.Equal((1, 50L << 20), await StateAsync(server, RecordCache, CacheSize));
            await PatchAsync(server, QueryEngine + "?persist=true&wait=30s", $$"""{"{{QuerySize}}":"128 MiB"}""", HttpStatusCode.OK);
            await PatchAsync(server, RecordCache + "?persist=true&wait=30s", $$"""{"{{CacheSize}}":0}""", HttpStatusCode.OK);
            Assert.Equal(0, await server.StopAsync(Cancelled));
        }

        string kept = await File.ReadAllTextAsync(Path.Combine(_folder.Path, "n1", "runtime-overrides.toml"), Cancelled);
        Assert.Contains("memory-size = \"128 MiB\"", kept, StringComparison.Ordinal);
        Assert.Contains("record-cache-memory-size = 0", kept, StringComparison.Ordinal);
        await using ServerProcess again = await ServerProcess.StartOursAsync(_folder.Path, environment, Cancelled);
        Assert.Equal((1, 128L << 20), await StateAsync(again, QueryEngine, QuerySize));
        Assert.Equal((1, 0), await StateAsync(again, RecordCache, CacheSize));
        await PatchAsync(again, QueryEngine + "?wait=30s", $$"""{"{{QuerySize}}":null}""", HttpStatusCode.OK);
        Assert.Equal(200L << 20, (await StateAsync(again, QueryEngine, QuerySize)).Desired);
    }

    [Fact]
    public async Task The_record_cache_shrinks_at_once_and_0_empties_it()
    {
        Installed.RequireSdkService();
        await using SdkService service = await SdkService.StartAsync(Cancelled);
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled, "--default-num-partitions", "4");
        await server.Admin.RegisterAsync(service.Uri, Cancelled);
        await PostAsync(server, objects: 64, valueBytes: 16 << 10);
        JsonElement full = (await server.Admin.GetAsync(RecordCache, Cancelled)).GetProperty("usage");
        long used = full.GetProperty("used_bytes").GetInt64();
        Assert.True(used > 4_000_000 && full.GetProperty("entries").GetInt64() >= 64, full.GetRawText());
        Assert.Equal(used, await PoolAsync(server, CacheSize, "usage_bytes"));

        JsonElement small = Body(await PatchAsync(server, RecordCache + "?wait=10s", $$"""{"{{CacheSize}}":"2 MiB"}""", HttpStatusCode.OK)).GetProperty("usage");
        Assert.InRange(small.GetProperty("used_bytes").GetInt64(), 1, 2 << 20);
        Assert.InRange(await PoolAsync(server, CacheSize, "usage_bytes"), 1, 2 << 20);
        JsonElement none = Body(await PatchAsync(server, RecordCache + "?wait=10s", $$"""{"{{CacheSize}}":0}""", HttpStatusCode.OK)).GetProperty("usage");
        Assert.Equal((0, 0, 0), (none.GetProperty("capacity_bytes").GetInt64(), none.GetProperty("used_bytes").GetInt64(), none.GetProperty("entries").GetInt64()));
        await PostAsync(server, objects: 4, valueBytes: 1 << 10);
        Assert.Equal(0, (await server.Admin.GetAsync(RecordCache, Cancelled)).GetProperty("usage").GetProperty("used_bytes").GetInt64());

        await PatchAsync(server, RecordCache + "?wait=10s", $$"""{"{{CacheSize}}":"64 MiB"}""", HttpStatusCode.OK);
        await PostAsync(server, objects: 4, valueBytes: 1 << 10);
        Assert.InRange((await server.Admin.GetAsync(RecordCache, Cancelled)).GetProperty("usage").GetProperty("used_bytes").GetInt64(), 4 << 10, 64 << 20);
    }

    [Fact]
    public async Task A_big_query_meets_the_lowered_engine_and_the_engine_holds_its_size()
    {
        Installed.RequireSdkService();
        await using SdkService service = await SdkService.StartAsync(Cancelled);
        await using ServerProcess server = await ServerProcess.StartOursAsync(
            _folder.Path, Cancelled, "--default-num-partitions", "4", "--set", QuerySize + "=2 GiB");
        await server.Admin.RegisterAsync(service.Uri, Cancelled);
        await PostAsync(server, objects: 64, valueBytes: 4 << 10);
        Task<(HttpStatusCode Status, string Error)> query = server.Sql.StatusAsync(
            "select list(a.value_utf8 || b.key) from state a, state b", Cancelled);
        while ((await Usage(server)).GetProperty("duckdb_bytes").GetInt64() < 96 << 20)
            Assert.False(query.IsCompleted, "the query ended before it held 96 MiB");
        Assert.Equal(1, (await Usage(server)).GetProperty("running_queries").GetInt32());

        await PatchAsync(server, QueryEngine, $$"""{"{{QuerySize}}":"32 MiB"}""", HttpStatusCode.Accepted);
        (HttpStatusCode status, string error) = await query;
        Assert.True(status == HttpStatusCode.InsufficientStorage, $"{status} {error}");
        Assert.Contains("admin.query-engine.memory-size is 32 MiB", error, StringComparison.Ordinal);

        // The same again: answered once DuckDB has its new limit.
        JsonElement after = Body(await PatchAsync(server, QueryEngine + "?wait=30s", $$"""{"{{QuerySize}}":"32 MiB"}""", HttpStatusCode.OK));
        Assert.Equal(after.GetProperty("generation").GetInt64(), after.GetProperty("applied_generation").GetInt64());
        Assert.Equal(JsonValueKind.Null, after.GetProperty("refusal").ValueKind);
        Assert.Equal((long)((32 << 20) * 0.6), after.GetProperty("usage").GetProperty("duckdb_limit_bytes").GetInt64());
        Assert.InRange(await PoolAsync(server, QuerySize, "usage_bytes"), 0, 32 << 20);
        Assert.Equal(64 * StateKeys, await server.Sql.CountAsync(Cancelled));
    }

    private static async Task<JsonElement> Usage(ServerProcess server) =>
        (await server.Admin.GetAsync(QueryEngine, Cancelled)).GetProperty("usage");

    private static async Task PostAsync(ServerProcess server, int objects, int valueBytes)
    {
        for (int i = 0; i < objects; i++)
        {
            string state = string.Join(',', Enumerable.Range(0, StateKeys).Select(key =>
                $"\"k{key}\":\"{new string((char)('a' + (key % 26)), valueBytes / StateKeys * 4)}\""));
            byte[] body = Encoding.UTF8.GetBytes("{\"object_key\":\"o" + i + "\",\"new_state\":{" + state + "}}");
            Assert.Equal(HttpStatusCode.Accepted, await server.Admin.PostStateAsync(body, Cancelled));
        }
    }

    private static async Task<(long Generation, long Desired)> StateAsync(ServerProcess server, string route, string key)
    {
        JsonElement document = await server.Admin.GetAsync(route, Cancelled);
        return (document.GetProperty("generation").GetInt64(), Desired(document, key));
    }

    private static long Desired(JsonElement document, string key) => document.GetProperty("desired").GetProperty(key).GetInt64();

    private static async Task<long> PoolAsync(ServerProcess server, string key, string figure) =>
        (await server.Admin.GetAsync("/memory", Cancelled)).GetProperty("pools").EnumerateArray()
            .Single(pool => pool.GetProperty("config_key").GetString() == key).GetProperty(figure).GetInt64();

    private static JsonElement Body((string Text, string? Tag) answer) => JsonSerializer.Deserialize<JsonElement>(answer.Text);

    private static async Task<(string Text, string? Tag)> PatchAsync(
        ServerProcess server, string route, string body, HttpStatusCode expected, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, route) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using HttpResponseMessage answer = await server.Admin.Http.SendAsync(request, Cancelled);
        string text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode} {text}, expected {(int)expected}");
        return (text, answer.Headers.ETag?.ToString());
    }
}
