using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>What an operator sees of queries and can do about them, on the built program.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class QueriesTests : IDisposable
{
    /// <summary>Minutes of work on what a node without data has, too.</summary>
    private const string Slow =
        "select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c, information_schema.columns d "
        + "where a.column_name || b.column_name > c.column_name || d.table_name";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_running_query_is_seen_everywhere_and_can_be_cancelled()
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        Task<HttpResponseMessage> slow = PostAsync(server, Slow);
        JsonElement running = await RunningAsync(server);
        Assert.Equal(Slow, running.GetProperty("query").GetString());
        Assert.Equal("127.0.0.1", running.GetProperty("client").GetString());
        string id = running.GetProperty("id").GetString()!;
        JsonElement row = Assert.Single(await server.Sql.RowsAsync($"select id, state, query, error from sys_queries where id = '{id}'", Cancelled));
        Assert.Equal("running", row.GetProperty("state").GetString());
        Assert.Equal(1, await MetricAsync(server, "restate_queries_running"));

        using (HttpResponseMessage cancelled = await server.Admin.Http.DeleteAsync(new Uri($"/queries/{id}", UriKind.Relative), Cancelled))
            Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        using HttpResponseMessage answer = await slow.WaitAsync(Patience, Cancelled);
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains($"DELETE /queries/{id}", await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        using (HttpResponseMessage again = await server.Admin.Http.DeleteAsync(new Uri($"/queries/{id}", UriKind.Relative), Cancelled))
            Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);

        row = Assert.Single(await server.Sql.RowsAsync($"select id, state, query, error from sys_queries where id = '{id}'", Cancelled));
        Assert.Equal("cancelled", row.GetProperty("state").GetString());
        Assert.Equal(0, await MetricAsync(server, "restate_queries_running"));
        Assert.Equal(1, await MetricAsync(server, "restate_queries_total", "state=\"cancelled\""));
        Assert.Equal(2, await MetricAsync(server, "restate_queries_total", "state=\"finished\""));
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_its_query()
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        using (var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancelled))
        {
            Task<HttpResponseMessage> slow = PostAsync(server, Slow, leaving.Token);
            await RunningAsync(server);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        }

        JsonElement gone = await UntilAsync(async () =>
            (await server.Sql.RowsAsync("select state, error from sys_queries where state = 'cancelled'", Cancelled)).FirstOrDefault());
        Assert.Equal("the query was cancelled", gone.GetProperty("error").GetString());
    }

    [Fact]
    public async Task An_answer_tells_what_it_cost()
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        using HttpResponseMessage answer = await PostAsync(server, "select count(*) as n from state");
        string id = Assert.Single(answer.Headers.GetValues("x-restate-query-id"));
        Assert.Matches(
            @"^partitions=24, rows-scanned=0, rows=1, memory-peak-bytes=\d+, spilled-peak-bytes=0, elapsed-ms=\d+(\.\d+)?, complete=\?1$",
            Assert.Single(answer.Headers.GetValues("x-restate-query-stats")));
        JsonElement row = Assert.Single(await server.Sql.RowsAsync($"select rows, partitions from sys_queries where id = '{id}'", Cancelled));
        Assert.Equal("""{"rows":1,"partitions":24}""", row.GetRawText());

        // One key: one partition.
        using HttpResponseMessage point = await PostAsync(server, "select * from state where service_key = 'a'");
        Assert.StartsWith("partitions=1, ", Assert.Single(point.Headers.GetValues("x-restate-query-stats")), StringComparison.Ordinal);

        using HttpResponseMessage refused = await PostAsync(server, "select nothing from nowhere");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.False(refused.Headers.Contains("x-restate-query-stats"));
    }

    private static async Task<HttpResponseMessage> PostAsync(ServerProcess server, string sql, CancellationToken? cancellation = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/query") { Content = JsonContent.Create(new { query = sql }) };
        request.Headers.Accept.ParseAdd("application/json");
        return await server.Admin.Http.SendAsync(request, cancellation ?? Cancelled);
    }

    /// <summary>Waits for a query that runs.</summary>
    private static Task<JsonElement> RunningAsync(ServerProcess server) => UntilAsync(async () =>
    {
        JsonElement list = await server.Admin.Http.GetFromJsonAsync<JsonElement>("/queries", Cancelled);
        return list.GetProperty("queries").EnumerateArray().FirstOrDefault(query => query.GetProperty("state").GetString() == "running");
    });

    private static async Task<double> MetricAsync(ServerProcess server, string name, string labels = "")
    {
        string page = await server.Admin.Http.GetStringAsync(new Uri(server.Admin.NodeUri, "/metrics"), Cancelled);
        Match line = Regex.Matches(page, $"^{name}\\{{(?<labels>[^}}]*)\\}} (?<value>\\S+)$", RegexOptions.Multiline)
            .First(match => match.Groups["labels"].Value.Contains(labels, StringComparison.Ordinal));
        return double.Parse(line.Groups["value"].Value, CultureInfo.InvariantCulture);
    }

    private static async Task<JsonElement> UntilAsync(Func<Task<JsonElement>> look)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(Patience);
        while (true)
        {
            JsonElement found = await look();
            if (found.ValueKind != JsonValueKind.Undefined)
                return found;
            await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
        }
    }
}
