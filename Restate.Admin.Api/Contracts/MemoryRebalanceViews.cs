using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Answer of <c>GET /memory/rebalances</c>.</summary>
/// <param name="Rebalances">The last reports, newest first.</param>
public sealed record MemoryRebalancesView(
    [property: JsonPropertyName("rebalances")] IReadOnlyList<MemoryRebalanceView> Rebalances);

/// <summary>What one tick of the memory controller did.</summary>
/// <param name="At">When it began, RFC 3339.</param>
/// <param name="Reason"><c>start</c>, <c>interval</c>, <c>configuration</c> or <c>request</c>.</param>
/// <param name="Generation">The configuration it worked on.</param>
/// <param name="Before">Figures at its begin.</param>
/// <param name="After">Figures at its end; started flushes are still running then.</param>
/// <param name="Flushes">Flushes it started, the one that frees most first.</param>
/// <param name="SettingsQueued">Databases whose write buffers are set behind the tick.</param>
/// <param name="DurationMs">How long it took.</param>
/// <param name="Failures">What went wrong, a line each.</param>
public sealed record MemoryRebalanceView(
    [property: JsonPropertyName("at")] string At,
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("generation")] long Generation,
    [property: JsonPropertyName("before")] MemoryFiguresView Before,
    [property: JsonPropertyName("after")] MemoryFiguresView After,
    [property: JsonPropertyName("flushes")] IReadOnlyList<MemoryFlushView> Flushes,
    [property: JsonPropertyName("settings_queued")] int SettingsQueued,
    [property: JsonPropertyName("duration_ms")] double DurationMs,
    [property: JsonPropertyName("failures")] IReadOnlyList<string> Failures);

/// <summary>Figures around a tick.</summary>
/// <param name="TotalBytes">Block cache capacity.</param>
/// <param name="MemtablesBytes">Write buffer manager capacity.</param>
/// <param name="MemtableUsageBytes">Bytes in all memtables.</param>
/// <param name="PartitionBudgetBytes">Share of one partition.</param>
/// <param name="OpenPartitions">Partitions that hold a share.</param>
public sealed record MemoryFiguresView(
    [property: JsonPropertyName("total_bytes")] long TotalBytes,
    [property: JsonPropertyName("memtables_bytes")] long MemtablesBytes,
    [property: JsonPropertyName("memtable_usage_bytes")] long MemtableUsageBytes,
    [property: JsonPropertyName("partition_budget_bytes")] long PartitionBudgetBytes,
    [property: JsonPropertyName("open_partitions")] int OpenPartitions);

/// <summary>A flush that a tick started.</summary>
/// <param name="Database">The database.</param>
/// <param name="Reason"><c>over_capacity</c>, <c>over_share</c>, <c>over_budget</c> or <c>idle</c>.</param>
/// <param name="ExpectedBytes">What it should free.</param>
public sealed record MemoryFlushView(
    [property: JsonPropertyName("database")] string Database,
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("expected_bytes")] long ExpectedBytes);
