using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>TLS on the admin port of the built program, with certificates that the test makes.</summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class TlsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string CertFile => _folder.Inside("cert.pem");

    private string KeyFile => _folder.Inside("key.pem");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_port_speaks_TLS_and_takes_a_renewed_certificate()
    {
        string first = Renew();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ChildProcess program = Launch(address, CertFile, KeyFile);
        Uri admin = await address.Task.WaitAsync(Patience, Cancelled);
        Assert.Equal("https", admin.Scheme);
        Assert.Equal(first, await OfferedAsync(admin));

        using var plain = new HttpClient();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => plain.GetAsync(new UriBuilder(admin) { Scheme = "http" }.Uri, Cancelled));

        // The certificate is replaced before its key, as most tools do, and the key is away for a while: until both are there the old one counts.
        File.Delete(KeyFile);
        string second = Renew(hasKey: false);
        await Task.Delay(TimeSpan.FromSeconds(3), Cancelled);
        Assert.Equal(first, await OfferedAsync(admin));
        File.Move(KeyFile + ".late", KeyFile);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(Patience);
        string offered = first;
        while (offered == first)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
            offered = await OfferedAsync(admin);
        }

        Assert.Equal(second, offered);
    }

    [Fact]
    public async Task Half_of_the_files_or_files_that_do_not_match_end_the_start()
    {
        Renew();
        string other = _folder.Inside("other.pem");
        File.Copy(KeyFile, other);
        Renew();
        foreach ((string? cert, string? key, string message) in new[]
        {
            (CertFile, null, "admin.tls.cert-file is set and admin.tls.key-file is not"),
            (null, KeyFile, "admin.tls.key-file is set and admin.tls.cert-file is not"),
            (CertFile, _folder.Inside("absent.pem"), $"admin.tls.key-file: cannot read \"{_folder.Inside("absent.pem")}\""),
            (CertFile, other, "cannot be used"),
            (KeyFile, KeyFile, "cannot be used"),
        })
        {
            await using ChildProcess program = Launch(new TaskCompletionSource<Uri>(), cert, key);
            Assert.Equal(1, await program.WaitAsync(Cancelled).WaitAsync(Patience, Cancelled));
            Assert.Contains(message, program.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", program.Output, StringComparison.Ordinal);
        }
    }

    private static async Task<string> OfferedAsync(Uri admin)
    {
        string thumbprint = string.Empty;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    thumbprint = ((X509Certificate2)certificate!).Thumbprint;
                    return true;
                },
            },
        };
        using var client = new HttpClient(handler);
        using HttpResponseMessage answer = await client.GetAsync(new Uri(admin, "/version"), Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return thumbprint;
    }

    private ChildProcess Launch(TaskCompletionSource<Uri> address, string? certFile, string? keyFile)
    {
        string[] cert = certFile is null ? [] : ["--set", $"admin.tls.cert-file={certFile}"];
        string[] key = keyFile is null ? [] : ["--set", $"admin.tls.key-file={keyFile}"];
        return ServerProcess.Launch(
            _folder.Inside("data"),
            line =>
            {
                if (Listening().Match(line) is { Success: true } match)
                    address.TrySetResult(new Uri(match.Groups[1].Value));
            },
            [.. cert, .. key]);
    }

    /// <summary>Writes a certificate of its own and its key; returns its thumbprint.</summary>
    private string Renew(bool hasKey = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(CertFile, certificate.ExportCertificatePem());
        File.WriteAllText(hasKey ? KeyFile : KeyFile + ".late", key.ExportPkcs8PrivateKeyPem());
        return certificate.Thumbprint;
    }

    [GeneratedRegex(@"^listening admin=(\S+) ")]
    private static partial Regex Listening();
}
