using System.Text.Json;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

public sealed class ServiceEndpointsTests : IAsyncLifetime
{
    private const string Json = "application/json";
    private const string Wrong = "Failed to deserialize the JSON body into the target type: ";

    private SchemaApiHost _api = null!;
    private ScriptedEndpoint _sdk = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await SchemaApiHost.StartAsync();
        _sdk = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest);
        Assert.Equal(201, (await _api.SendAsync(HttpMethod.Post, "/deployments", $$"""{"uri":"{{_sdk.Uri}}"}""", Json, Cancel)).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await _sdk.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_service_is_shown_with_the_defaults_of_the_peer()
    {
        string id = _api.Registry.Current.Deployments[0].Id.ToString();
        const string Handler =
            """{"name":"add","ty":"Exclusive","public":true,"input_description":"*/*","output_description":"application/json","retry_policy":{"max_attempts":null}}""";
        string service =
            $$$"""{"name":"Counter","ty":"VirtualObject","handlers":[{{{Handler}}}],"deployment_id":"{{{id}}}","revision":1,"public":true,"""
            + """ "idempotency_retention":"1d","journal_retention":"1d","inactivity_timeout":"1m","abort_timeout":"10m","enable_lazy_state":false,""".TrimStart()
            + """ "retry_policy":{"initial_interval":"500ms","exponentiation_factor":2.0,"max_attempts":70,"max_interval":"1m","on_max_attempts":"Pause"}}""".TrimStart();
        Assert.Equal(service, (await GetAsync("/services/Counter")).Text);
        Assert.Equal($$"""{"services":[{{service}}]}""", (await GetAsync("/services")).Text);
        Assert.Equal($$"""{"handlers":[{{Handler}}]}""", (await GetAsync("/services/Counter/handlers")).Text);
        Assert.Equal(Handler, (await GetAsync("/services/Counter/handlers/add")).Text);
    }

    [Theory]
    [InlineData("/services/Nope", "The requested service 'Nope' does not exist")]
    [InlineData("/services/counter", "The requested service 'counter' does not exist")]
    [InlineData("/services/Nope/handlers", "The requested service 'Nope' does not exist")]
    [InlineData("/services/Counter/handlers/nope", "The requested handler 'nope' on service 'Counter' does not exist")]
    public async Task What_is_unknown_is_404(string path, string message)
    {
        ApiAnswer answer = await GetAsync(path);
        Assert.Equal((404, Json, $$"""{"message":"{{message}}","restate_code":null}"""), (answer.Status, answer.Type, answer.Text));
    }

    [Fact]
    public async Task Settings_change_and_the_rest_stays()
    {
        JsonElement changed = JsonElement.Parse((await PatchAsync("""{"public":false,"abort_timeout":"90s","journal_retention":null,"unknown":1}""")).Text);
        Assert.Equal((false, "1m 30s", "1d"), (
            changed.GetProperty("public").GetBoolean(), changed.GetProperty("abort_timeout").GetString(), changed.GetProperty("journal_retention").GetString()));
        Assert.False(changed.GetProperty("handlers")[0].GetProperty("public").GetBoolean());
        Assert.Equal(changed.GetRawText(), (await GetAsync("/services/Counter")).Text);

        uint version = _api.Registry.Current.Version;
        Assert.Equal(changed.GetRawText(), (await PatchAsync("{}")).Text);
        Assert.Equal(version, _api.Registry.Current.Version);
        Assert.Contains("\"public\":true", (await PatchAsync("[true]")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"public":"x"}""", 422, Wrong + "public: invalid type: string \"x\", expected a boolean")]
    [InlineData("""{"abort_timeout":5}""", 422, Wrong + "abort_timeout: invalid type: number `5`, expected a string")]
    [InlineData("""{"abort_timeout":"soon"}""", 422, Wrong + "abort_timeout: 'soon' is not a duration; allowed are units such as '90s'")]
    [InlineData("null", 422, Wrong + "invalid type: null, expected an object")]
    [InlineData("""{"workflow_completion_retention":"1d"}""", 400, """{"message":"modifying retention time for service type VirtualObject is unsupported","restate_code":null}""")]
    public async Task Settings_that_cannot_be_are_refused(string body, int status, string text)
    {
        uint version = _api.Registry.Current.Version;
        ApiAnswer refused = await PatchAsync(body);
        Assert.Equal(status, refused.Status);
        Assert.StartsWith(text, refused.Text, StringComparison.Ordinal);
        Assert.Equal(version, _api.Registry.Current.Version);
    }

    private Task<ApiAnswer> GetAsync(string path) => _api.SendAsync(HttpMethod.Get, path, null, null, Cancel);

    private Task<ApiAnswer> PatchAsync(string body) => _api.SendAsync(HttpMethod.Patch, "/services/Counter", body, Json, Cancel);
}
