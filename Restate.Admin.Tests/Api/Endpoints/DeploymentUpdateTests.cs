using System.Text.Json;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

/// <summary>Changes of a deployment in place, as the peer makes them.</summary>
public sealed class DeploymentUpdateTests : IAsyncLifetime
{
    private const string Json = "application/json";
    private const string Unknown = "dp_131VxC8Dz7iarncvzEBhjDX";

    /// <summary>Another release of the endpoint: the object is gone, a service is new.</summary>
    private const string NextManifest =
        """{"protocolMode":"REQUEST_RESPONSE","minProtocolVersion":5,"maxProtocolVersion":7,"services":[{"name":"Mailer","ty":"SERVICE","handlers":[{"name":"send"}]}]}""";

    private SchemaApiHost _api = null!;
    private ScriptedEndpoint _sdk = null!;
    private ScriptedEndpoint _next = null!;
    private string _id = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await SchemaApiHost.StartAsync();
        _sdk = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest, sdk: "test-sdk/1");
        _next = await ScriptedEndpoint.ManifestAsync(NextManifest, sdk: "test-sdk/2");
        ApiAnswer created = await _api.SendAsync(
            HttpMethod.Post, "/deployments", $$$"""{"uri":"{{{_sdk.Uri}}}","metadata":{"env":"test"},"additional_headers":{"x-key":"old"}}""", Json, Cancel);
        _id = Parse(created).GetProperty("id").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await _next.DisposeAsync();
        await _sdk.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"overwrite":true,"dry_run":true,"use_http_11":true,"uri":null,"additional_headers":null,"unknown":1}""")]
    public async Task A_body_that_sets_nothing_changes_nothing_and_asks_nobody(string body)
    {
        uint version = _api.Registry.Current.Version;
        Assert.Equal((await ReadAsync()).GetRawText(), Parse(await PatchAsync(body)).GetRawText());
        Assert.Equal((version, 1), (_api.Registry.Current.Version, _sdk.Requests));
    }

    [Fact]
    public async Task Without_overwrite_the_deployment_moves_and_its_services_stay()
    {
        JsonElement before = await ReadAsync();
        JsonElement moved = Parse(await PatchAsync($$"""{"uri":"{{_next.Uri}}"}"""));
        Assert.Equal((await ReadAsync()).GetRawText(), moved.GetRawText());
        Assert.Equal(
            ($"{_next.Uri}/", "RequestResponse", "test-sdk/2"),
            (moved.GetProperty("uri").GetString(), moved.GetProperty("protocol_type").GetString(), moved.GetProperty("sdk_version").GetString()));
        foreach (string kept in new[] { "id", "created_at", "metadata", "additional_headers" })
            Assert.Equal(before.GetProperty(kept).GetRawText(), moved.GetProperty(kept).GetRawText());
        Assert.Equal("Counter", Assert.Single(moved.GetProperty("services").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("old", _next.Last!.Headers["x-key"]);
    }

    [Fact]
    public async Task With_overwrite_what_is_gone_vanishes_and_revisions_stay()
    {
        await _api.SendAsync(HttpMethod.Patch, "/services/Counter", """{"abort_timeout":"77s"}""", Json, Cancel);
        JsonElement same = Parse(await PatchAsync($$"""{"uri":"{{_sdk.Uri}}","overwrite":true}""")).GetProperty("services")[0];
        Assert.Equal(("10m", 1), (same.GetProperty("abort_timeout").GetString(), same.GetProperty("revision").GetInt32()));

        JsonElement replaced = Parse(await PatchAsync($$"""{"uri":"{{_next.Uri}}","overwrite":true}"""));
        JsonElement service = Assert.Single(replaced.GetProperty("services").EnumerateArray());
        Assert.Equal(("Mailer", 1), (service.GetProperty("name").GetString(), service.GetProperty("revision").GetInt32()));
        Assert.Equal(404, (await GetAsync("/services/Counter")).Status);
    }

    [Fact]
    public async Task Headers_are_replaced_as_a_whole_and_sent_at_once()
    {
        JsonElement changed = Parse(await PatchAsync("""{"additional_headers":{"X-New":"v"}}"""));
        Assert.Equal("""{"x-new":"v"}""", changed.GetProperty("additional_headers").GetRawText());
        Assert.Equal("v", _sdk.Last!.Headers["x-new"]);
        Assert.DoesNotContain("x-key", _sdk.Last.Headers.Keys);
        Assert.False(Parse(await PatchAsync("""{"additional_headers":{}}""")).TryGetProperty("additional_headers", out _));
    }

    [Fact]
    public async Task A_dry_run_shows_the_result_and_stores_nothing()
    {
        string before = (await ReadAsync()).GetRawText();
        JsonElement shown = Parse(await PatchAsync($$"""{"uri":"{{_next.Uri}}","overwrite":true,"dry_run":true}"""));
        Assert.Equal("Mailer", shown.GetProperty("services")[0].GetProperty("name").GetString());
        Assert.Equal(before, (await ReadAsync()).GetRawText());
    }

    [Fact]
    public async Task Other_protocol_versions_are_refused()
    {
        await using ScriptedEndpoint older = await ScriptedEndpoint.ManifestAsync(
            ScriptedEndpoint.CounterManifest.Replace("\"maxProtocolVersion\":7", "\"maxProtocolVersion\":6", StringComparison.Ordinal));
        await RefusedAsync(
            $$"""{"uri":"{{older.Uri}}","overwrite":true}""", 400,
            "[META0016] an update deployment operation must provide an endpoint with the same services and handlers. The update tried to change the supported protocol versions from 5..=7 to 5..=6");
    }

    [Fact]
    public async Task An_endpoint_that_cannot_be_reached_leaves_everything_as_it_is() =>
        await RefusedAsync("""{"uri":"http://127.0.0.1:1"}""", 500, "[META0003] [META0003] error when calling 'http://127.0.0.1:1/': ");

    [Theory]
    [InlineData("""{"uri":"localhost"}""", 400, "The request field 'uri' is invalid. Reason: The provided uri localhost is not absolute")]
    [InlineData("""{"arn":"arn:aws:lambda:eu-central-1:1:function:f:1"}""", 501, "The request field 'arn' is not supported: ")]
    [InlineData("""{"assume_role_arn":"x"}""", 501, "The request field 'assume_role_arn' is not supported: ")]
    public Task What_cannot_be_is_refused_in_json(string body, int status, string message) => RefusedAsync(body, status, message);

    [Theory]
    [InlineData("""{"overwrite":null}""", 422, "Failed to deserialize the JSON body into the target type: overwrite: invalid type: null, expected a boolean")]
    [InlineData("""{"uri":5}""", 422, "Failed to deserialize the JSON body into the target type: uri: invalid type: number `5`, expected a string")]
    [InlineData("[]", 422, "Failed to deserialize the JSON body into the target type: invalid type: sequence, expected an object")]
    [InlineData("{", 400, "Failed to parse the request body as JSON: ")]
    public async Task What_cannot_be_read_is_refused_in_text(string body, int status, string text)
    {
        ApiAnswer refused = await PatchAsync(body);
        Assert.Equal((status, "text/plain; charset=utf-8"), (refused.Status, refused.Type));
        Assert.StartsWith(text, refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_deployment_is_404()
    {
        ApiAnswer answer = await _api.SendAsync(HttpMethod.Patch, $"/deployments/{Unknown}", "{}", Json, Cancel);
        Assert.Equal((404, $$"""{"message":"The requested deployment '{{Unknown}}' does not exist","restate_code":null}"""), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("", 405)]
    [InlineData("/v3", 405)]
    [InlineData("/v4", 405)]
    [InlineData("/v2", 200)]
    public async Task Put_is_of_version_2(string prefix, int status)
    {
        ApiAnswer answer = await _api.SendAsync(HttpMethod.Put, $"{prefix}/deployments/{_id}", "{}", Json, Cancel);
        Assert.Equal(status, answer.Status);
        if (status == 405)
            Assert.Equal("""{"message":"PUT deployment is deprecated, use PATCH instead","restate_code":null}""", answer.Text);
    }

    private static JsonElement Parse(ApiAnswer answer) => JsonElement.Parse(answer.Text);

    private async Task RefusedAsync(string body, int status, string message)
    {
        string before = (await ReadAsync()).GetRawText();
        ApiAnswer refused = await PatchAsync(body);
        Assert.Equal(status, refused.Status);
        Assert.StartsWith(message, Parse(refused).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, (await ReadAsync()).GetRawText());
    }

    private async Task<JsonElement> ReadAsync() => Parse(await GetAsync($"/deployments/{_id}"));

    private Task<ApiAnswer> PatchAsync(string body) => _api.SendAsync(HttpMethod.Patch, $"/deployments/{_id}", body, Json, Cancel);

    private Task<ApiAnswer> GetAsync(string path) => _api.SendAsync(HttpMethod.Get, path, null, null, Cancel);
}
