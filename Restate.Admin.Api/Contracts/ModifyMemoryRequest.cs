using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>
/// Body of <c>PATCH /memory/rocksdb</c>. Keys that are absent stay as they are; null takes back what was changed over REST.
/// </summary>
/// <remarks>For the API document; the endpoint reads it key by key.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ModifyMemoryRequest
{
    /// <summary>Total for block cache and memtables: bytes, or text such as "512 MiB" or "40%" of the process limit; at least 256 MiB.</summary>
    [JsonPropertyName("rocksdb-total-memory-size")]
    public SizeSetting? TotalMemorySize { get; init; }

    /// <summary>Share of the total for memtables, 0.1 to 1.</summary>
    [JsonPropertyName("rocksdb-total-memtables-ratio"), Range(0.1, 1.0)]
    public float? TotalMemtablesRatio { get; init; }

    /// <summary>Partition stores: explicit budget, bytes or text; beats the ratio.</summary>
    [JsonPropertyName("worker.storage.rocksdb-memory-budget")]
    public SizeSetting? PartitionStoreBudget { get; init; }

    /// <summary>Partition stores: share of the memtables, 0 to 1.</summary>
    [JsonPropertyName("worker.storage.rocksdb-memory-ratio"), Range(0.0, 1.0)]
    public float? PartitionStoreRatio { get; init; }

    /// <summary>True stops the controller's reclaiming flushes.</summary>
    [JsonPropertyName("worker.storage.rocksdb-disable-auto-memory-reclaimer")]
    public bool? DisableAutoMemoryReclaimer { get; init; }

    /// <summary>Time between two ticks of the controller, such as "5s"; 100 ms to 1 h.</summary>
    [JsonPropertyName("worker.storage.rocksdb-rebalance-interval")]
    public string? RebalanceInterval { get; init; }

    /// <summary>Log server: explicit budget, bytes or text; beats the ratio.</summary>
    [JsonPropertyName("log-server.rocksdb-memory-budget")]
    public SizeSetting? LogServerBudget { get; init; }

    /// <summary>Log server: share of the memtables, 0 to 1.</summary>
    [JsonPropertyName("log-server.rocksdb-memory-ratio"), Range(0.0, 1.0)]
    public float? LogServerRatio { get; init; }

    /// <summary>Metadata server: explicit budget, bytes or text; beats the ratio.</summary>
    [JsonPropertyName("metadata-server.rocksdb-memory-budget")]
    public SizeSetting? MetadataServerBudget { get; init; }

    /// <summary>Metadata server: share of the memtables, 0 to 1.</summary>
    [JsonPropertyName("metadata-server.rocksdb-memory-ratio"), Range(0.0, 1.0)]
    public float? MetadataServerRatio { get; init; }

    /// <summary>Local loglet: explicit budget, bytes or text; beats the ratio.</summary>
    [JsonPropertyName("bifrost.local.rocksdb-memory-budget")]
    public SizeSetting? LocalLogletBudget { get; init; }

    /// <summary>Local loglet: share of the memtables, 0 to 1.</summary>
    [JsonPropertyName("bifrost.local.rocksdb-memory-ratio"), Range(0.0, 1.0)]
    public float? LocalLogletRatio { get; init; }
}
