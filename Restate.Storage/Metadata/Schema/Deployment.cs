using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Restate.Storage.Types;

namespace Restate.Storage.Metadata.Schema;

/// <summary>How the server talks to a deployment.</summary>
public enum ProtocolType
{
    /// <summary>A call is one request and one response; it suspends to wait.</summary>
    RequestResponse,

    /// <summary>Both sides stream as long as the call runs.</summary>
    BidiStream,
}

/// <summary>An endpoint that serves services, as found by discovery.</summary>
public sealed record Deployment
{
    /// <summary>Its id.</summary>
    public required DeploymentId Id { get; init; }

    /// <summary>Where it is.</summary>
    public required EndpointUri Uri { get; init; }

    /// <summary>How the server talks to it.</summary>
    public required ProtocolType ProtocolType { get; init; }

    /// <summary><c>HTTP/2.0</c> or <c>HTTP/1.1</c>.</summary>
    public required string HttpVersion { get; init; }

    /// <summary>Headers sent with every request to it; names in lower case. May hold secrets: not for logs.</summary>
    [JsonRequired]
    public ImmutableSortedDictionary<string, string> AdditionalHeaders { get; init; } = EmptyMap.Ordinal;

    /// <summary>Labels given at registration.</summary>
    [JsonRequired]
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } = EmptyMap.Ordinal;

    /// <summary>When it was registered, or last overwritten.</summary>
    [JsonRequired]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Lowest service protocol version it speaks.</summary>
    public required int MinProtocolVersion { get; init; }

    /// <summary>Highest service protocol version it speaks.</summary>
    public required int MaxProtocolVersion { get; init; }

    /// <summary>What it calls itself, such as <c>restate-sdk-typescript/1.17.2</c>; null when it does not say.</summary>
    public string? SdkVersion { get; init; }

    /// <summary>The services it exposes, each with the revision it got here.</summary>
    [JsonRequired]
    public ImmutableArray<ServiceSchema> Services { get; init; } = [];
}
