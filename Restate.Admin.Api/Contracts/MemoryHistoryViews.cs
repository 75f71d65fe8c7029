using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Answer of <c>GET /memory/history</c>.</summary>
/// <param name="IntervalSeconds">Time between two samples of one run.</param>
/// <param name="Samples">The samples, oldest first, at most an hour of them.</param>
public sealed record MemoryHistoryView(
    [property: JsonPropertyName("interval_seconds")] double IntervalSeconds,
    [property: JsonPropertyName("samples")] IReadOnlyList<MemoryHistorySampleView> Samples);

/// <summary>The memory of the process at one moment.</summary>
/// <param name="At">When, RFC 3339.</param>
/// <param name="LimitBytes">What the process may use.</param>
/// <param name="RssBytes">Anonymous resident memory.</param>
/// <param name="UntrackedBytes">Resident memory that no pool explains; negative where pools count pages not yet touched.</param>
/// <param name="Pools">All named pools.</param>
public sealed record MemoryHistorySampleView(
    [property: JsonPropertyName("at")] string At,
    [property: JsonPropertyName("limit_bytes")] long LimitBytes,
    [property: JsonPropertyName("rss_bytes")] long RssBytes,
    [property: JsonPropertyName("untracked_bytes")] long UntrackedBytes,
    [property: JsonPropertyName("pools")] IReadOnlyList<MemoryHistoryPoolView> Pools);

/// <summary>A pool in a sample.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CapacityBytes">What it may use.</param>
/// <param name="UsageBytes">What it used.</param>
public sealed record MemoryHistoryPoolView(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("capacity_bytes")] long CapacityBytes,
    [property: JsonPropertyName("usage_bytes")] long UsageBytes);
