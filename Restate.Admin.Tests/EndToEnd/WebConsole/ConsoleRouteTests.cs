using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.WebConsole;

/// <summary>What is served below <c>/ui</c>, and what is not.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class ConsoleRouteTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Uri Admin => _server!.Admin.AdminUri;

    public async ValueTask InitializeAsync() => _server = await ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_root_and_the_folder_lead_to_the_page()
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = Admin };
        foreach (string path in new[] { "/", "/ui" })
        {
            using HttpResponseMessage answer = await http.GetAsync(path, Cancelled);
            Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
            Assert.Equal("/ui/", answer.Headers.Location!.ToString());
        }
    }

    [Fact]
    public async Task Addresses_of_pages_are_the_page()
    {
        (string Path, string Script)[] pages =
        [
            ("/ui/", "./app.js"), ("/ui/index.html", "./app.js"), ("/ui/services", "./app.js"), ("/ui/?x=1", "./app.js"),
            ("/ui/services/", "../app.js"), ("/ui/invocations/inv_1dceKvwtEc2n", "../app.js"), ("/v3/ui/", "./app.js"),
        ];
        foreach ((string path, string script) in pages)
        {
            using HttpResponseMessage answer = await _server!.Admin.Http.GetAsync(new Uri(Admin, path), Cancelled);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
            Assert.Contains($"src=\"{script}\"", await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
            AssertGuarded(answer);
        }
    }

    [Fact]
    public async Task A_copy_that_is_still_good_is_not_sent_again()
    {
        using HttpResponseMessage first = await _server!.Admin.Http.GetAsync(new Uri(Admin, "/ui/app.js"), Cancelled);
        Assert.Equal("no-cache", first.Headers.CacheControl!.ToString());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Admin, "/ui/app.js"));
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage second = await _server.Admin.Http.SendAsync(request, Cancelled);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        AssertGuarded(second);

        using var coded = new HttpRequestMessage(HttpMethod.Get, new Uri(Admin, "/ui/vendor/uPlot.esm.js"));
        coded.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("br"));
        using HttpResponseMessage small = await _server.Admin.Http.SendAsync(coded, Cancelled);
        Assert.Equal("br", small.Content.Headers.ContentEncoding.Single());
        Assert.Equal("accept-encoding", small.Headers.Vary.Single());
        Assert.InRange((await small.Content.ReadAsByteArrayAsync(Cancelled)).Length, 1, 60_000);
    }

    /// <summary>Sent as they are: a client library would tidy them up first.</summary>
    [Fact]
    public async Task Tricks_with_paths_reach_no_file()
    {
        (string Target, int Status)[] tricks =
        [
            ("/ui/app.cs", 404),
            ("/ui/favicon.ico", 404),
            ("/ui/vendor/", 200),
            ("/ui/..%2f..%2fetc%2fpasswd", 404),
            ("/ui/%2e%2e%2f%2e%2e%2fetc/passwd", 404),
            ("/ui/%252e%252e/%252e%252e/etc/passwd", 404),
            ("/ui/..%5c..%5cweb.config", 404),
            ("/ui/..\\..\\web.config", 404),
            ("/ui/....//....//etc/passwd", 404),
            ("/ui//etc/passwd", 404),
            ("/ui/app.js%00.html", 400),
            ("/ui/app.js/", 404),
            ("/ui/APP.JS", 404),
            ("/ui/app.js;.css", 404),
            ("/ui/%c0%ae%c0%ae/etc/passwd", 404),
            ("/ui/../../../../etc/passwd", 404),
            ("/ui/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a", 404),
        ];
        foreach ((string target, int status) in tricks)
        {
            (int answered, string body) = await RawAsync($"GET {target} HTTP/1.1");
            Assert.True(status == answered, $"{target} is answered with {answered}");
            Assert.DoesNotContain("root:", body, StringComparison.Ordinal);
            if (answered == 404 && body.Length > 0)
                Assert.Equal("the console has no such file", JsonDocument.Parse(body).RootElement.GetProperty("message").GetString());
        }
    }

    [Fact]
    public async Task Only_reading_is_possible()
    {
        using var post = new HttpRequestMessage(HttpMethod.Post, new Uri(Admin, "/ui/app.js"));
        using HttpResponseMessage answer = await _server!.Admin.Http.SendAsync(post, Cancelled);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow);
        using var head = new HttpRequestMessage(HttpMethod.Head, new Uri(Admin, "/ui/"));
        using HttpResponseMessage headed = await _server.Admin.Http.SendAsync(head, Cancelled);
        Assert.Equal(HttpStatusCode.OK, headed.StatusCode);
        AssertGuarded(headed);
    }

    private static void AssertGuarded(HttpResponseMessage answer)
    {
        string policy = answer.Headers.GetValues("content-security-policy").Single();
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("x-content-type-options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("referrer-policy").Single());
    }

    private async Task<(int Status, string Body)> RawAsync(string requestLine)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Admin.Host, Admin.Port, Cancelled);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{requestLine}\r\nHost: {Admin.Authority}\r\nConnection: close\r\n\r\n"), Cancelled);
        using var reader = new StreamReader(stream);
        string answer = await reader.ReadToEndAsync(Cancelled);
        string[] parts = answer.Split("\r\n\r\n", 2);
        string body = parts[1];

        // One chunk: its length, its bytes, the end.
        if (parts[0].Contains("chunked", StringComparison.OrdinalIgnoreCase))
            body = body.Split("\r\n")[1];
        return (int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), body);
    }
}
