using System.Text.Json;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

public sealed class VersionEndpointsTests : IAsyncLifetime
{
    private SchemaApiHost _api = null!;

    public async ValueTask InitializeAsync() => _api = await SchemaApiHost.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Names_the_versions_clients_ask_for_and_its_own()
    {
        ApiAnswer answer = await SendAsync("GET", "/version");
        Assert.Equal((200, "application/json"), (answer.Status, answer.Type));
        JsonElement version = JsonElement.Parse(answer.Text);
        Assert.Equal("1.7.12", version.GetProperty("version").GetString());
        Assert.Equal((2, 4), (version.GetProperty("min_admin_api_version").GetInt32(), version.GetProperty("max_admin_api_version").GetInt32()));
        Assert.Equal(JsonValueKind.Null, version.GetProperty("ingress_endpoint").ValueKind);
        Assert.Equal(
            [
                "invoker_yield", "kafka_scope", "preflight_invocation_termination_retention", "protocol_v7", "scoped_promise_table_migration",
                "scoped_state_table_migration", "scoped_virtual_objects", "unique_random_seeds", "vqueue_obsolete_cleanup", "vqueues",
                "vqueues_async_refill", "vqueues_migration_skip_completed",
            ],
            version.GetProperty("features").EnumerateObject().Select(feature => feature.Name));
        Assert.All(version.GetProperty("features").EnumerateObject(), feature => Assert.False(feature.Value.GetBoolean()));
        Assert.Matches(@"^\d+\.\d+\.\d+", version.GetProperty("admin_version").GetString());
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/v2/health")]
    [InlineData("/v3/health")]
    [InlineData("/v4/health")]
    public async Task Is_healthy_under_every_version(string path)
    {
        foreach (string method in new[] { "GET", "HEAD" })
            Assert.Equal(new ApiAnswer(200, null, "", null, null), await SendAsync(method, path));
    }

    [Fact]
    public async Task The_metadata_of_the_cluster_is_kept_by_one_node() => Assert.Equal(
        new ApiAnswer(200, "application/json", """{"cluster_name":"localcluster","metadata_cluster_health":{"members":[1]}}""", null, null),
        await SendAsync("GET", "/cluster-health"));

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/health")]
    [InlineData("/v1/nothing")]
    public async Task Version_1_is_refused_in_plain_text(string path) => Assert.Equal(
        new ApiAnswer(
            400, "text/plain; charset=utf-8", "Unsupported Admin API version V1. This server supports versions between V2 and V4.", null, null),
        await SendAsync("GET", path));

    [Theory]
    [InlineData("/v5/health")]
    [InlineData("/v22/health")]
    [InlineData("/v4/v4/health")]
    [InlineData("/nothing")]
    [InlineData("/v4/nothing")]
    [InlineData("/health/")]
    [InlineData("/v4/health/")]
    [InlineData("/v4/")]
    [InlineData("/deployments/")]
    public async Task What_is_not_there_is_404_without_a_body(string path) =>
        Assert.Equal(new ApiAnswer(404, null, "", null, null), await SendAsync("GET", path));

    [Theory]
    [InlineData("POST", "/health", "GET,HEAD")]
    [InlineData("PUT", "/deployments", "GET,HEAD,POST")]
    [InlineData("POST", "/v3/services", "GET,HEAD")]
    [InlineData("POST", "/deployments/dp_1", "GET,HEAD,DELETE,PATCH,PUT")]
    [InlineData("DELETE", "/services/Counter", "GET,HEAD,PATCH")]
    public async Task A_wrong_method_is_405_with_the_right_ones(string method, string path, string allowed) =>
        Assert.Equal(new ApiAnswer(405, null, "", null, allowed), await SendAsync(method, path));

    private Task<ApiAnswer> SendAsync(string method, string path) =>
        _api.SendAsync(new HttpMethod(method), path, body: null, contentType: null, TestContext.Current.CancellationToken);
}
