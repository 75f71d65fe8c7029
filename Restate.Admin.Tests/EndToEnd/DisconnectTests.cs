using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>Clients that are killed or go away, on the built program: their queries end within 100 ms, whatever these were doing.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class DisconnectTests : IDisposable
{
    private const string Columns = "information_schema.columns";
    private const string Slow = $"select count(*) from {Columns} a, {Columns} b, {Columns} c, {Columns} d where a.column_name || b.column_name > c.column_name || d.table_name";
    private const string Endless = $"select a.column_name as x, b.column_name as y, c.table_name as z from {Columns} a, {Columns} b, {Columns} c";
    private const string Spilling = $"select count(*) from (select distinct a.column_name || b.column_name || c.column_name || c.table_name as v from {Columns} a, {Columns} b, {Columns} c) t";

    /// <summary>Kills of each kind. On a machine that others use too a moment may pass before anybody looks: the best one counts.</summary>
    private const int Kills = 3;

    /// <summary>Clients that are started for one kill at most.</summary>
    private const int Starts = 5;

    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("before the first row", Slow, "running", "rows")]
    [InlineData("while rows are sent", Endless, "running", "rows")]
    [InlineData("while it spills", Spilling, "running", "spilled_peak_bytes")]
    [InlineData("while it waits", Slow, "queued", "rows")]
    public async Task A_killed_client_ends_its_query_at_once(string when, string sql, string state, string figure)
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(
            _folder.Path, Cancelled, "--set", "admin.query-engine.memory-size=48 MiB");
        var others = new List<RawQuery>();
        if (state == "queued")
        {
            for (int i = 0; i < Math.Max(2, Environment.ProcessorCount); i++)
                others.Add(await RawQuery.SendAsync(server.Admin.AdminUri, Slow, Cancelled));
            await UntilAsync(async () => (await QueriesAsync(server)).Count(query => query.GetProperty("state").GetString() == "running") == others.Count);
        }

        string? grown = sql is Endless or Spilling ? figure : null;
        var times = new List<TimeSpan>();
        for (int i = 0; i < Kills; i++)
            times.Add(await KillAsync(server, $"{sql} -- {i}", state, grown));

        TestContext.Current.TestOutputHelper?.WriteLine($"{when}: {string.Join(", ", times.Select(time => $"{time.TotalMilliseconds:0} ms"))}");
        Assert.True(times.Min() < Bound, $"{when}: the fastest of {Kills} took {times.Min()}");
        others.ForEach(other => other.Dispose());
        await UntilAsync(async () => (await QueriesAsync(server)).All(IsOver));
        Assert.Equal(1, (await server.Sql.RowsOnceAsync("select 1 as x", Cancelled))[0].GetProperty("x").GetInt32());
        Assert.DoesNotContain(" ERROR ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_stops_or_trickles_costs_no_slot_and_no_line_in_the_log()
    {
        const string Head = "POST /query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        for (int i = 0; i < 20; i++)
        {
            using RawQuery query = await RawQuery.SendTextAsync(server.Admin.AdminUri, Head + "{\"query\":", Cancelled);
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancelled);
            if (i % 2 == 0)
                query.Reset();
        }

        using RawQuery trickle = await RawQuery.SendTextAsync(server.Admin.AdminUri, Head, Cancelled);
        long started = Stopwatch.GetTimestamp();
        Task<(string Head, byte[] Body, bool IsWhole)> answer = trickle.ReadAsync(Cancelled);
        while (!answer.IsCompleted)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "a body of one byte in 100 ms is still read");
            try
            {
                await trickle.MoreAsync(" ", Cancelled);
            }
            catch (System.Net.Sockets.SocketException)
            {
                // It was refused and the connection closed.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancelled);
        }

        Assert.StartsWith("HTTP/1.1 408", (await answer).Head, StringComparison.Ordinal);
        Assert.Empty(await QueriesAsync(server));
        Assert.DoesNotContain(" ERROR ", server.Output, StringComparison.Ordinal);
    }

    /// <summary>
    /// Kills a client whose query is in <paramref name="state"/>. A query may end by itself before that, because none became free of those
    /// it waits for or because it ran out of memory: another client is started then.
    /// </summary>
    /// <returns>How long the query lived on.</returns>
    private static async Task<TimeSpan> KillAsync(ServerProcess server, string sql, string state, string? grown)
    {
        var ends = new List<string>();
        while (ends.Count < Starts)
        {
            (TimeSpan time, JsonElement ended) = await TryKillAsync(server, $"{sql}.{ends.Count}", state, grown);
            if (ended.GetProperty("state").GetString() == "cancelled")
            {
                Assert.Equal("the query was cancelled", ended.GetProperty("error").GetString());
                return time;
            }

            ends.Add(ended.GetRawText());
        }

        Assert.Fail($"{Starts} queries ended before their clients were killed:\n{string.Join('\n', ends)}");
        return default;
    }

    private static async Task<(TimeSpan Time, JsonElement Ended)> TryKillAsync(ServerProcess server, string sql, string state, string? grown)
    {
        string body = JsonSerializer.Serialize(new Dictionary<string, string> { ["query"] = sql });
        await using var curl = ChildProcess.Start(
            "curl",
            ["-s", "-o", "/dev/null", "--limit-rate", "1M", "-H", "Content-Type: application/json", "-d", body, new Uri(server.Admin.AdminUri, "/query").ToString()]);
        JsonElement query = default;
        await UntilAsync(async () =>
        {
            query = (await QueriesAsync(server)).FirstOrDefault(one => one.GetProperty("query").GetString() == sql);
            return query.ValueKind != JsonValueKind.Undefined
                && (IsOver(query) || (query.GetProperty("state").GetString() == state && (grown is null || query.GetProperty(grown).GetInt64() > 0)));
        });
        await curl.KillAsync();
        long killed = Stopwatch.GetTimestamp();
        string id = query.GetProperty("id").GetString()!;
        await UntilAsync(async () =>
        {
            query = (await QueriesAsync(server)).Single(one => one.GetProperty("id").GetString() == id);
            return IsOver(query);
        });
        return (Stopwatch.GetElapsedTime(killed), query);
    }

    private static bool IsOver(JsonElement query) => query.GetProperty("state").GetString() is not "running" and not "queued";

    private static async Task<JsonElement[]> QueriesAsync(ServerProcess server)
    {
        JsonElement list = await server.Admin.Http.GetFromJsonAsync<JsonElement>("/queries", Cancelled);
        return [.. list.GetProperty("queries").EnumerateArray()];
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(Patience);
        while (!await isSo())
            await Task.Delay(TimeSpan.FromMilliseconds(5), deadline.Token);
    }
}
