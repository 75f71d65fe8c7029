using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Answer of <c>GET</c> and <c>PATCH /memory/record-cache</c>.</summary>
/// <param name="Generation">Generation of the configuration shown as desired; also the ETag.</param>
/// <param name="AppliedGeneration">Generation whose size the cache has.</param>
/// <param name="Desired">The settings in force.</param>
/// <param name="Applied">The settings that the cache has.</param>
/// <param name="Usage">What is used now.</param>
public sealed record MemoryRecordCacheView(
    [property: JsonPropertyName("generation")] long Generation,
    [property: JsonPropertyName("applied_generation")] long AppliedGeneration,
    [property: JsonPropertyName("desired")] MemoryRecordCacheSettings Desired,
    [property: JsonPropertyName("applied"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] MemoryRecordCacheSettings? Applied,
    [property: JsonPropertyName("usage")] MemoryRecordCacheUsageView Usage);

/// <summary>The record cache's settings by their TOML paths.</summary>
public sealed record MemoryRecordCacheSettings
{
    /// <summary>Most bytes of recent log records to retain; 0 keeps none.</summary>
    [JsonPropertyName("bifrost.record-cache-memory-size")]
    public required long MemorySize { get; init; }
}

/// <summary>The record cache now.</summary>
/// <param name="CapacityBytes">Most bytes it retains.</param>
/// <param name="UsedBytes">Bytes it retains.</param>
/// <param name="Entries">Records it holds.</param>
/// <param name="Hits">Records read from it since the start.</param>
/// <param name="Misses">Reads that went to the log store since the start.</param>
/// <param name="HitRatio">Hits by hits and misses; null before the first read.</param>
public sealed record MemoryRecordCacheUsageView(
    [property: JsonPropertyName("capacity_bytes")] long CapacityBytes,
    [property: JsonPropertyName("used_bytes")] long UsedBytes,
    [property: JsonPropertyName("entries")] long Entries,
    [property: JsonPropertyName("hits")] long Hits,
    [property: JsonPropertyName("misses")] long Misses,
    [property: JsonPropertyName("hit_ratio"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? HitRatio);
