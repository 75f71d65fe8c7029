using System.Collections.Immutable;
using Restate.Admin.Api.Endpoints.Discovery;
using Restate.Storage.Metadata.Schema;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Endpoints;

/// <summary>A registration as asked for, checked.</summary>
/// <param name="Uri">Where the endpoint is.</param>
/// <param name="Http11">True for HTTP/1.1.</param>
/// <param name="AdditionalHeaders">Headers for every request to it; names in lower case.</param>
/// <param name="Metadata">Labels.</param>
/// <param name="Options">How to treat what is registered.</param>
internal sealed record DeploymentRequest(
    EndpointUri Uri,
    bool Http11,
    ImmutableSortedDictionary<string, string> AdditionalHeaders,
    ImmutableSortedDictionary<string, string> Metadata,
    RegistrationOptions Options)
{
    /// <summary>Reads the body of <c>POST /deployments</c>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="forceByDefault">What an absent <c>force</c> means.</param>
    /// <exception cref="RequestRejectedException">422: a field is missing or of the wrong type.</exception>
    /// <exception cref="DiscoveryException">400: the address cannot be used; 501: a kind of endpoint this server does not call.</exception>
    public static DeploymentRequest Read(JsonFields body, bool forceByDefault)
    {
        if (body.Text("uri") is not { } address)
        {
            throw body.Text("arn") is not null
                ? DiscoveryException.NotSupported(
                    "The request field 'arn' is not supported: this server does not call AWS Lambda functions. Allowed is 'uri' with the address of an HTTP endpoint.")
                : JsonFields.Shape("missing field `uri`");
        }

        bool force = body.Flag("force") ?? forceByDefault;
        var options = new RegistrationOptions(force, force || body.Flag("breaking", absent: false), body.Flag("dry_run", absent: false));
        bool http11 = body.Flag("use_http_11", absent: false);
        ImmutableSortedDictionary<string, string> headers = ReadHeaders(body);
        ImmutableSortedDictionary<string, string> metadata = body.TextMap("metadata");
        if (body.HasValue("auth"))
        {
            throw DiscoveryException.NotSupported(
                "The request field 'auth' is not supported: this server does not fetch identity tokens. Send a fixed one in 'additional_headers'.");
        }

        return new DeploymentRequest(ReadUri(address), http11, headers, metadata, options);
    }

    /// <summary>Reads the address of an endpoint.</summary>
    /// <exception cref="RequestRejectedException">422: it is no URI.</exception>
    /// <exception cref="DiscoveryException">400: it is one that cannot be used.</exception>
    public static EndpointUri ReadUri(string address)
    {
        if (address.Length == 0 || address.Any(c => c <= ' ' || c >= 0x7f))
            throw JsonFields.Shape($"uri: '{Redaction.ApplyToAddress(address)}' is not a URI");

        // What answers show in place of a user and a password must not come back as one.
        if (address.Contains("://***@", StringComparison.Ordinal))
            throw DiscoveryException.NotAllowed("The request field 'uri' is invalid. Reason: '***' stands in answers in place of user and password; give them, or leave them out.");
        return EndpointUri.TryParse(address, out EndpointUri? uri, out string? error)
            ? uri
            : throw DiscoveryException.NotAllowed($"The request field 'uri' is invalid. Reason: {error}");
    }

    /// <summary>Reads <c>additional_headers</c>; empty when absent or null.</summary>
    /// <exception cref="RequestRejectedException">422: a name or a value cannot stand in a header.</exception>
    public static ImmutableSortedDictionary<string, string> ReadHeaders(JsonFields body)
    {
        ImmutableSortedDictionary<string, string>.Builder headers = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in body.TextMap("additional_headers", nullable: true))
        {
            // The values may be secrets: they are not repeated.
            if (name.Length == 0 || !name.All(IsTokenCharacter))
                throw JsonFields.Shape($"additional_headers.{name}: invalid HTTP header name");
            if (value.Any(c => c is < ' ' and not '\t' or > '~'))
                throw JsonFields.Shape($"additional_headers.{name}: failed to parse header value; allowed are visible ASCII characters, spaces and tabs");
            headers[name.ToLowerInvariant()] = value;
        }

        return headers.ToImmutable();
    }

    private static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal);
}
