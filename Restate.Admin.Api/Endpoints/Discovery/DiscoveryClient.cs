using System.Buffers;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Restate.Storage.Metadata.Schema;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Endpoints.Discovery;

/// <summary>Bounds of discovery.</summary>
internal sealed record DiscoveryOptions
{
    /// <summary>Name of the cluster, told to the endpoint.</summary>
    public string ClusterName { get; init; } = "localcluster";

    /// <summary>Longest time for the whole exchange.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of a manifest.</summary>
    public int MaxManifestBytes { get; init; } = 8 << 20;
}

/// <summary>Asks SDK endpoints what they serve. Thread-safe.</summary>
internal sealed class DiscoveryClient : IDisposable
{
    /// <summary>What the HTTP version of a deployment is called that speaks the older one.</summary>
    public const string Http11 = "HTTP/1.1";

    private const int MaxEcho = 1024;
    private const string ManifestType = "application/vnd.restate.endpointmanifest.v{0}+json";

    private static readonly string[] ManifestTypes =
        [.. Enumerable.Range(1, 4).Select(version => ManifestType.Replace("{0}", $"{version}", StringComparison.Ordinal))];

    private readonly DiscoveryOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    public DiscoveryClient(DiscoveryOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // Registrations are rare; a kept connection would only hold a port of an endpoint that may be gone by then.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
        });
    }

    /// <summary>Asks an endpoint for its manifest.</summary>
    /// <param name="uri">Where the SDK is mounted.</param>
    /// <param name="http11">True for HTTP/1.1, false for HTTP/2: with prior knowledge on http, negotiated on https.</param>
    /// <param name="headers">Headers to add; kept with the deployment.</param>
    /// <param name="metadata">Labels; kept with the deployment.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    /// <returns>A deployment with a new id, its services without revisions.</returns>
    /// <exception cref="DiscoveryException">The endpoint cannot be reached, is no SDK endpoint, or serves what is not allowed.</exception>
    public async Task<Deployment> DiscoverAsync(
        EndpointUri uri,
        bool http11,
        ImmutableSortedDictionary<string, string> headers,
        ImmutableSortedDictionary<string, string> metadata,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using HttpRequestMessage request = Request(uri, http11, headers);
            using HttpResponseMessage response = await _http.SendAsync(request, either.Token);
            ReadOnlyMemory<byte> body = await ReadBodyAsync(response, either.Token);
            CheckResponse(response, body.Span);
            ManifestContent content = ManifestReader.Read(body.Span);
            return new Deployment
            {
                Id = DeploymentId.New(_time),
                Uri = uri,
                ProtocolType = content.ProtocolType,
                HttpVersion = http11 ? Http11 : "HTTP/2.0",
                AdditionalHeaders = headers,
                Metadata = metadata,
                CreatedAt = _time.GetUtcNow(),
                MinProtocolVersion = content.MinProtocolVersion,
                MaxProtocolVersion = content.MaxProtocolVersion,
                SdkVersion = response.Headers.TryGetValues("x-restate-server", out IEnumerable<string>? sdk) ? string.Join(", ", sdk) : null,
                Services = content.Services,
            };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw DiscoveryException.Unreachable(
                $"error when calling '{uri.Shown}': no complete answer within {ServiceDuration.Format(_options.Timeout)}", e);
        }
        catch (HttpRequestException e) when (!http11 && IsOtherProtocol(e))
        {
            throw DiscoveryException.OnlyHttp11(
                $"error when calling '{uri.Shown}': server possibly supports only HTTP1.1, consider discovery with --use-http1.1.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw DiscoveryException.Unreachable($"error when calling '{uri.Shown}': {e.GetBaseException().Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(EndpointUri uri, bool http11, ImmutableSortedDictionary<string, string> headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri.Append("discover"))
        {
            Version = http11 ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TryAddWithoutValidation("accept", string.Join(", ", ManifestTypes));
        request.Headers.TryAddWithoutValidation("x-restate-cluster-name", _options.ClusterName);
        foreach ((string name, string value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                throw DiscoveryException.NotAllowed($"The request field 'additional_headers' is invalid. Reason: '{name}' cannot be sent with a request.");
        }

        return request;
    }

    private async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            int read = await stream.ReadAsync(body.GetMemory(4096), cancellationToken);
            if (read == 0)
                return body.WrittenMemory;
            body.Advance(read);
            if (body.WrittenCount > _options.MaxManifestBytes)
                throw DiscoveryException.BadResponse($"the response is larger than {_options.MaxManifestBytes} bytes");
        }
    }

    private static void CheckResponse(HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        if (!response.IsSuccessStatusCode)
        {
            string hint = response.StatusCode == HttpStatusCode.NotFound
                ? ". Make sure the provided URI has the correct path where the Restate SDK endpoint is mounted"
                : "";
            throw DiscoveryException.Unreachable(
                $"got status code '{(int)response.StatusCode} {response.StatusCode}'{hint}. Body: " +
                Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxEcho)]));
        }

        string type = response.Content.Headers.TryGetValues("content-type", out IEnumerable<string>? values) ? string.Join(", ", values) : "";
        if (!ManifestTypes.Contains(type))
        {
            throw DiscoveryException.BadResponse(
                $"Bad content type header: \"{type}\". Expected one of '{string.Join(", ", ManifestTypes)}'");
        }
    }

    /// <summary>
    /// True when somebody is there who does not speak HTTP/2: answered our preface with something else, agreed on another version, or
    /// hung up on it. Which of these an HTTP/1.1 server is seen to do depends on who closes first.
    /// </summary>
    private static bool IsOtherProtocol(HttpRequestException e) => e.HttpRequestError
        is HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse or HttpRequestError.VersionNegotiationError

        // Without an inner one: the server hung up before the request was given to the connection.
        || (e.HttpRequestError == HttpRequestError.Unknown && e.InnerException is null or IOException)

        // An HTTP/1.1 server hangs up on the preface of HTTP/2; whether its answer is read before that is a matter of timing.
        || e.HttpRequestError == HttpRequestError.ResponseEnded
        || e.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown };
}
