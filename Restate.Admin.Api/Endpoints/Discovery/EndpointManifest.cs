using System.Text.Json;
using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Endpoints.Discovery;

/// <summary>What an SDK endpoint says of itself, manifest versions 1 to 4. Durations are milliseconds.</summary>
internal sealed class EndpointManifest
{
    public string? ProtocolMode { get; set; }

    [JsonRequired]
    public long MinProtocolVersion { get; set; }

    [JsonRequired]
    public long MaxProtocolVersion { get; set; }

    [JsonRequired]
    public List<ManifestService> Services { get; set; } = [];

    public string? LambdaCompression { get; set; }
}

/// <summary>The settings that a service and a handler of a manifest share.</summary>
internal abstract class ManifestSettings
{
    [JsonRequired]
    public string Name { get; set; } = "";

    public string? Documentation { get; set; }

    public Dictionary<string, string>? Metadata { get; set; }

    public ulong? InactivityTimeout { get; set; }

    public ulong? AbortTimeout { get; set; }

    public ulong? JournalRetention { get; set; }

    public ulong? IdempotencyRetention { get; set; }

    public bool? EnableLazyState { get; set; }

    public bool? IngressPrivate { get; set; }

    public ulong? RetryPolicyInitialInterval { get; set; }

    public ulong? RetryPolicyMaxInterval { get; set; }

    public ulong? RetryPolicyMaxAttempts { get; set; }

    public double? RetryPolicyExponentiationFactor { get; set; }

    public string? RetryPolicyOnMaxAttempts { get; set; }
}

/// <summary>A service of a manifest.</summary>
internal sealed class ManifestService : ManifestSettings
{
    [JsonRequired]
    public string Ty { get; set; } = "";

    [JsonRequired]
    public List<ManifestHandler> Handlers { get; set; } = [];
}

/// <summary>A handler of a manifest.</summary>
internal sealed class ManifestHandler : ManifestSettings
{
    public string? Ty { get; set; }

    public ManifestPayload? Input { get; set; }

    public ManifestPayload? Output { get; set; }

    public ulong? WorkflowCompletionRetention { get; set; }
}

/// <summary>What a handler of a manifest takes or returns.</summary>
internal sealed class ManifestPayload
{
    public bool? Required { get; set; }

    public string? ContentType { get; set; }

    public JsonElement? JsonSchema { get; set; }

    public bool? SetContentTypeIfEmpty { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    // A setting this server does not know would be lost without a word; the endpoint must be told instead.
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(EndpointManifest))]
internal sealed partial class ManifestJsonContext : JsonSerializerContext;
