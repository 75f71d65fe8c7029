using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Restate.Admin.Api.Contracts;

namespace Restate.Admin.Api.Demo;

/// <summary>The node's admin API as any client has it: over HTTP.</summary>
internal sealed class DemoClient : IDisposable
{
    /// <summary>Longest time for one call: more than the longest wait that the demo asks the node for.</summary>
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(30);

    /// <summary>Label of the demo's own deployments; others are not touched.</summary>
    private static readonly KeyValuePair<string, string> Label = new("restate-admin", "demo");

    private readonly HttpClient _http;

    /// <summary>A client of one node.</summary>
    /// <param name="admin">Address of its admin API.</param>
    public DemoClient(Uri admin) => _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
    {
        BaseAddress = admin,
        Timeout = CallPatience,
    };

    /// <summary>Registers the demo's endpoint and forgets those of earlier runs, which nobody answers for any more.</summary>
    /// <exception cref="DemoException">The node refused, or has services of these names that are not the demo's.</exception>
    public async Task RegisterAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        DeploymentListView known = await GetAsync<DeploymentListView>("/deployments", cancellationToken);
        var own = known.Deployments.Where(deployment => deployment.Metadata?.Contains(Label) == true).ToList();
        string[] names = [DemoEndpoint.CartService, DemoEndpoint.OrderService];
        string? taken = known.Deployments.Except(own)
            .SelectMany(deployment => deployment.Services)
            .Select(service => service.Name)
            .FirstOrDefault(names.Contains);
        if (taken is not null)
            throw new DemoException($"this node has a service '{taken}' that is not the demo's; use another --base-dir");

        // Somebody's data folder, and not one that a demo began: a write load has no business there.
        if (own.Count == 0 && (known.Deployments.Count > 0 || (await QueryAsync("select key from state limit 1", cancellationToken)).Count > 0))
            throw new DemoException("this node has deployments or state that are not the demo's; use another --base-dir");

        var request = new { uri = endpoint.ToString(), metadata = new Dictionary<string, string> { [Label.Key] = Label.Value } };
        JsonElement registered = await SendAsync<JsonElement>(HttpMethod.Post, "/deployments", request, cancellationToken);
        string? id = registered.GetProperty("id").GetString();
        foreach (DeploymentView<ServiceRevisionView> earlier in own.Where(deployment => deployment.Id != id))
        {
            using HttpResponseMessage answer = await _http.DeleteAsync($"/deployments/{earlier.Id}?force=true", cancellationToken);
            await RequireAsync(answer, cancellationToken);
        }
    }

    /// <summary>Posts the state of a cart. The caller disposes the answer, whatever its status.</summary>
    public Task<HttpResponseMessage> PostCartAsync(byte[] body, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return _http.PostAsync($"/services/{DemoEndpoint.CartService}/state", content, cancellationToken);
    }

    /// <summary>The rows of an SQL statement.</summary>
    public async Task<IReadOnlyList<JsonElement>> QueryAsync(string sql, CancellationToken cancellationToken)
    {
        JsonElement answer = await SendAsync<JsonElement>(HttpMethod.Post, "/query", new { query = sql }, cancellationToken);
        return [.. answer.GetProperty("rows").EnumerateArray()];
    }

    /// <summary>Changes RocksDB's total and waits until that is applied.</summary>
    /// <param name="size">A size, or null to remove the change.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<MemoryRocksDbView> PatchTotalAsync(string? size, CancellationToken cancellationToken)
    {
        var patch = new Dictionary<string, string?> { [Tour.TotalKey] = size };
        using HttpResponseMessage answer = await _http.PatchAsJsonAsync(Tour.PatchPath, patch, cancellationToken);
        MemoryRocksDbView changed = await ReadAsync<MemoryRocksDbView>(answer, cancellationToken);

        // Accepted only: the controller is configured to tick more seldom than the call waits.
        if (answer.StatusCode == HttpStatusCode.Accepted)
            await SendAsync<JsonElement>(HttpMethod.Post, "/memory/rebalance", new { }, cancellationToken);
        return changed;
    }

    /// <summary>GETs a document.</summary>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path, cancellationToken);
        return await ReadAsync<T>(answer, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, body.GetType()) };
        request.Headers.Accept.ParseAdd("application/json");
        using HttpResponseMessage answer = await _http.SendAsync(request, cancellationToken);
        return await ReadAsync<T>(answer, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await RequireAsync(answer, cancellationToken);
        return await answer.Content.ReadFromJsonAsync<T>(cancellationToken)
            ?? throw new JsonException("the answer is null");
    }

    private static async Task RequireAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode)
            return;
        string call = $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.PathAndQuery}";
        string text = await answer.Content.ReadAsStringAsync(cancellationToken);
        throw new HttpRequestException($"{call}: {(int)answer.StatusCode} {text}", inner: null, answer.StatusCode);
    }
}
