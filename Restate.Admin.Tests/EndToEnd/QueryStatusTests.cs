using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>Every status that <c>POST /query</c> documents, from the built program.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class QueryStatusTests : IDisposable
{
    private const string Columns = "information_schema.columns";
    private const string Slow = $"select count(*) from {Columns} a, {Columns} b, {Columns} c, {Columns} d where a.column_name || b.column_name > c.column_name || d.table_name";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_status_comes_with_its_message()
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(
            _folder.Path,
            Cancelled,
            "--set", "admin.query-engine.query-timeout=5s",
            "--set", "admin.query-engine.memory-size=48 MiB",
            "--set", "admin.query-engine.tmp-dir-size-limit=16 MiB");

        // What the caller wrote.
        await FailsAsync(server, "selec 1", HttpStatusCode.BadRequest, "SQL error: syntax error at or near");
        await FailsAsync(server, "select * from nowhere", HttpStatusCode.BadRequest, "table 'nowhere' not found");
        await FailsAsync(server, $"select '{new string('x', 300_000)}'", HttpStatusCode.RequestEntityTooLarge, "262144");
        using (HttpResponseMessage answer = await SendAsync(server, "select 1", "text/plain"))
            await TextAsync(answer, HttpStatusCode.UnsupportedMediaType, "Expected request with `Content-Type: application/json`");
        using (HttpResponseMessage answer = await SendAsync(server, "{", "application/json"))
            await TextAsync(answer, HttpStatusCode.BadRequest, "Failed to parse the request body as JSON: ");
        using (HttpResponseMessage answer = await SendAsync(server, "{}", "application/json"))
            await TextAsync(answer, HttpStatusCode.UnprocessableEntity, "Failed to deserialize the JSON body into the target type: missing field `query`");

        // What the node can do.
        await FailsAsync(server, Slow, HttpStatusCode.RequestTimeout, "the query took longer than 5 s (admin.query-engine.query-timeout)");
        await FailsAsync(
            server,
            $"select string_agg(a.column_name || b.column_name || c.column_name, ',') from {Columns} a, {Columns} b, {Columns} c",
            HttpStatusCode.InsufficientStorage,
            "not enough memory for the query: admin.query-engine.memory-size is 48 MiB for all queries together, the peak while this one ran was ");
        await server.Admin.MovePartitionAsync(7, open: false, Cancelled);
        await FailsAsync(server, "select count(*) from state", HttpStatusCode.ServiceUnavailable, "partition 7 is not available: it is closed");
        await server.Admin.MovePartitionAsync(7, open: true, Cancelled);

        // Everybody at once: as many as there are slots run into their time limit, the first that wait too long are told to come again.
        int slots = Math.Max(2, Environment.ProcessorCount);
        Task<(HttpStatusCode Status, string Text, RetryConditionHeaderValue? Retry)>[] crowd =
            [.. Enumerable.Range(0, slots + 20).Select(_ => AskAsync(server, Slow))];
        (HttpStatusCode Status, string Text, RetryConditionHeaderValue? Retry)[] answers = await Task.WhenAll(crowd);
        Assert.Equal(slots, answers.Count(answer => answer.Status == HttpStatusCode.RequestTimeout));
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.RequestTimeout), answer =>
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Retry?.Delta);
            Assert.Equal($"too many queries: {slots} run and 16 may wait 2 s; try again", answer.Text);
        });

        // An operator's word.
        Task<(HttpStatusCode Status, string Text, RetryConditionHeaderValue? Retry)> slow = AskAsync(server, Slow);
        string? id = null;
        while (id is null)
        {
            JsonElement list = await server.Admin.Http.GetFromJsonAsync<JsonElement>("/queries", Cancelled);
            id = list.GetProperty("queries").EnumerateArray().Where(query => query.GetProperty("state").GetString() == "running")
                .Select(query => query.GetProperty("id").GetString()).FirstOrDefault();
        }

        using (HttpResponseMessage cancelled = await server.Admin.Http.DeleteAsync(new Uri($"/queries/{id}", UriKind.Relative), Cancelled))
            Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        Assert.Equal((HttpStatusCode.Conflict, $"the query was cancelled by an operator (DELETE /queries/{id})", null), await slow);
        Assert.DoesNotContain(" ERROR ", server.Output, StringComparison.Ordinal);
    }

    private static async Task FailsAsync(ServerProcess server, string sql, HttpStatusCode status, string message)
    {
        (HttpStatusCode answered, string text, RetryConditionHeaderValue? retry) = await AskAsync(server, sql);
        Assert.Equal((status, status is HttpStatusCode.ServiceUnavailable), (answered, retry is not null));
        Assert.Contains(message, text, StringComparison.Ordinal);
    }

    private static async Task TextAsync(HttpResponseMessage answer, HttpStatusCode status, string message)
    {
        Assert.Equal((status, "text/plain"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.StartsWith(message, await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Text, RetryConditionHeaderValue? Retry)> AskAsync(ServerProcess server, string sql)
    {
        using HttpResponseMessage answer = await SendAsync(
            server, JsonSerializer.Serialize(new Dictionary<string, string> { ["query"] = sql }), "application/json");
        string text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        JsonElement body = JsonSerializer.Deserialize<JsonElement>(text);
        return (answer.StatusCode, Assert.Single(body.EnumerateObject(), field => field.Name == "message").Value.GetString()!, answer.Headers.RetryAfter);
    }

    private static async Task<HttpResponseMessage> SendAsync(ServerProcess server, string body, string contentType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/query") { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        request.Headers.Accept.ParseAdd("application/json");
        return await server.Admin.Http.SendAsync(request, Cancelled);
    }
}
