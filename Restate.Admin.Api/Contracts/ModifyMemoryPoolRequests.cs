using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>
/// Body of <c>PATCH /memory/query-engine</c>. Keys that are absent stay as they are; null takes back what was changed over REST.
/// </summary>
/// <remarks>For the API document; the endpoint reads it key by key.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ModifyQueryEngineMemoryRequest
{
    /// <summary>Memory of all queries together: bytes, or text such as "512 MiB" or "20%" of the process limit; above 0.</summary>
    [JsonPropertyName("admin.query-engine.memory-size")]
    public SizeSetting? MemorySize { get; init; }

    /// <summary>Longest time of a query, such as "60s"; 1 ms to 1 d.</summary>
    [JsonPropertyName("admin.query-engine.query-timeout")]
    public string? QueryTimeout { get; init; }
}

/// <summary>
/// Body of <c>PATCH /memory/record-cache</c>. Keys that are absent stay as they are; null takes back what was changed over REST.
/// </summary>
/// <remarks>For the API document; the endpoint reads it key by key.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ModifyRecordCacheMemoryRequest
{
    /// <summary>Most bytes of recent log records to retain: bytes, or text such as "64 MiB" or "5%" of the process limit; 0 keeps none.</summary>
    [JsonPropertyName("bifrost.record-cache-memory-size")]
    public SizeSetting? MemorySize { get; init; }
}
