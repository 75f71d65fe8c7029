using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>The admin and node ports of a server, as a client sees them.</summary>
internal sealed class AdminClient(Uri admin, Uri node) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 })
    {
        BaseAddress = admin,
        Timeout = TimeSpan.FromMinutes(2),
    };

    /// <summary>The admin port's address.</summary>
    public Uri AdminUri { get; } = admin;

    /// <summary>The node port's address.</summary>
    public Uri NodeUri { get; } = node;

    /// <summary>The client itself, for calls that have no method here.</summary>
    public HttpClient Http => _http;

    /// <summary>True for 200; false where nobody listens yet, or for 503 of a server that is not ready.</summary>
    /// <exception cref="ScenarioException">Any other status: waiting longer would not help.</exception>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync("/health", cancellationToken);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => true,
                HttpStatusCode.ServiceUnavailable => false,
                _ => throw await UnexpectedAsync("GET /health", answer, cancellationToken),
            };
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Registers a service, waiting while the server is still electing who may write its metadata.</summary>
    public async Task RegisterAsync(Uri service, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            using HttpResponseMessage answer =
                await _http.PostAsJsonAsync("/deployments", new { uri = service.ToString() }, cancellationToken);
            if (answer.IsSuccessStatusCode)
                return;
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || attempt == 100)
                throw await UnexpectedAsync("POST /deployments", answer, cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    /// <summary>Posts a state body and returns the status; 202 means that the server acknowledged it.</summary>
    public async Task<HttpStatusCode> PostStateAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendStateAsync(SdkService.ObjectName, body, "application/json", cancellationToken);
        return answer.StatusCode;
    }

    /// <summary>Posts any body to the state route of any service. The caller disposes the answer.</summary>
    public Task<HttpResponseMessage> SendStateAsync(
        string service, ReadOnlyMemory<byte> body, string? contentType, CancellationToken cancellationToken)
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return _http.PostAsync($"/services/{service}/state", content, cancellationToken);
    }

    /// <summary>GETs a JSON document.</summary>
    /// <exception cref="ScenarioException">The answer was not a success.</exception>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path, cancellationToken);
        return await DocumentAsync("GET " + path, answer, cancellationToken);
    }

    /// <summary>PATCHes <c>/memory/rocksdb</c> and returns its document.</summary>
    /// <exception cref="ScenarioException">The answer was not a success.</exception>
    public async Task<JsonElement> PatchMemoryAsync(object patch, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _http.PatchAsJsonAsync("/memory/rocksdb", patch, cancellationToken);
        return await DocumentAsync("PATCH /memory/rocksdb", answer, cancellationToken);
    }

    /// <summary>POSTs an operator verb without a body.</summary>
    /// <exception cref="ScenarioException">The answer was not a success.</exception>
    public async Task PostAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _http.PostAsync(path, content: null, cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw await UnexpectedAsync("POST " + path, answer, cancellationToken);
    }

    /// <summary>The state of one partition: opening, open, draining, closed.</summary>
    public async Task<string> PartitionStateAsync(int partition, CancellationToken cancellationToken)
    {
        JsonElement document = await GetAsync("/partitions", cancellationToken);
        return document.GetProperty("partitions").EnumerateArray()
            .Single(row => row.GetProperty("partition_id").GetInt32() == partition)
            .GetProperty("state").GetString()!;
    }

    /// <summary>Asks for a partition to be closed or opened and waits until it is.</summary>
    /// <exception cref="ScenarioException">It did not happen within half a minute.</exception>
    public async Task MovePartitionAsync(int partition, bool open, CancellationToken cancellationToken)
    {
        await PostAsync($"/partitions/{partition}/{(open ? "open" : "close")}", cancellationToken);
        string wanted = open ? "open" : "closed";
        string state = string.Empty;
        for (int attempt = 0; attempt < 3000; attempt++)
        {
            state = await PartitionStateAsync(partition, cancellationToken);
            if (state == wanted)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }

        throw new ScenarioException($"partition {partition} is {state}, expected {wanted}");
    }

    /// <summary>The value of the first series of a metric, or null where the server does not expose it.</summary>
    public async Task<long?> MetricAsync(string name, CancellationToken cancellationToken)
    {
        string text = await _http.GetStringAsync(new Uri(NodeUri, "/metrics"), cancellationToken);
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is '{' or ' ')
                return (long)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
        }

        return null;
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> DocumentAsync(string call, HttpResponseMessage answer, CancellationToken cancellationToken) =>
        answer.IsSuccessStatusCode
            ? await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)
            : throw await UnexpectedAsync(call, answer, cancellationToken);

    private static async Task<ScenarioException> UnexpectedAsync(
        string call, HttpResponseMessage answer, CancellationToken cancellationToken) =>
        new($"{call}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
}
