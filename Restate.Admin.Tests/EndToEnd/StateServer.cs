using System.Net;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>One server for all tests of a class, with the SDK's services registered. Empty where the SDK is not installed.</summary>
public sealed class StateServer : IAsyncLifetime
{
    private TemporaryFolder? _folder;
    private SdkService? _service;
    private ServerProcess? _server;
    private int _objects;

    internal ServerProcess Server => _server ?? throw new InvalidOperationException("ask Installed.RequireSdkService() first");

    public async ValueTask InitializeAsync()
    {
        if (!SdkService.IsInstalled)
            return;
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        _folder = new TemporaryFolder();
        _service = await SdkService.StartAsync(cancelled);
        _server = await ServerProcess.StartOursAsync(_folder.Path, cancelled, "--default-num-partitions", "4");
        await _server.Admin.RegisterAsync(_service.Uri, cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_service is not null)
            await _service.DisposeAsync();
        _folder?.Dispose();
    }

    /// <summary>An object key no other test uses.</summary>
    internal string NewObject() => $"object-{Interlocked.Increment(ref _objects)}";

    /// <summary>Posts a body and returns status, content type and text of the answer.</summary>
    internal async Task<(HttpStatusCode Status, string? Type, string Text)> PostAsync(
        string body, string service = SdkService.ObjectName, string? contentType = "application/json")
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        using HttpResponseMessage answer =
            await Server.Admin.SendStateAsync(service, Encoding.UTF8.GetBytes(body), contentType, cancelled);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(cancelled));
    }

    /// <summary>Posts a body that must be acknowledged.</summary>
    internal async Task AcceptedAsync(string body)
    {
        (HttpStatusCode status, _, string text) = await PostAsync(body);
        Assert.Equal((HttpStatusCode.Accepted, string.Empty), (status, text));
    }

    /// <summary>Waits until the state of an object is this, as <c>key=hex;key=hex</c>: a 202 is a promise that it will be.</summary>
    internal async Task ShowsAsync(string objectKey, string expected)
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        string shown = string.Empty;
        for (int attempt = 0; attempt < 1000 && (attempt == 0 || shown != expected); attempt++)
        {
            JsonElement[] rows = await Server.Sql.RowsAsync(
                $"select key, value from state where service_name = 'Counter' and service_key = '{objectKey}' order by key", cancelled);
            shown = string.Join(';', rows.Select(row => $"{row.GetProperty("key").GetString()}={row.GetProperty("value").GetString()}"));
        }

        Assert.Equal(expected, shown);
    }
}
