using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

/// <summary>
/// What users really send to the three PATCH routes. Every refusal names the key, the value and what is allowed, and nothing changes, not
/// even where a good key stands beside the bad one.
/// </summary>
public sealed class WrongMemoryInputTests : IAsyncLifetime
{
    private const string Total = "rocksdb-total-memory-size";
    private const string Ratio = "rocksdb-total-memtables-ratio";
    private const string Interval = "worker.storage.rocksdb-rebalance-interval";
    private const string Reclaimer = "worker.storage.rocksdb-disable-auto-memory-reclaimer";
    private const string Query = "admin.query-engine.memory-size";
    private const string Deadline = "admin.query-engine.query-timeout";
    private const string Cache = "bifrost.record-cache-memory-size";
    private const string Sizes = "expected a human-readable byte count string";

    private MemoryApplication _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Route, key, the value as JSON, how the message shows it, what it says is allowed.</summary>
    public static TheoryData<string, string, string, string, string> Values => new()
    {
        { "rocksdb", Total, "\"\"", "\"\"", Sizes },
        { "rocksdb", Total, "\"abc\"", "\"abc\"", Sizes },
        { "rocksdb", Total, "\"-1\"", "\"-1\"", Sizes },
        { "rocksdb", Total, "-1", "`-1`", "not negative" },
        { "rocksdb", Total, "\"1e9\"", "\"1e9\"", Sizes },
        { "rocksdb", Total, "1e99", "1E+99", "an integer or string" },
        { "rocksdb", Total, "1.5", "1.5", "an integer or string" },
        { "rocksdb", Total, "\"1,5 GiB\"", "\"1,5 GiB\"", Sizes },
        { "rocksdb", Total, "\"2 GIGS\"", "\"2 GIGS\"", Sizes },
        { "rocksdb", Total, "\"0%\"", "\"0%\"", "above 0% and up to 100%" },
        { "rocksdb", Total, "\"101%\"", "\"101%\"", "above 0% and up to 100%" },
        { "rocksdb", Total, "\"%\"", "\"%\"", "above 0% and up to 100%" },
        { "rocksdb", Total, "0", "`0`", "non-zero" },
        { "rocksdb", Total, "\"0\"", "\"0\"", "non-zero" },
        { "rocksdb", Total, "\"100 MiB\"", "\"100 MiB\"", "at least 256" },
        { "rocksdb", Total, "\"18446744073709551616\"", "18446744073709551616", Sizes },
        { "rocksdb", Total, "true", "`true`", "an integer or string" },
        { "rocksdb", Ratio, "\"0.5\"", "\"0.5\"", "a number from 0.1 to 1" },
        { "rocksdb", Ratio, "\"NaN\"", "\"NaN\"", "a number from 0.1 to 1" },
        { "rocksdb", Ratio, "\"Infinity\"", "\"Infinity\"", "a number from 0.1 to 1" },
        { "rocksdb", Ratio, "85", "`85`", "a number from 0.1 to 1" },
        { "rocksdb", Ratio, "-0.1", "`-0.1`", "a number from 0.1 to 1" },
        { "rocksdb", Ratio, "1e400", "Infinity", "a number from 0.1 to 1" },
        { "rocksdb", Interval, "5", "`5`", "human-friendly duration" },
        { "rocksdb", Interval, "\"5\"", "\"5\"", "human-friendly duration" },
        { "rocksdb", Interval, "\"5 parsecs\"", "\"5 parsecs\"", "human-friendly duration" },
        { "rocksdb", Interval, "\"-1s\"", "\"-1s\"", "human-friendly duration" },
        { "rocksdb", Interval, "\"0s\"", "\"0s\"", "100ms" },
        { "rocksdb", Reclaimer, "\"true\"", "\"true\"", "true or false" },
        { "rocksdb", Reclaimer, "1", "`1`", "true or false" },
        { "query-engine", Query, "\"lots\"", "\"lots\"", Sizes },
        { "query-engine", Query, "0", "`0`", "non-zero" },
        { "query-engine", Query, "\"-1 MiB\"", "\"-1 MiB\"", Sizes },
        { "query-engine", Query, "\"150%\"", "\"150%\"", "above 0% and up to 100%" },
        { "query-engine", Query, "false", "`false`", "an integer or string" },
        { "query-engine", Deadline, "60", "`60`", "human-friendly duration" },
        { "query-engine", Deadline, "\"0s\"", "\"0s\"", "1ms to 1d" },
        { "query-engine", Deadline, "\"2d\"", "\"2d\"", "1ms to 1d" },
        { "query-engine", Deadline, "\"1 month\"", "\"1 month\"", "human-friendly duration" },
        { "record-cache", Cache, "\"250 MBit\"", "\"250 MBit\"", Sizes },
        { "record-cache", Cache, "-5", "`-5`", "not negative" },
        { "record-cache", Cache, "0.5", "0.5", "an integer or string" },
        { "record-cache", Cache, "\"\"", "\"\"", Sizes },
        { "record-cache", Cache, "\"-0\"", "\"-0\"", Sizes },
    };

    /// <summary>Route, key that is not allowed there, what the message says of it.</summary>
    public static TheoryData<string, string, string> Keys => new()
    {
        { "rocksdb", "rocksdb_total_memory_size", $"did you mean \"{Total}\"?" },
        { "rocksdb", "Rocksdb-Total-Memory-Size", $"did you mean \"{Total}\"?" },
        { "rocksdb", "rocksdb-total-memory-sise", $"did you mean \"{Total}\"?" },
        { "rocksdb", Cache, "not here" },
        { "rocksdb", "node-name", "needs a restart" },
        { "rocksdb", "", "is unknown" },
        { "query-engine", "admin.query-engine.memory_size", $"did you mean \"{Query}\"?" },
        { "query-engine", "memory-size", "is unknown" },
        { "query-engine", "admin.query-engine.tmp-dir", "needs a restart" },
        { "query-engine", Total, "not here" },
        { "record-cache", "bifrost.record-cache-memory_size", $"did you mean \"{Cache}\"?" },
        { "record-cache", "bifrost.default-provider", "needs a restart" },
        { "record-cache", Query, "not here" },
    };

    /// <summary>Route, body, status, what the answer says.</summary>
    public static TheoryData<string, string, HttpStatusCode, string[]> Bodies => new()
    {
        { "rocksdb", "{\"" + Total + "\":{\"value\":1}}", HttpStatusCode.UnprocessableEntity, [Total, "object {\"value\":1}", "expected a number, a string"] },
        { "query-engine", $$"""{"{{Query}}":["1 GiB"]}""", HttpStatusCode.UnprocessableEntity, [Query, "array [\"1 GiB\"]", "expected a number, a string"] },
        { "record-cache", """{"bifrost":{"record-cache-memory-size":0}}""", HttpStatusCode.UnprocessableEntity, ["bifrost", "record-cache-memory-size", "expected a number"] },
        { "rocksdb", "[]", HttpStatusCode.UnprocessableEntity, ["array []", "an object of settings", Total] },
        { "query-engine", "\"1 GiB\"", HttpStatusCode.UnprocessableEntity, ["\"1 GiB\"", "an object of settings", Query] },
        { "record-cache", "null", HttpStatusCode.UnprocessableEntity, ["null", "an object of settings", Cache] },
        { "rocksdb", "", HttpStatusCode.BadRequest, ["EOF"] },
        { "query-engine", "{", HttpStatusCode.BadRequest, ["JSON", "line 1"] },
        { "rocksdb", $$"""{"{{Ratio}}":NaN}""", HttpStatusCode.BadRequest, ["JSON", "line 1"] },
        { "record-cache", $$"""{"{{Cache}}":1,}""", HttpStatusCode.BadRequest, ["JSON", "line 1"] },
        { "rocksdb", $$"""{"{{Total}}":"1 GiB","{{Total}}":"2 GiB"}""", HttpStatusCode.BadRequest, [Total, "2 GiB", "once"] },
        { "query-engine", $$"""{"{{Query}}":1048576,"{{Query}}":null}""", HttpStatusCode.BadRequest, [Query, "null", "once"] },
        { "record-cache", $$"""{"{{Cache}}":"\ud800"}""", HttpStatusCode.BadRequest, ["unicode"] },
    };

    public async ValueTask InitializeAsync() => _node = await MemoryApplication.StartAsync(Cancel);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_wrong_value_is_named_and_a_good_key_beside_it_changes_nothing(string route, string key, string json, string shown, string allowed)
    {
        string good = route switch
        {
            "rocksdb" => "\"worker.storage.rocksdb-memory-ratio\":0.3,",
            "query-engine" => key == Query ? $"\"{Deadline}\":\"7s\"," : $"\"{Query}\":\"64 MiB\",",
            _ => "",
        };
        foreach (string query in new[] { "", "?dry_run=true" })
        {
            string message = await RefusedAsync(route, query, "{" + good + $"\"{key}\":{json}" + "}", HttpStatusCode.BadRequest);
            Assert.Contains($"\"{key}\"", message, StringComparison.Ordinal);
            Assert.Contains(shown, message, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(allowed, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_key_that_does_not_belong_is_named_with_its_value_and_those_that_do(string route, string key, string said)
    {
        (string own, string value) = route switch
        {
            "rocksdb" => (Total, "1 GiB"),
            "query-engine" => (Query, "64 MiB"),
            _ => (Cache, "64 MiB"),
        };
        string message = await RefusedAsync(route, "", $$"""{"{{own}}":"{{value}}","{{key}}":"96 MiB"}""", HttpStatusCode.BadRequest);
        Assert.Contains($"key \"{key}\" (string \"96 MiB\")", message, StringComparison.Ordinal);
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.Contains("allowed are", message, StringComparison.Ordinal);
        Assert.Contains(own, message[message.IndexOf("allowed are", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_of_another_shape_is_told_what_is_expected(string route, string body, HttpStatusCode status, string[] said)
    {
        string message = await RefusedAsync(route, "", body, status);
        Assert.All(said, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private async Task<string> RefusedAsync(string route, string query, string body, HttpStatusCode status)
    {
        string before = await SettingsAsync(route);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _node.Client.PatchAsync($"/memory/{route}{query}", content, Cancel);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal(before, await SettingsAsync(route));
        Assert.Equal(1, _node.Configuration.Current.Generation);
        return response.Content.Headers.ContentType!.MediaType == "application/json"
            ? JsonSerializer.Deserialize<JsonElement>(text).GetProperty("message").GetString()!
            : text;
    }

    /// <summary>What a change would move: settings wanted and in force.</summary>
    private async Task<string> SettingsAsync(string route)
    {
        JsonElement document = await _node.GetAsync("/memory/" + route);
        return document.GetProperty("generation").GetRawText() + document.GetProperty("desired").GetRawText() + document.GetProperty("applied").GetRawText();
    }
}
