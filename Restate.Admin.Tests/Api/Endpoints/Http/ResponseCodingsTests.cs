using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Restate.Admin.Api.Endpoints.Http;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints.Http;

public sealed class ResponseCodingsTests : IAsyncLifetime
{
    private const int Portion = 100_000;

    private readonly TaskCompletionSource _readFirst = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _application = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddResponseCodings();
        _application = builder.Build();
        _application.UseResponseCodings();
        _application.MapGet("/text/{length:int}", (int length) => TypedResults.Text(new string('x', length)));
        _application.MapGet("/empty", () => TypedResults.StatusCode(200));
        _application.MapGet("/stream", context => StreamAsync(context, abort: false));
        _application.MapGet("/broken", context => StreamAsync(context, abort: true));
        await _application.StartAsync(Cancel);
        _http = new HttpClient { BaseAddress = new Uri(_application.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _application.DisposeAsync();
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("identity", null)]
    [InlineData("*", null)]
    [InlineData("compress", null)]
    [InlineData("gzip;q=0", null)]
    [InlineData("gzip;q=x", null)]
    [InlineData("gzip;q=0.5, identity", null)]
    [InlineData("gzip", "gzip")]
    [InlineData("x-gzip", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("deflate, gzip", "gzip")]
    [InlineData("gzip, br", "br")]
    [InlineData("gzip, deflate, br, zstd", "zstd")]
    [InlineData("gzip;q=1.0, zstd;q=0.5", "gzip")]
    [InlineData("br;q=0.5, gzip;q=0.5", "br")]
    public void Takes_the_best_of_what_is_asked_for(string accept, string? coding) =>
        Assert.Equal(coding, ResponseCodings.Choose(accept)?.EncodingName);

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    public async Task What_is_compressed_reads_back(string coding)
    {
        using HttpResponseMessage response = await GetAsync("/text/100000", coding);
        Assert.Equal([coding], response.Content.Headers.ContentEncoding);
        Assert.Equal("accept-encoding", response.Headers.NonValidated["vary"].ToString());
        byte[] body = await response.Content.ReadAsByteArrayAsync(Cancel);
        Assert.InRange(body.Length, 1, 2000);
        await using Stream decoded = Decode(coding, new MemoryStream(body));
        using var text = new StreamReader(decoded);
        Assert.Equal(new string('x', 100_000), await text.ReadToEndAsync(Cancel));
    }

    [Theory]
    [InlineData("/text/32", "gzip")]
    [InlineData("/text/100", "")]
    [InlineData("/empty", "gzip")]
    public async Task What_is_small_or_not_asked_for_stays_as_it_is(string path, string accept)
    {
        using HttpResponseMessage response = await GetAsync(path, accept);
        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    public async Task A_flushed_portion_arrives_before_the_next_is_made(string coding)
    {
        using HttpResponseMessage response = await GetAsync("/stream", coding);
        await using Stream decoded = Decode(coding, await response.Content.ReadAsStreamAsync(Cancel));
        byte[] portion = new byte[Portion];
        await decoded.ReadExactlyAsync(portion, Cancel);
        _readFirst.SetResult();
        await decoded.ReadExactlyAsync(portion, Cancel);
        Assert.Equal(0, await decoded.ReadAsync(portion, Cancel));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task An_aborted_answer_is_seen_to_be_cut(string coding)
    {
        using HttpResponseMessage response = await GetAsync("/broken", coding);
        _readFirst.SetResult();
        await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Beyond_the_coders_there_are_answers_come_uncompressed()
    {
        var open = new List<HttpResponseMessage>();
        for (int i = 0; i < ResponseCodings.MaxCoders; i++)
            open.Add(await GetAsync("/stream", "gzip"));
        Assert.All(open, response => Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding));
        using (HttpResponseMessage plain = await GetAsync("/text/1000", "gzip"))
            Assert.Empty(plain.Content.Headers.ContentEncoding);
        _readFirst.SetResult();
        foreach (HttpResponseMessage response in open)
        {
            await response.Content.ReadAsByteArrayAsync(Cancel);
            response.Dispose();
        }

        using HttpResponseMessage again = await GetAsync("/text/1000", "gzip");
        Assert.Equal(["gzip"], again.Content.Headers.ContentEncoding);
    }

    private static Stream Decode(string coding, Stream body) => coding switch
    {
        "gzip" => new GZipStream(body, CompressionMode.Decompress),
        "br" => new BrotliStream(body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(body, CompressionMode.Decompress),
        _ => new ZstdSharp.DecompressionStream(body),
    };

    private async Task StreamAsync(HttpContext context, bool abort)
    {
        await context.Response.BodyWriter.WriteAsync(new byte[Portion], context.RequestAborted);
        await _readFirst.Task.WaitAsync(context.RequestAborted);
        if (abort)
            context.Abort();
        else
            await context.Response.BodyWriter.WriteAsync(new byte[Portion], context.RequestAborted);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept.Length > 0)
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(accept));
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }
}
