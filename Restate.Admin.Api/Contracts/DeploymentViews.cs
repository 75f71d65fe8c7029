using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Deployments of <c>GET /deployments</c>.</summary>
/// <param name="Deployments">All of them.</param>
public sealed record DeploymentListView(
    [property: JsonPropertyName("deployments")] IReadOnlyList<DeploymentView<ServiceRevisionView>> Deployments);

/// <summary>A service by name and revision.</summary>
/// <param name="Name">Name.</param>
/// <param name="Revision">The revision this deployment holds.</param>
public sealed record ServiceRevisionView(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("revision")] uint Revision);

/// <summary>A deployment.</summary>
/// <typeparam name="TService">How its services are shown: by revision in a list, in full alone.</typeparam>
public sealed record DeploymentView<TService>
{
    /// <summary>Id.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>Address.</summary>
    [JsonPropertyName("uri")]
    public required string Uri { get; init; }

    /// <summary><c>RequestResponse</c> or <c>BidiStream</c>.</summary>
    [JsonPropertyName("protocol_type")]
    public required string ProtocolType { get; init; }

    /// <summary><c>HTTP/2.0</c> or <c>HTTP/1.1</c>.</summary>
    [JsonPropertyName("http_version")]
    public required string HttpVersion { get; init; }

    /// <summary>Headers sent with every request; absent when there are none.</summary>
    [JsonPropertyName("additional_headers")]
    public IReadOnlyDictionary<string, string>? AdditionalHeaders { get; init; }

    /// <summary>Labels; absent when there are none.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>When it was registered, RFC 3339 with nanoseconds.</summary>
    [JsonPropertyName("created_at")]
    public required string CreatedAt { get; init; }

    /// <summary>Lowest service protocol version.</summary>
    [JsonPropertyName("min_protocol_version")]
    public required int MinProtocolVersion { get; init; }

    /// <summary>Highest service protocol version.</summary>
    [JsonPropertyName("max_protocol_version")]
    public required int MaxProtocolVersion { get; init; }

    /// <summary>What the endpoint calls itself.</summary>
    [JsonPropertyName("sdk_version")]
    public string? SdkVersion { get; init; }

    /// <summary>What it exposes.</summary>
    [JsonPropertyName("services")]
    public required IReadOnlyList<TService> Services { get; init; }
}

/// <summary>Answer to <c>POST /deployments</c>.</summary>
public sealed record RegisteredDeploymentView
{
    /// <summary>Id of the deployment.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>Its services as they are now, or would be after a dry run.</summary>
    [JsonPropertyName("services")]
    public required IReadOnlyList<ServiceView> Services { get; init; }

    /// <summary>Lowest service protocol version.</summary>
    [JsonPropertyName("min_protocol_version")]
    public required int MinProtocolVersion { get; init; }

    /// <summary>Highest service protocol version.</summary>
    [JsonPropertyName("max_protocol_version")]
    public required int MaxProtocolVersion { get; init; }

    /// <summary>What the endpoint calls itself.</summary>
    [JsonPropertyName("sdk_version")]
    public string? SdkVersion { get; init; }
}

/// <summary>Body of <c>POST /deployments</c>, for the API document; the endpoint reads it field by field.</summary>
public sealed record RegisterDeploymentRequest
{
    /// <summary>Absolute http or https address of the SDK endpoint.</summary>
    [JsonPropertyName("uri")]
    public required string Uri { get; init; }

    /// <summary>Headers to send with every request to it.</summary>
    [JsonPropertyName("additional_headers")]
    public IReadOnlyDictionary<string, string>? AdditionalHeaders { get; init; }

    /// <summary>Labels.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>True talks HTTP/1.1 to it instead of HTTP/2.</summary>
    [JsonPropertyName("use_http_11")]
    public bool UseHttp11 { get; init; }

    /// <summary>True allows changes that old callers may not survive, such as another service type.</summary>
    [JsonPropertyName("breaking")]
    public bool Breaking { get; init; }

    /// <summary>True discovers again and overwrites a deployment at the same address; default false, true under <c>/v2</c>.</summary>
    [JsonPropertyName("force")]
    public bool? Force { get; init; }

    /// <summary>True answers as it would, and stores nothing.</summary>
    [JsonPropertyName("dry_run")]
    public bool DryRun { get; init; }
}

/// <summary>Body of <c>PATCH /deployments/{deployment}</c>, for the API document; the endpoint reads it field by field.</summary>
public sealed record UpdateDeploymentRequest
{
    /// <summary>Absolute http or https address of the SDK endpoint from now on.</summary>
    [JsonPropertyName("uri")]
    public string? Uri { get; init; }

    /// <summary>Headers to send with every request to it, instead of those it has.</summary>
    [JsonPropertyName("additional_headers")]
    public IReadOnlyDictionary<string, string>? AdditionalHeaders { get; init; }

    /// <summary>True talks HTTP/1.1 to the new address.</summary>
    [JsonPropertyName("use_http_11")]
    public bool? UseHttp11 { get; init; }

    /// <summary>True replaces its services by those the endpoint exposes now.</summary>
    [JsonPropertyName("overwrite")]
    public bool Overwrite { get; init; }

    /// <summary>True answers as it would, and stores nothing.</summary>
    [JsonPropertyName("dry_run")]
    public bool DryRun { get; init; }
}

/// <summary>How the bodies of deployments, services and versions are written.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeploymentListView))]
[JsonSerializable(typeof(DeploymentView<ServiceView>))]
[JsonSerializable(typeof(RegisteredDeploymentView))]
[JsonSerializable(typeof(ServiceListView))]
[JsonSerializable(typeof(ServiceView))]
[JsonSerializable(typeof(HandlerListView))]
[JsonSerializable(typeof(HandlerView))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(VersionView))]
[JsonSerializable(typeof(ClusterHealthView))]
[JsonSerializable(typeof(ErrorBody))]
public sealed partial class DeploymentJsonContext : JsonSerializerContext
{
    /// <summary>The context that leaves quotes and other letters readable; the bodies never stand in HTML.</summary>
    public static DeploymentJsonContext Plain { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
