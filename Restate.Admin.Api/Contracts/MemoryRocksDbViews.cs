using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Answer of <c>GET</c> and <c>PATCH /memory/rocksdb</c>.</summary>
/// <param name="Generation">Generation of the configuration shown as desired; also the ETag.</param>
/// <param name="AppliedGeneration">Generation that the memory controller has carried out; 0 before its first tick.</param>
/// <param name="Desired">The settings in force.</param>
/// <param name="Applied">The settings carried out; null before the controller's first tick.</param>
/// <param name="Plan">The division of memory that the desired settings lead to.</param>
/// <param name="Usage">What is used now.</param>
/// <param name="NextTickAt">When the controller looks again, RFC 3339.</param>
public sealed record MemoryRocksDbView(
    [property: JsonPropertyName("generation")] long Generation,
    [property: JsonPropertyName("applied_generation")] long AppliedGeneration,
    [property: JsonPropertyName("desired")] MemoryRocksDbSettings Desired,
    [property: JsonPropertyName("applied"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] MemoryRocksDbSettings? Applied,
    [property: JsonPropertyName("plan")] MemoryRocksDbPlanView Plan,
    [property: JsonPropertyName("usage")] MemoryRocksDbUsageView Usage,
    [property: JsonPropertyName("next_tick_at")] string NextTickAt);

/// <summary>RocksDB's memory settings by their TOML paths; sizes in bytes. In a PATCH a size may also be text such as "512 MiB".</summary>
public sealed record MemoryRocksDbSettings
{
    /// <summary>Total for block cache and memtables.</summary>
    [JsonPropertyName("rocksdb-total-memory-size")]
    public required long TotalMemorySize { get; init; }

    /// <summary>Share of the total for memtables, 0.1 to 1.</summary>
    [JsonPropertyName("rocksdb-total-memtables-ratio")]
    public required float TotalMemtablesRatio { get; init; }

    /// <summary>Partition stores: explicit budget.</summary>
    [JsonPropertyName("worker.storage.rocksdb-memory-budget"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long? PartitionStoreBudget { get; init; }

    /// <summary>Partition stores: share of the memtables, 0 to 1.</summary>
    [JsonPropertyName("worker.storage.rocksdb-memory-ratio")]
    public required float PartitionStoreRatio { get; init; }

    /// <summary>True stops the controller's reclaiming flushes.</summary>
    [JsonPropertyName("worker.storage.rocksdb-disable-auto-memory-reclaimer")]
    public required bool DisableAutoMemoryReclaimer { get; init; }

    /// <summary>Time between two ticks of the controller, such as "5s".</summary>
    [JsonPropertyName("worker.storage.rocksdb-rebalance-interval")]
    public required string RebalanceInterval { get; init; }

    /// <summary>Log server: explicit budget.</summary>
    [JsonPropertyName("log-server.rocksdb-memory-budget"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long? LogServerBudget { get; init; }

    /// <summary>Log server: share of the memtables, 0 to 1.</summary>
    [JsonPropertyName("log-server.rocksdb-memory-ratio")]
    public required float LogServerRatio { get; init; }

    /// <summary>Metadata server: explicit budget.</summary>
    [JsonPropertyName("metadata-server.rocksdb-memory-budget"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long? MetadataServerBudget { get; init; }

    /// <summary>Metadata server: share of the memtables, 0 to 1.</summary>
    [JsonPropertyName("metadata-server.rocksdb-memory-ratio")]
    public required float MetadataServerRatio { get; init; }

    /// <summary>Local loglet: explicit budget.</summary>
    [JsonPropertyName("bifrost.local.rocksdb-memory-budget"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long? LocalLogletBudget { get; init; }

    /// <summary>Local loglet: share of the memtables, 0 to 1.</summary>
    [JsonPropertyName("bifrost.local.rocksdb-memory-ratio")]
    public required float LocalLogletRatio { get; init; }
}

/// <summary>How RocksDB's memory is divided.</summary>
/// <param name="TotalBytes">Block cache capacity, memtables included.</param>
/// <param name="MemtablesBytes">Write buffer manager capacity.</param>
/// <param name="BlockCacheBytes">What always remains for data blocks.</param>
/// <param name="Components">The parts of the memtable memory.</param>
/// <param name="OpenPartitions">Partitions that hold a share: opening, open, or closed for less than 30 s.</param>
/// <param name="PartitionBudgetBytes">Share of one partition.</param>
/// <param name="WriteBufferSizeBytes">Write buffer size of one partition.</param>
/// <param name="OverSubscribed">True when not even the smallest write buffers fit.</param>
public sealed record MemoryRocksDbPlanView(
    [property: JsonPropertyName("total_bytes")] long TotalBytes,
    [property: JsonPropertyName("memtables_bytes")] long MemtablesBytes,
    [property: JsonPropertyName("block_cache_bytes")] long BlockCacheBytes,
    [property: JsonPropertyName("components")] IReadOnlyList<MemoryComponentView> Components,
    [property: JsonPropertyName("open_partitions")] int OpenPartitions,
    [property: JsonPropertyName("partition_budget_bytes")] long PartitionBudgetBytes,
    [property: JsonPropertyName("write_buffer_size_bytes")] long WriteBufferSizeBytes,
    [property: JsonPropertyName("over_subscribed")] bool OverSubscribed);

/// <summary>Memtable memory of a component.</summary>
/// <param name="Name"><c>partition-store</c>, <c>log-server</c>, <c>metadata-server</c> or <c>local-loglet</c>.</param>
/// <param name="AskedBytes">Its explicit budget or its share.</param>
/// <param name="BudgetBytes">What it gets.</param>
/// <param name="UsageBytes">What its databases use.</param>
public sealed record MemoryComponentView(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("asked_bytes")] long AskedBytes,
    [property: JsonPropertyName("budget_bytes")] long BudgetBytes,
    [property: JsonPropertyName("usage_bytes")] long UsageBytes);

/// <summary>RocksDB's memory now.</summary>
/// <param name="WriteBufferManagerBytes">All memtables as the write buffer manager counts them.</param>
/// <param name="BlockCacheBytes">Block cache, the charge for memtables included.</param>
/// <param name="BlockCachePinnedBytes">What of it cannot be evicted.</param>
/// <param name="MemtableBytes">All memtables as the databases count them, pinned ones too.</param>
/// <param name="MemtableUnflushedBytes">Memtables that are not on disk.</param>
public sealed record MemoryRocksDbUsageView(
    [property: JsonPropertyName("write_buffer_manager_bytes")] long WriteBufferManagerBytes,
    [property: JsonPropertyName("block_cache_bytes")] long BlockCacheBytes,
    [property: JsonPropertyName("block_cache_pinned_bytes")] long BlockCachePinnedBytes,
    [property: JsonPropertyName("memtable_bytes")] long MemtableBytes,
    [property: JsonPropertyName("memtable_unflushed_bytes")] long MemtableUnflushedBytes);
