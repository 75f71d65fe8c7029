using System.Net.Sockets;
using System.Text;
using Restate.Admin.Api.Endpoints.Http;
using Restate.Admin.Tests.Support;
using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints.Http;

/// <summary>What HTTP has an answer for is answered, over a real connection.</summary>
public sealed class ServerLimitsTests : IAsyncLifetime
{
    private SchemaApiHost _api = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await SchemaApiHost.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_long_line_many_headers_and_large_bodies_are_refused_with_their_status()
    {
        Assert.StartsWith("HTTP/1.1 414 ", await SendAsync($"GET /{new string('a', ServerLimits.MaxRequestLineBytes)} HTTP/1.1\r\nhost: a\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ", await SendAsync($"GET /health HTTP/1.1\r\nhost: a\r\nx: {new string('a', ServerLimits.MaxHeaderBytes)}\r\n\r\n"), StringComparison.Ordinal);
        string many = string.Concat(Enumerable.Range(0, ServerLimits.MaxHeaderCount + 1).Select(i => $"x{i}: 1\r\n"));
        Assert.StartsWith("HTTP/1.1 431 ", await SendAsync($"GET /health HTTP/1.1\r\n{many}\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 413 ", await SendAsync(
            $"POST /deployments HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {ServerLimits.MaxBodyBytes + 1}\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_stops_coming_ends_with_408() => Assert.StartsWith(
        "HTTP/1.1 408 ",
        await SendAsync("POST /deployments HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"),
        StringComparison.Ordinal);

    [Fact]
    public void Nobody_listens_beyond_this_machine_unless_told_to()
    {
        var configuration = new RestateConfiguration { NodeName = "n1" };
        Assert.StartsWith("127.0.0.1:", configuration.Admin.BindAddress, StringComparison.Ordinal);
        Assert.StartsWith("127.0.0.1:", configuration.BindAddress, StringComparison.Ordinal);
    }

    /// <summary>The first bytes of the answer to what is sent as it is.</summary>
    private async Task<string> SendAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_api.Http.BaseAddress!.Host, _api.Http.BaseAddress.Port, Cancel);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Cancel);
        byte[] answer = new byte[64];
        int length = await stream.ReadAtLeastAsync(answer, 16, throwOnEndOfStream: false, Cancel);
        return Encoding.ASCII.GetString(answer, 0, length);
    }
}
