using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Answer of <c>GET</c> and <c>PATCH /memory/query-engine</c>.</summary>
/// <param name="Generation">Generation of the configuration shown as desired; also the ETag.</param>
/// <param name="AppliedGeneration">Generation whose settings hold in all parts of the engine.</param>
/// <param name="Desired">The settings in force. New queries and the watch over memory follow them at once.</param>
/// <param name="Applied">The settings that hold in all parts of the engine.</param>
/// <param name="Refusal">Why DuckDB's own limit is not what the settings say, as long as it is not; it is asked again when a query ends and at every tick of the memory controller. Null when it is.</param>
/// <param name="Usage">What is used now.</param>
public sealed record MemoryQueryEngineView(
    [property: JsonPropertyName("generation")] long Generation,
    [property: JsonPropertyName("applied_generation")] long AppliedGeneration,
    [property: JsonPropertyName("desired")] MemoryQueryEngineSettings Desired,
    [property: JsonPropertyName("applied"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] MemoryQueryEngineSettings? Applied,
    [property: JsonPropertyName("refusal"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal,
    [property: JsonPropertyName("usage")] MemoryQueryEngineUsageView Usage);

/// <summary>The query engine's settings by their TOML paths.</summary>
public sealed record MemoryQueryEngineSettings
{
    /// <summary>Memory of all queries together, in bytes.</summary>
    [JsonPropertyName("admin.query-engine.memory-size")]
    public required long MemorySize { get; init; }

    /// <summary>Longest time of a query, such as "60s".</summary>
    [JsonPropertyName("admin.query-engine.query-timeout")]
    public required string QueryTimeout { get; init; }
}

/// <summary>The query engine's memory now.</summary>
/// <param name="CapacityBytes">What all queries together may hold; the watch ends the youngest query past it.</param>
/// <param name="DuckDbLimitBytes">DuckDB's own limit, a share of the capacity, as DuckDB took it last.</param>
/// <param name="DuckDbBytes">What DuckDB holds.</param>
/// <param name="OwnBytes">Vectors and output outside DuckDB.</param>
/// <param name="SpillBytes">Spilled data on disk.</param>
/// <param name="RunningQueries">Queries that run.</param>
/// <param name="WaitingQueries">Queries that wait for others to end.</param>
public sealed record MemoryQueryEngineUsageView(
    [property: JsonPropertyName("capacity_bytes")] long CapacityBytes,
    [property: JsonPropertyName("duckdb_limit_bytes")] long DuckDbLimitBytes,
    [property: JsonPropertyName("duckdb_bytes")] long DuckDbBytes,
    [property: JsonPropertyName("own_bytes")] long OwnBytes,
    [property: JsonPropertyName("spill_bytes")] long SpillBytes,
    [property: JsonPropertyName("running_queries")] int RunningQueries,
    [property: JsonPropertyName("waiting_queries")] int WaitingQueries);
