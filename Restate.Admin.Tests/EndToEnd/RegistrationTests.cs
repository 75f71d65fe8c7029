using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The same calls to both servers, about the same SDK endpoints; the answers must not differ in more than ids and times.</summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class RegistrationTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<IAsyncDisposable> _started = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable started in Enumerable.Reverse(_started))
            await started.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_real_endpoint_is_registered_and_still_there_after_a_restart()
    {
        Installed.RequireSdkService();
        Uri sdk = await StartSdkAsync();
        ServerProcess server = await StartOursAsync();
        await server.Admin.RegisterAsync(sdk, Cancel);
        JsonElement before = await server.Admin.GetAsync("/services", Cancel);
        Assert.Equal(
            ["Counter VirtualObject 1", "Greeter Service 1", "Order Workflow 1", "Plain VirtualObject 1"],
            before.GetProperty("services").EnumerateArray().Select(
                service => $"{service.GetProperty("name")} {service.GetProperty("ty")} {service.GetProperty("revision")}"));
        Assert.Equal(0, await server.StopAsync(Cancel));

        ServerProcess again = await StartOursAsync();
        Assert.Equal(before.GetRawText(), (await again.Admin.GetAsync("/services", Cancel)).GetRawText());
    }

    [Fact]
    public async Task Deployments_and_services_are_answered_as_the_peer_answers()
    {
        Installed.RequireSdkService();
        Installed.RequirePeer();
        Uri sdk = await StartSdkAsync();
        Uri http1 = await StartSdkAsync("--http1");
        Uri requestResponse = await StartSdkAsync("--mode", "request-response");
        Uri next = await StartSdkAsync("--variant", "next");
        Uri retyped = await StartSdkAsync("--variant", "retyped");
        Uri shrunk = await StartSdkAsync("--variant", "shrunk");
        ServerProcess ours = await StartOursAsync();
        ServerProcess peer = await ServerProcess.StartPeerAsync(PeerInstall.At(directory: null), _folder.Inside("peer"), Cancel);
        _started.Add(peer);
        foreach (ServerProcess server in new[] { ours, peer })
            await server.Admin.RegisterAsync(sdk, Cancel);

        Call[] calls =
        [
            new("POST", "/deployments", new { uri = sdk }),
            new("POST", "/v2/deployments", new { uri = sdk, force = false }),
            new("POST", "/v2/deployments", new { uri = sdk, metadata = new { b = "2", a = "1" }, additional_headers = new { Authorization = "Bearer z" } }),
            new("POST", "/v3/deployments", new { uri = sdk }),
            .. ReadAll(),
            new("GET", "/services/Counter"), new("GET", "/services/Order/handlers"), new("GET", "/services/Greeter/handlers/configured"),
            new("GET", "/services/Nope"), new("GET", "/services/Greeter/handlers/nope"), new("GET", "/services/Nope/handlers"),
            new("POST", "/deployments", new { uri = http1 }),
            new("POST", "/deployments", new { uri = http1, use_http_11 = true }),
            new("POST", "/deployments", new { uri = requestResponse }),
            .. ReadAll(),
            new("POST", "/deployments", new { uri = retyped }),
            new("POST", "/deployments", new { uri = retyped, breaking = true, dry_run = true }),
            new("POST", "/deployments", new { uri = next, dry_run = true }),
            new("POST", "/deployments", new { uri = next }),
            new("POST", "/deployments", new { uri = shrunk, force = true }),
            .. ReadAll(),
            new("PATCH", "/services/Order", new { }),
            new("PATCH", "/services/Order", new { @public = true, idempotency_retention = "5 hours", workflow_completion_retention = "2 days", journal_retention = "P1DT2H" }),
            new("PATCH", "/services/Order", new { inactivity_timeout = "90s", abort_timeout = "1m 30s" }),
            new("PATCH", "/services/Counter", new { workflow_completion_retention = "2 days" }),
            new("PATCH", "/services/Greeter", new { @public = false }),
            new("PATCH", "/services/Nope", new { @public = false }),
            new("PATCH", "/services/Nope", new { }),
            new("POST", "/deployments", new { uri = "localhost" }),
            new("GET", "/deployments/bogus"), new("GET", "/deployments/dp_131VxC8Dz7iarncvzEBhjDX"),
            new("DELETE", "/deployments/dp_131VxC8Dz7iarncvzEBhjDX?force=true"), new("DELETE", "/deployments/dp_131VxC8Dz7iarncvzEBhjDX"),
            new("DELETE", "/deployments/dp_131VxC8Dz7iarncvzEBhjDX?force=x"),
            new("HEAD", "/services"), new("PUT", "/deployments"), new("GET", "/deployments/"), new("GET", "/v1/services"), new("GET", "/v5/services"),
        ];
        await CompareAsync(ours, peer, calls);
        await CompareAsync(
            (ours, await LastDeploymentAsync(ours)), (peer, await LastDeploymentAsync(peer)),
            id => [new("GET", $"/deployments/{id}"), new("DELETE", $"/deployments/{id}"), new("DELETE", $"/deployments/{id}?force=true"), new("GET", $"/deployments/{id}"), .. ReadAll()]);
    }

    private static Call[] ReadAll() => [new("GET", "/deployments"), new("GET", "/services")];

    private static Task CompareAsync(ServerProcess ours, ServerProcess peer, Call[] calls) =>
        CompareAsync((ours, string.Empty), (peer, string.Empty), _ => calls);

    private static async Task CompareAsync((ServerProcess Server, string Id) ours, (ServerProcess Server, string Id) peer, Func<string, Call[]> calls)
    {
        var (ourIds, peerIds) = (new Dictionary<string, string>(), new Dictionary<string, string>());
        foreach ((Call our, Call their) in calls(ours.Id).Zip(calls(peer.Id)))
        {
            string expected = await AnswerAsync(peer.Server, their, peerIds);
            Assert.Equal(expected, await AnswerAsync(ours.Server, our, ourIds));
        }
    }

    /// <summary>The deployment whose services are the latest.</summary>
    private static async Task<string> LastDeploymentAsync(ServerProcess server) =>
        (await server.Admin.GetAsync("/services/Counter", Cancel)).GetProperty("deployment_id").GetString()!;

    /// <summary>An answer as text, in an order of its own, with ids counted and times left out.</summary>
    private static async Task<string> AnswerAsync(ServerProcess server, Call call, Dictionary<string, string> ids)
    {
        using var request = new HttpRequestMessage(new HttpMethod(call.Method), call.Path);
        if (call.Body is not null)
            request.Content = JsonContent.Create(call.Body);
        using HttpResponseMessage response = await server.Admin.Http.SendAsync(request, Cancel);
        string body = await response.Content.ReadAsStringAsync(Cancel);
        if (response.Content.Headers.ContentType?.MediaType == "application/json" && body.Length > 0)
            body = Sorted(JsonNode.Parse(body))!.ToJsonString();
        response.Content.Headers.NonValidated.TryGetValues("allow", out var allow);
        string text = $"{call.Method} {call.Path} -> {(int)response.StatusCode} type={response.Content.Headers.ContentType} "
            + $"location={response.Headers.Location} allow={(response.StatusCode == HttpStatusCode.MethodNotAllowed ? allow.ToString() : "")}\n{body}";
        text = Time().Replace(text, "<time>");
        return Id().Replace(text, id => ids.TryGetValue(id.Value, out string? known) ? known : ids[id.Value] = $"<deployment {ids.Count}>");
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(field => field.Key, StringComparer.Ordinal).Select(
            field => KeyValuePair.Create(field.Key, Sorted(field.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted).OrderBy(
            item => (item as JsonObject)?["uri"]?.ToString() ?? (item as JsonObject)?["name"]?.ToString() ?? item?.ToJsonString(), StringComparer.Ordinal)]),
        null => null,
        _ => node.DeepClone(),
    };

    [GeneratedRegex("dp_1[0-9a-zA-Z]{22}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")]
    private static partial Regex Time();

    private async Task<Uri> StartSdkAsync(params string[] more)
    {
        SdkService sdk = await SdkService.StartAsync(Cancel, more);
        _started.Add(sdk);
        return sdk.Uri;
    }

    private async Task<ServerProcess> StartOursAsync()
    {
        ServerProcess server = await ServerProcess.StartOursAsync(_folder.Inside("ours"), Cancel, "--default-num-partitions", "4");
        _started.Add(server);
        return server;
    }

    private sealed record Call(string Method, string Path, object? Body = null);
}
