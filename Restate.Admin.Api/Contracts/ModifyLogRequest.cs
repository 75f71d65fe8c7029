using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Body of <c>PATCH /config/log</c>. Keys that are absent stay as they are; null takes back what was changed over REST.</summary>
/// <remarks>For the API document; the endpoint reads it key by key.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ModifyLogRequest
{
    /// <summary>Levels after commas, each alone or as target=level: off, error, warn, info, debug or trace.</summary>
    [JsonPropertyName("log-filter")]
    public string? Filter { get; init; }

    /// <summary>pretty, compact or json.</summary>
    [JsonPropertyName("log-format")]
    public string? Format { get; init; }

    /// <summary>True writes no colours, not even to a terminal.</summary>
    [JsonPropertyName("log-disable-ansi-codes")]
    public bool? DisableAnsiCodes { get; init; }
}
