using System.Collections.Immutable;
using Restate.Admin.Api.Endpoints.Discovery;
using Restate.Storage.Metadata.Schema;

namespace Restate.Admin.Api.Endpoints;

/// <summary>A change of a deployment as asked for, checked.</summary>
/// <param name="Uri">Where the endpoint is from now on; null leaves address and HTTP version as they are.</param>
/// <param name="Http11">True for HTTP/1.1 at the new address; has no meaning without one.</param>
/// <param name="AdditionalHeaders">Headers instead of those it has; null leaves them.</param>
/// <param name="Overwrite">True replaces its services by those found.</param>
/// <param name="DryRun">True stores nothing.</param>
internal sealed record DeploymentUpdate(
    EndpointUri? Uri, bool Http11, ImmutableSortedDictionary<string, string>? AdditionalHeaders, bool Overwrite, bool DryRun)
{
    /// <summary>Fields of the peer that are about AWS Lambda functions.</summary>
    private static readonly string[] LambdaFields = ["arn", "assume_role_arn"];

    /// <summary>True when nothing would change; the endpoint is then not asked either.</summary>
    public bool IsEmpty => Uri is null && AdditionalHeaders is null;

    /// <summary>Reads the body of <c>PATCH /deployments/{id}</c>.</summary>
    /// <exception cref="RequestRejectedException">422: a field is of the wrong type.</exception>
    /// <exception cref="DiscoveryException">400: the address cannot be used; 501: a kind of endpoint this server does not call.</exception>
    public static DeploymentUpdate Read(JsonFields body)
    {
        string? address = body.Text("uri");
        if (address is null && LambdaFields.FirstOrDefault(field => body.Text(field) is not null) is { } lambda)
        {
            throw DiscoveryException.NotSupported(
                $"The request field '{lambda}' is not supported: this server does not call AWS Lambda functions. Allowed are 'uri', 'additional_headers', 'use_http_11', 'overwrite' and 'dry_run'.");
        }

        bool http11 = body.Flag("use_http_11") ?? false;
        bool overwrite = body.Flag("overwrite", absent: false);
        bool dryRun = body.Flag("dry_run", absent: false);
        ImmutableSortedDictionary<string, string>? headers =
            body.HasValue("additional_headers") ? DeploymentRequest.ReadHeaders(body) : null;
        return new DeploymentUpdate(address is null ? null : DeploymentRequest.ReadUri(address), http11, headers, overwrite, dryRun);
    }
}
