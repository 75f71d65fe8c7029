using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Restate.Admin.Api;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.EndToEnd;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Api.OpenApi;

/// <summary>The OpenAPI document against the node that serves it.</summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class ApiDocumentTests : IAsyncLifetime
{
    private const string Regenerate =
        "openapi/admin.json is not what the server serves; write it anew: dotnet run -c Release --project Restate.Admin.Api -- --dump-openapi > openapi/admin.json";

    private static readonly string Committed = Path.Combine(Repository.Root, "openapi", "admin.json");

    private readonly TemporaryFolder _folder = new();
    private RestateNode? _node;
    private HttpClient? _http;
    private byte[] _served = [];
    private ApiContract? _contract;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private HttpClient Http => _http!;

    private ApiContract Contract => _contract!;

    private JsonElement Document => JsonSerializer.Deserialize<JsonElement>(_served);

    public async ValueTask InitializeAsync()
    {
        _node = await RestateNode.StartAsync(
        [
            "--base-dir", _folder.Inside("data"), "--node-name", "n1", "--bind-address", "127.0.0.1:0", "--admin-bind-address", "127.0.0.1:0",
            "--default-num-partitions", "2", "--set", "log-filter=off",
        ]);
        _http = new HttpClient { BaseAddress = _node.AdminAddress };
        _served = await Http.GetByteArrayAsync("/openapi", Cancelled);
        _contract = new ApiContract(Document);
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_node is not null)
            await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_committed_document_is_what_the_server_serves()
    {
        Assert.True(Encoding.UTF8.GetString(_served) == await File.ReadAllTextAsync(Committed, Cancelled), Regenerate);
        foreach (string prefix in new[] { "/v2", "/v3", "/v4" })
        {
            using HttpResponseMessage answer = await Http.GetAsync(prefix + "/openapi", Cancelled);
            Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
            Assert.Equal(_served, await answer.Content.ReadAsByteArrayAsync(Cancelled));
        }
    }

    [Fact]
    public async Task The_program_prints_the_document_and_opens_nothing()
    {
        string baseDirectory = _folder.Inside("unused");
        var lines = new StringBuilder();
        await using ChildProcess program = ServerProcess.Launch(baseDirectory, line => lines.Append(line).Append('\n'), "--dump-openapi");

        Assert.Equal(0, await program.WaitAsync(Cancelled));
        Assert.True(Encoding.UTF8.GetString(_served) == lines.ToString(), "--dump-openapi prints another document than /openapi answers");
        Assert.False(Directory.Exists(baseDirectory));
    }

    [Fact]
    public async Task The_head_is_as_clients_of_Restate_know_it()
    {
        Assert.Equal("3.1.0", Document.GetProperty("openapi").GetString());
        Assert.Equal("Admin API", Document.GetProperty("info").GetProperty("title").GetString());
        JsonElement version = await Http.GetFromJsonAsync<JsonElement>("/version", Cancelled);
        Assert.Equal(version.GetProperty("version").GetString(), Document.GetProperty("info").GetProperty("version").GetString());

        // A client takes the address from where it got the document.
        Assert.False(Document.TryGetProperty("servers", out _));
    }

    [Fact]
    public async Task The_document_is_valid()
    {
        ReadResult read = await OpenApiDocument.LoadAsync(new MemoryStream(_served), OpenApiConstants.Json, cancellationToken: Cancelled);
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Equal(Contract.Operations.Count, read.Document!.Paths.Values.Sum(path => path.Operations!.Count));
    }

    [Fact]
    public void Every_route_is_in_the_document_and_the_other_way_round()
    {
        string[] routes = [.. ((IEndpointRouteBuilder)_node!.Application).DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null)
            .SelectMany(route => route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
                .Select(method => $"{method} {Constraint().Replace(route.RoutePattern.RawText!.TrimEnd('/'), string.Empty)}"))
            .Order(StringComparer.Ordinal)];
        Assert.Equal(routes, Contract.Operations.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_operation_is_described()
    {
        var faults = new List<string>();
        foreach ((string name, JsonElement operation) in Contract.Operations)
        {
            if (!Has(operation, "operationId") || !SnakeCase().IsMatch(operation.GetProperty("operationId").GetString()!))
                faults.Add($"{name}: no operationId in snake_case");
            if (!Has(operation, "summary"))
                faults.Add($"{name}: no summary");
            if (!operation.TryGetProperty("tags", out JsonElement tags) || tags.GetArrayLength() != 1)
                faults.Add($"{name}: not one tag");
            if (operation.TryGetProperty("parameters", out JsonElement parameters))
                faults.AddRange(parameters.EnumerateArray().Where(parameter => !Has(parameter, "description")).Select(parameter => $"{name}: parameter {parameter.GetProperty("name")} has no description"));
            if (!operation.GetProperty("responses").EnumerateObject().Any(response => response.Name[0] >= '4' && response.Value.TryGetProperty("content", out JsonElement content) && IsErrorBody(content)))
                faults.Add($"{name}: no error body");
        }

        Assert.Empty(faults);
        Assert.Equal(Contract.Operations.Count, Contract.Operations.Values.Select(operation => operation.GetProperty("operationId").GetString()).Distinct().Count());
        static bool Has(JsonElement element, string member) => element.TryGetProperty(member, out JsonElement value) && !string.IsNullOrWhiteSpace(value.GetString());
        static bool IsErrorBody(JsonElement content) =>
            content.TryGetProperty("application/json", out JsonElement json)
            && json.GetProperty("schema").GetProperty("$ref").GetString()!.EndsWith("ErrorBody", StringComparison.Ordinal);
    }

    [Fact]
    public void Every_schema_and_each_of_its_fields_is_described()
    {
        var faults = new List<string>();
        foreach (JsonProperty schema in Document.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            if (!schema.Value.TryGetProperty("description", out _))
                faults.Add(schema.Name);
            faults.AddRange(schema.Value.GetProperty("properties").EnumerateObject()
                .Where(field => !field.Value.TryGetProperty("description", out _))
                .Select(field => $"{schema.Name}.{field.Name}"));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task Settings_are_shown_and_changed_by_the_same_keys()
    {
        string[] shown = Keys("MemoryRocksDbSettings");
        Assert.Contains("worker.storage.rocksdb-memory-ratio", shown);
        Assert.Equal(shown, Keys("ModifyMemoryRequest"));
        using HttpResponseMessage answer = await Http.PatchAsJsonAsync(
            "/memory/rocksdb?dry_run=true", shown.ToDictionary(key => key, _ => (object?)null), Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("PATCH /memory/rocksdb", "?dry_run=true")]
    [InlineData("POST /query", "")]
    public async Task Examples_of_requests_are_taken(string operation, string query)
    {
        JsonElement examples = Contract.Operations[operation].GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("examples");
        Assert.True(examples.EnumerateObject().Count() >= 3);
        foreach (JsonProperty example in examples.EnumerateObject())
        {
            using var request = new HttpRequestMessage(new HttpMethod(operation.Split(' ')[0]), operation.Split(' ')[1] + query);
            request.Headers.Add("accept", "application/json");
            request.Content = JsonContent.Create(JsonNode.Parse(example.Value.GetProperty("value").GetRawText()));
            using HttpResponseMessage answer = await Http.SendAsync(request, Cancelled);
            string body = await answer.Content.ReadAsStringAsync(Cancelled);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{example.Name}: {body}");
            Assert.Empty(Contract.Judge(operation, 200, "application/json", body));
        }
    }

    [Theory]
    [InlineData("GET /version", 200, "application/json", "{}", "no version")]
    [InlineData("GET /health", 200, "text/plain", "up", "without a body")]
    [InlineData("GET /health", 201, null, "", "does not declare 201")]
    [InlineData("GET /memory", 200, "text/plain", "", "does not declare text/plain")]
    [InlineData("GET /services/{service}", 404, "application/json", """{"message": 1, "restate_code": null}""", "integer, not")]
    [InlineData("GET /services/{service}", 404, "application/json", """{"message": "no", "restate_code": null, "detail": ""}""", "detail is not declared")]
    [InlineData("GET /memory/partitions", 200, "application/json", """{"partitions": [{}]}""", "$.partitions[0]: no partition_id")]
    public void An_answer_that_is_not_as_declared_is_noticed(string operation, int status, string? contentType, string body, string fault) =>
        Assert.Contains(Contract.Judge(operation, status, contentType, body), found => found.Contains(fault, StringComparison.Ordinal));

    [Theory]
    [InlineData("/memory")]
    [InlineData("/memory/rocksdb")]
    [InlineData("/memory/partitions")]
    [InlineData("/memory/rebalances")]
    [InlineData("/partitions")]
    [InlineData("/partitions/1")]
    [InlineData("/partitions/4711")]
    [InlineData("/partitions/one")]
    [InlineData("/memory/rebalances?limit=0")]
    public async Task Answers_are_as_declared(string path)
    {
        using HttpResponseMessage answer = await Http.GetAsync(path, Cancelled);
        Assert.Empty(Contract.Judge(
            Contract.Find("GET", path.Split('?')[0])!,
            (int)answer.StatusCode,
            answer.Content.Headers.ContentType?.MediaType,
            await answer.Content.ReadAsStringAsync(Cancelled)));
    }

    [Fact]
    public async Task A_request_from_another_origin_is_refused_and_one_from_the_page_is_not()
    {
        Assert.Equal(HttpStatusCode.Forbidden, await PatchFromAsync("http://example.org"));
        Assert.Equal(HttpStatusCode.OK, await PatchFromAsync(_node!.AdminAddress.GetLeftPart(UriPartial.Authority)));
    }

    private async Task<HttpStatusCode> PatchFromAsync(string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/memory/rocksdb?dry_run=true") { Content = JsonContent.Create(new { }) };
        request.Headers.Add("origin", origin);
        using HttpResponseMessage answer = await Http.SendAsync(request, Cancelled);
        Assert.Empty(Contract.Judge(
            "PATCH /memory/rocksdb", (int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(Cancelled)));
        return answer.StatusCode;
    }

    private string[] Keys(string schema) => [.. Document.GetProperty("components").GetProperty("schemas").GetProperty(schema)
        .GetProperty("properties").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    private static partial Regex SnakeCase();

    [GeneratedRegex(@":[^}]+(?=\})")]
    private static partial Regex Constraint();
}
