using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

public sealed class DeploymentEndpointsTests : IAsyncLifetime
{
    private const string Json = "application/json";
    private const string Plain = "text/plain; charset=utf-8";
    private const string Unknown = "dp_131VxC8Dz7iarncvzEBhjDX";

    private SchemaApiHost _api = null!;
    private ScriptedEndpoint _sdk = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await SchemaApiHost.StartAsync();
        _sdk = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest, sdk: "test-sdk/1");
    }

    public async ValueTask DisposeAsync()
    {
        await _sdk.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_registered_deployment_is_answered_listed_and_read()
    {
        ApiAnswer created = await PostAsync($$$"""{"uri":"{{{_sdk.Uri}}}","metadata":{"env":"test"},"additional_headers":{"X-Key":"v"}}""");
        Assert.Equal((201, Json), (created.Status, created.Type));
        string id = Field(created, "id");
        Assert.Equal($"deployments/{id}", created.Location);
        Assert.Equal("Counter", Parse(created).GetProperty("services")[0].GetProperty("name").GetString());
        Assert.Equal("v", _sdk.Last!.Headers["x-key"]);

        JsonElement listed = Assert.Single(Parse(await GetAsync("/deployments")).GetProperty("deployments").EnumerateArray().ToArray());
        JsonElement read = Parse(await GetAsync($"/deployments/{id}"));
        foreach (JsonElement deployment in new[] { listed, read })
        {
            Assert.Equal(id, deployment.GetProperty("id").GetString());
            Assert.Equal($"{_sdk.Uri}/", deployment.GetProperty("uri").GetString());
            Assert.Equal("BidiStream", deployment.GetProperty("protocol_type").GetString());
            Assert.Equal("HTTP/2.0", deployment.GetProperty("http_version").GetString());
            Assert.Equal("""{"x-key":"v"}""", deployment.GetProperty("additional_headers").GetRawText());
            Assert.Equal("""{"env":"test"}""", deployment.GetProperty("metadata").GetRawText());
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$", deployment.GetProperty("created_at").GetString());
            Assert.Equal("test-sdk/1", deployment.GetProperty("sdk_version").GetString());
        }

        Assert.Equal("""[{"name":"Counter","revision":1}]""", listed.GetProperty("services").GetRawText());
        Assert.Equal("VirtualObject", read.GetProperty("services")[0].GetProperty("ty").GetString());
    }

    [Fact]
    public async Task A_known_address_is_not_asked_again_without_force()
    {
        ApiAnswer first = await RegisterAsync();
        ApiAnswer again = await RegisterAsync();
        Assert.Equal((200, Field(first, "id"), $"deployments/{Field(first, "id")}"), (again.Status, Field(again, "id"), again.Location));
        Assert.Equal(1, _sdk.Requests);

        ApiAnswer forced = await PostAsync($$"""{"uri":"{{_sdk.Uri}}","force":true}""");
        Assert.Equal((200, Field(first, "id"), 2), (forced.Status, Field(forced, "id"), Parse(forced).GetProperty("services")[0].GetProperty("revision").GetInt32()));
        Assert.Equal(2, _sdk.Requests);
    }

    [Fact]
    public async Task Under_v2_force_is_the_default_and_the_statuses_are_of_that_time()
    {
        Assert.Equal(201, (await RegisterAsync("/v2")).Status);
        Assert.Equal(201, (await RegisterAsync("/v2")).Status);
        Assert.Equal(2, _sdk.Requests);
        ApiAnswer unchanged = await PostAsync($$"""{"uri":"{{_sdk.Uri}}","force":false}""", "/v2");
        Assert.Equal(409, unchanged.Status);
        Assert.StartsWith("Conflict: deployment dp_1", Field(unchanged, "message"), StringComparison.Ordinal);
        Assert.EndsWith(" already exists", Field(unchanged, "message"), StringComparison.Ordinal);
        foreach (string prefix in new[] { "/v3", "/v4" })
            Assert.Equal(200, (await RegisterAsync(prefix)).Status);
        Assert.Equal(2, _sdk.Requests);
    }

    [Fact]
    public async Task A_dry_run_answers_like_the_real_thing_and_stores_nothing()
    {
        ApiAnswer dry = await PostAsync($$"""{"uri":"{{_sdk.Uri}}","dry_run":true}""");
        Assert.Equal((201, $"deployments/{Field(dry, "id")}"), (dry.Status, dry.Location));
        Assert.Empty(_api.Registry.Current.Deployments);
    }

    [Fact]
    public async Task Another_type_is_a_conflict_unless_breaking()
    {
        await RegisterAsync();
        await using ScriptedEndpoint retyped = await ScriptedEndpoint.ManifestAsync(
            ScriptedEndpoint.CounterManifest.Replace("VIRTUAL_OBJECT", "SERVICE", StringComparison.Ordinal).Replace("EXCLUSIVE", "SHARED", StringComparison.Ordinal));
        ApiAnswer refused = await PostAsync($$"""{"uri":"{{retyped.Uri}}"}""");
        Assert.Equal((409, "META0006"), (refused.Status, Field(refused, "restate_code")));
        Assert.Equal(201, (await PostAsync($$"""{"uri":"{{retyped.Uri}}","breaking":true}""")).Status);
        Assert.Equal("Service", Field(await GetAsync("/services/Counter"), "ty"));
    }

    [Fact]
    public async Task HTTP_1_1_is_spoken_when_asked_for()
    {
        await using ScriptedEndpoint old = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest, protocols: HttpProtocols.Http1);
        ApiAnswer refused = await PostAsync($$"""{"uri":"{{old.Uri}}"}""");
        Assert.Equal((500, "META0014"), (refused.Status, Field(refused, "restate_code")));
        ApiAnswer created = await PostAsync($$"""{"uri":"{{old.Uri}}","use_http_11":true}""");
        Assert.Equal("HTTP/1.1", Field(await GetAsync($"/deployments/{Field(created, "id")}"), "http_version"));
    }

    [Theory]
    [InlineData("""{"uri":""", Json, 400, "Failed to parse the request body as JSON: ")]
    [InlineData("", Json, 400, "Failed to parse the request body as JSON: EOF while parsing a value at line 1 column 0")]
    [InlineData("{}x", Json, 400, "Failed to parse the request body as JSON: ")]
    [InlineData("{}", "text/plain", 415, "Expected request with `Content-Type: application/json`")]
    [InlineData("{}", null, 415, "Expected request with `Content-Type: application/json`")]
    [InlineData("{}", Json, 422, "Failed to deserialize the JSON body into the target type: missing field `uri`")]
    [InlineData("[]", Json, 422, "Failed to deserialize the JSON body into the target type: invalid type: sequence, expected an object")]
    [InlineData("""{"uri":5}""", "application/json; charset=utf-8", 422, "Failed to deserialize the JSON body into the target type: uri: invalid type: number `5`, expected a string")]
    [InlineData("""{"uri":"http://a/","force":"x"}""", Json, 422, "Failed to deserialize the JSON body into the target type: force: invalid type: string \"x\", expected a boolean")]
    [InlineData("""{"uri":"http://a/","breaking":null}""", Json, 422, "Failed to deserialize the JSON body into the target type: breaking: invalid type: null, expected a boolean")]
    [InlineData("""{"uri":"http://a/","metadata":{"k":1}}""", Json, 422, "Failed to deserialize the JSON body into the target type: metadata.k: invalid type: number `1`, expected a string")]
    [InlineData("""{"uri":"http://a/","additional_headers":{"a b":"c"}}""", Json, 422, "Failed to deserialize the JSON body into the target type: additional_headers.a b: invalid HTTP header name")]
    [InlineData("""{"uri":"http://a/","additional_headers":{"a":"b\nc"}}""", Json, 422, "Failed to deserialize the JSON body into the target type: additional_headers.a: failed to parse header value")]
    [InlineData("""{"uri":"http://a b/"}""", Json, 422, "Failed to deserialize the JSON body into the target type: uri: 'http://a b/' is not a URI")]
    public async Task A_body_that_cannot_be_read_is_refused_in_plain_text(string body, string? type, int status, string message)
    {
        ApiAnswer refused = await _api.SendAsync(HttpMethod.Post, "/deployments", body, type, Cancel);
        Assert.Equal((status, Plain), (refused.Status, refused.Type));
        Assert.StartsWith(message, refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_past_the_limit_is_refused()
    {
        ApiAnswer refused = await PostAsync($$$"""{"uri":"http://a/","metadata":{"k":"{{{new string('x', 2 << 20)}}}"}}""");
        Assert.Equal((413, Plain, "The request body is larger than 1048576 bytes"), (refused.Status, refused.Type, refused.Text));
    }

    [Theory]
    [InlineData("""{"uri":"http://***@a/"}""", 400, "The request field 'uri' is invalid. Reason: '***' stands in answers in place of user and password; give them, or leave them out.")]
    [InlineData("""{"uri":"ftp://user:s3cret@a/"}""", 400, "The request field 'uri' is invalid. Reason: The provided uri ftp://***@a/ has the scheme 'ftp', only http and https can be used.")]
    [InlineData("""{"uri":"localhost"}""", 400, "The request field 'uri' is invalid. Reason: The provided uri localhost is not absolute, only absolute URIs can be used.")]
    [InlineData("""{"uri":"ftp://a/"}""", 400, "The request field 'uri' is invalid. Reason: The provided uri ftp://a/ has the scheme 'ftp', only http and https can be used.")]
    [InlineData("""{"arn":"arn:aws:lambda:eu-central-1:1:function:f:1"}""", 501, "The request field 'arn' is not supported: ")]
    [InlineData("""{"uri":"http://a/","auth":{"GoogleIdToken":{}}}""", 501, "The request field 'auth' is not supported: ")]
    public async Task A_body_that_asks_for_the_impossible_is_refused_in_json(string body, int status, string message)
    {
        ApiAnswer refused = await PostAsync(body);
        Assert.Equal((status, Json), (refused.Status, refused.Type));
        Assert.StartsWith(message, Field(refused, "message"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, Parse(refused).GetProperty("restate_code").ValueKind);
    }

    [Theory]
    [InlineData("GET", "/deployments/bogus", 400, Plain, "Invalid URL: Cannot parse `deployment` with value `bogus`: bad format")]
    [InlineData("GET", "/deployments/dp_bogus", 400, Plain, "Invalid URL: Cannot parse `deployment` with value `dp_bogus`: unrecognized codec version")]
    [InlineData("GET", $"/deployments/{Unknown}", 404, Json, $$"""{"message":"The requested deployment '{{Unknown}}' does not exist","restate_code":null}""")]
    [InlineData("DELETE", $"/deployments/{Unknown}", 501, null, "")]
    [InlineData("DELETE", $"/deployments/{Unknown}?force=false", 501, null, "")]
    [InlineData("DELETE", $"/deployments/{Unknown}?force=x", 400, Plain, "Failed to deserialize query string: force: provided string was not `true` or `false`")]
    [InlineData("DELETE", $"/deployments/{Unknown}?force=true", 404, Json, $$"""{"message":"not found in the schema registry: deployment with id '{{Unknown}}'","restate_code":null}""")]
    [InlineData("DELETE", "/deployments/bogus?force=true", 400, Plain, "Invalid URL: Cannot parse `deployment` with value `bogus`: bad format")]
    public async Task Ids_and_queries_that_lead_nowhere(string method, string path, int status, string? type, string text)
    {
        ApiAnswer answer = await _api.SendAsync(new HttpMethod(method), path, body: null, contentType: null, Cancel);
        Assert.Equal((status, type, text), (answer.Status, answer.Type, answer.Text));
    }

    [Fact]
    public async Task A_deleted_deployment_is_gone()
    {
        string id = Field(await RegisterAsync(), "id");
        ApiAnswer deleted = await _api.SendAsync(HttpMethod.Delete, $"/deployments/{id}?force=true", null, null, Cancel);
        Assert.Equal((202, ""), (deleted.Status, deleted.Text));
        Assert.Equal(404, (await GetAsync($"/deployments/{id}")).Status);
        Assert.Equal("""{"deployments":[]}""", (await GetAsync("/deployments")).Text);
        Assert.Equal("""{"services":[]}""", (await GetAsync("/services")).Text);
    }

    private static JsonElement Parse(ApiAnswer answer) => JsonElement.Parse(answer.Text);

    private static string Field(ApiAnswer answer, string name) => Parse(answer).GetProperty(name).GetString()!;

    private Task<ApiAnswer> RegisterAsync(string prefix = "") => PostAsync($$"""{"uri":"{{_sdk.Uri}}"}""", prefix);

    private Task<ApiAnswer> PostAsync(string body, string prefix = "") =>
        _api.SendAsync(HttpMethod.Post, $"{prefix}/deployments", body, Json, Cancel);

    private Task<ApiAnswer> GetAsync(string path) => _api.SendAsync(HttpMethod.Get, path, null, null, Cancel);
}
