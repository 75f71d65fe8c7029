using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>
/// A query that fails when rows are on their way: its answer is cut so that a client can see it, in every form, coding and version of
/// HTTP that the built program speaks. HTTP/2 needs TLS here: without it the port speaks HTTP/1.1 only.
/// </summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class CutAnswerTests : IDisposable
{
    private const string Endless = "select a.column_name as x, b.column_name as y, c.table_name as z from information_schema.columns a, information_schema.columns b, information_schema.columns c";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_failure_after_the_first_rows_is_seen()
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        WriteCertificate();
        await using ChildProcess program = ServerProcess.Launch(
            _folder.Inside("data"),
            line =>
            {
                if (Listening().Match(line) is { Success: true } match)
                    address.TrySetResult(new Uri(match.Groups[1].Value));
            },
            "--set", $"admin.tls.cert-file={_folder.Inside("cert.pem")}", "--set", $"admin.tls.key-file={_folder.Inside("key.pem")}");
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        };
        using var client = new HttpClient(handler) { BaseAddress = await address.Task.WaitAsync(Patience, Cancelled) };
        foreach (Version version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            foreach (string accept in new[] { "application/json", "application/x-ndjson", "application/vnd.apache.arrow.stream" })
            {
                foreach (string coding in new[] { "identity", "gzip", "br", "zstd" })
                    await CutAsync(client, version, accept, coding);
            }
        }

        Assert.DoesNotContain(" ERROR ", program.Output, StringComparison.Ordinal);
    }

    private static async Task CutAsync(HttpClient client, Version version, string accept, string coding)
    {
        string what = $"{accept}, {coding}, HTTP/{version}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/query")
        {
            Content = JsonContent.Create(new { query = Endless }),
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Accept.ParseAdd(accept);
        request.Headers.AcceptEncoding.ParseAdd(coding);
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version));
        Assert.Equal(coding == "identity" ? [] : [coding], answer.Content.Headers.ContentEncoding);
        string id = Assert.Single(answer.Headers.GetValues("x-restate-query-id"));
        await using Stream body = await answer.Content.ReadAsStreamAsync(Cancelled);
        byte[] first = new byte[64];
        await body.ReadExactlyAsync(first, Cancelled);

        using (HttpResponseMessage cancelled = await client.DeleteAsync(new Uri($"/queries/{id}", UriKind.Relative), Cancelled))
            Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        using var received = new MemoryStream();
        received.Write(first);
        Exception? cut = await Record.ExceptionAsync(() => body.CopyToAsync(received, Cancelled).WaitAsync(Patience, Cancelled));
        Assert.True(cut is HttpRequestException or IOException and not EndOfStreamException || cut is HttpIOException, $"{what}: {cut?.ToString() ?? "the stream ended as a whole one does"}");

        // Nor does what came so far pass for a whole document.
        if (coding == "gzip" && accept == "application/json")
        {
            received.Position = 0;
            await using var plain = new GZipStream(received, CompressionMode.Decompress);
            using var text = new MemoryStream();
            await Record.ExceptionAsync(() => plain.CopyToAsync(text, Cancelled));
            Assert.False(text.ToArray().AsSpan().EndsWith("]}"u8), what);
        }
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_folder.Inside("cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.Inside("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    [GeneratedRegex(@"^listening admin=(\S+) ")]
    private static partial Regex Listening();
}
