using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Apache.Arrow.Ipc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Prometheus;
using Restate.Admin.Api.Endpoints;
using Restate.Admin.Tests.Storage.Rocks;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

[Collection(QueryEngineCollection.Name)]
public sealed class QueryEndpointTests : IAsyncLifetime
{
    private EngineUnderTest _under = null!;
    private WebApplication _server = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _under = new EngineUnderTest(new FakeStateSource(4).Fill(3000, 20), memory: 48 << 20, timeout: TimeSpan.FromSeconds(20));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(_under.Engine);
        builder.Services.AddSingleton(Metrics.NewCustomRegistry());
        builder.Services.AddSingleton<QueryMetrics>();
        _server = builder.Build();
        _server.MapQuery();
        await _server.StartAsync(Cancelled);
        _client = new HttpClient { BaseAddress = new Uri(_server.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _under.DisposeAsync();
    }

    [Theory]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json;q=0.9", "application/json")]
    [InlineData("Application/JSON", "application/json")]
    [InlineData("application/json, text/plain, */*", "application/json")]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", "application/json")]
    [InlineData("application/x-ndjson", "application/x-ndjson")]
    [InlineData("application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.stream")]
    [InlineData("application/json;q=0.5, application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.stream")]
    [InlineData("*/*", "application/vnd.apache.arrow.stream")]
    [InlineData(null, "application/vnd.apache.arrow.stream")]
    public async Task Answers_in_the_form_that_is_accepted(string? accept, string contentType)
    {
        using HttpResponseMessage response = await PostAsync("""{"query":"select key from state where service_key = 'obj-1' and key = 'k1'","other":1}""", accept);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
        byte[] body = await response.Content.ReadAsByteArrayAsync(Cancelled);
        if (contentType == "application/json")
            Assert.Equal("""{"rows":[{"key":"k1"}]}""", Encoding.UTF8.GetString(body));
        else if (contentType == "application/x-ndjson")
            Assert.Equal("{\"key\":\"k1\"}\n", Encoding.UTF8.GetString(body));
        else
            Assert.Equal(1, (await new ArrowStreamReader(new MemoryStream(body)).ReadNextRecordBatchAsync(Cancelled)).Length);
    }

    [Fact]
    public async Task Takes_the_statement_in_an_array_too()
    {
        using HttpResponseMessage response = await PostAsync("""["select 1 as x"]""", "application/json");
        Assert.Equal("""{"rows":[{"x":1}]}""", await response.Content.ReadAsStringAsync(Cancelled));
    }

    [Theory]
    [InlineData("text/plain", "{}", 415, "Expected request with `Content-Type: application/json`")]
    [InlineData("application/json", "{\"query\"", 400, "Failed to parse the request body as JSON: ")]
    [InlineData("application/json", "", 400, "Failed to parse the request body as JSON: ")]
    [InlineData("application/json", "{}", 422, "Failed to deserialize the JSON body into the target type: missing field `query`")]
    [InlineData("application/json", "{\"query\":5}", 422, "Failed to deserialize the JSON body into the target type: query: invalid type: integer `5`, expected a string")]
    [InlineData("application/json", "[]", 422, "Failed to deserialize the JSON body into the target type: invalid length 0")]
    [InlineData("application/json", "\"x\"", 422, "Failed to deserialize the JSON body into the target type: invalid type: string \"x\"")]
    [InlineData("application/json; charset=utf-8", "{\"query\":\"\\ud800\"}", 422, "Failed to deserialize the JSON body into the target type: query: ")]
    [InlineData("application/json", "{\"query\":\"select 1\",\"\\ud800\":1}", 422, "Failed to deserialize the JSON body into the target type: query: ")]
    public async Task Refuses_a_body_that_is_not_a_request(string contentType, string body, int status, string text)
    {
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        using HttpResponseMessage response = await _client.PostAsync("/query", content, Cancelled);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.StartsWith(text, await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("selec 1", 400, "SQL error: syntax error at or near")]
    [InlineData("select * from nope", 400, "table 'nope' not found; the tables are state, sys_service")]
    [InlineData("select nope from state", 400, "nope")]
    [InlineData("select cast(key as int) from state", 400, "Conversion Error")]
    [InlineData("select printf('%d', 10)", 400, "function 'printf' is not available")]
    [InlineData("select string_agg(a.value_utf8 || b.value_utf8, ',') from state a, state b", 507, "admin.query-engine.memory-size")]
    public async Task A_failed_query_has_a_status_and_a_message_and_no_code(string sql, int status, string text)
    {
        using HttpResponseMessage response = await PostAsync($$"""{"query":"{{sql}}"}""", accept: null);
        string body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.StartsWith("{\"message\":\"", body, StringComparison.Ordinal);
        Assert.Contains(text, body, StringComparison.Ordinal);
        Assert.DoesNotContain("restate_code", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_statement_that_is_too_large()
    {
        using HttpResponseMessage text = await PostAsync($$"""{"query":"select '{{new string('x', 300_000)}}'"}""", accept: null);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, text.StatusCode);
        using HttpResponseMessage body = await PostAsync($$"""{"query":"select 1","x":"{{new string('x', 3_000_000)}}"}""", accept: null);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, body.StatusCode);
    }

    [Fact]
    public async Task A_closed_partition_is_503_with_a_time_to_try_again()
    {
        _under.State.Closed.Add(new(1));
        using HttpResponseMessage response = await PostAsync("""{"query":"select * from state"}""", accept: null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal("""{"message":"partition 1 is not available: closed"}""", await response.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task A_failure_after_the_first_rows_breaks_the_stream()
    {
        _under.State.BeforeRow = row =>
        {
            if (row == 50_000)
                throw new IOException("disk");
        };
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using HttpResponseMessage response = await PostAsync("""{"query":"select * from state"}""", "application/json");
            await response.Content.ReadAsStringAsync(Cancelled);
        });
        await IdleAsync();
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_its_query()
    {
        const string Sql = "select count(*) from state a, state b, state c where md5(a.key || b.key || c.key) = 'x'";
        using var client = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Task<HttpResponseMessage> running = PostAsync($$"""{"query":"{{Sql}}"}""", accept: null, client.Token);
        await Eventually.HoldsAsync(() => _under.Engine.RunningQueries == 1, "the query runs");
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await IdleAsync();
    }

    [Fact]
    public async Task Rows_come_while_the_rest_is_still_read()
    {
        using HttpRequestMessage request = NewRequest("""{"query":"select * from state"}""", "application/json");
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        using Stream body = await response.Content.ReadAsStreamAsync(Cancelled);
        using var reader = new StreamReader(body);
        string whole = await reader.ReadToEndAsync(Cancelled);
        Assert.Null(response.Content.Headers.ContentLength);
        Assert.Equal(60_000, whole.Split("\"partition_key\":").Length - 1);
        Assert.EndsWith("]}", whole, StringComparison.Ordinal);
        await IdleAsync();
    }

    [Theory]
    [InlineData("service_key = 'obj-1' and service_name = 'Counter' and key = 'k1'", "partitions=1, rows-scanned=1, rows=1, ")]
    [InlineData("service_key = 'obj-1' and service_name = 'Counter' and key like 'k1%'", "partitions=1, rows-scanned=11, rows=11, ")]
    [InlineData("service_key = 'obj-1' and service_name = 'Counter' and key >= 'k7'", "partitions=1, rows-scanned=3, rows=3, ")]
    [InlineData("service_key = 'obj-1' and key = 'k1'", "partitions=1, rows-scanned=20, rows=1, ")]
    [InlineData("partition_key < 0", "partitions=0, rows-scanned=0, rows=0, ")]
    [InlineData("key = 'nope'", "partitions=4, rows-scanned=60000, rows=0, ")]
    public async Task Says_what_was_read(string condition, string stats)
    {
        using HttpResponseMessage response = await PostAsync($$"""{"query":"select value from state where {{condition}}"}""", "application/json");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith(stats, Assert.Single(response.Headers.GetValues("x-restate-query-stats")), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> PostAsync(string body, string? accept, CancellationToken? cancellationToken = null) =>
        _client.SendAsync(NewRequest(body, accept), cancellationToken ?? Cancelled);

    private static HttpRequestMessage NewRequest(string body, string? accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/query")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        return request;
    }

    private async Task IdleAsync()
    {
        while (_under.Engine.RunningQueries > 0)
            await Task.Delay(5, Cancelled);
        _under.AssertIdle();
    }
}
