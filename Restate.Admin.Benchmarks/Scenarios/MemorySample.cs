using System.Text.Json;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>What the server says about its memory at one moment, and what the kernel says.</summary>
/// <param name="Generation">Generation of the wanted settings.</param>
/// <param name="AppliedGeneration">Generation that is in force.</param>
/// <param name="Capacity">Bytes, from the write buffer manager's capacity metric.</param>
/// <param name="Usage">Bytes, from its usage metric.</param>
/// <param name="Resident">Resident bytes of the process.</param>
/// <param name="StoreBudget">Bytes for all partitions.</param>
/// <param name="OpenPartitions">Partitions that are counted.</param>
/// <param name="PartitionBudget">Bytes for one partition.</param>
internal sealed record MemorySample(
    long Generation,
    long AppliedGeneration,
    long Capacity,
    long Usage,
    long Resident,
    long StoreBudget,
    int OpenPartitions,
    long PartitionBudget)
{
    private const string CapacityMetric = "restate_rocksdb_memory_write_buffer_manager_capacity_bytes";
    private const string UsageMetric = "restate_rocksdb_memory_write_buffer_manager_usage_bytes";

    /// <exception cref="ScenarioException">A figure is absent.</exception>
    public static async Task<MemorySample> TakeAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        JsonElement document = await server.Admin.GetAsync("/memory/rocksdb", cancellationToken);
        JsonElement plan = document.GetProperty("plan");
        JsonElement store = plan.GetProperty("components").EnumerateArray()
            .Single(component => component.GetProperty("name").GetString() == "partition-store");
        return new MemorySample(
            document.GetProperty("generation").GetInt64(),
            document.GetProperty("applied_generation").GetInt64(),
            await MetricAsync(server, CapacityMetric, cancellationToken),
            await MetricAsync(server, UsageMetric, cancellationToken),
            ProcessMemory.ResidentBytes(server.Id),
            store.GetProperty("budget_bytes").GetInt64(),
            plan.GetProperty("open_partitions").GetInt32(),
            plan.GetProperty("partition_budget_bytes").GetInt64());
    }

    private static async Task<long> MetricAsync(ServerProcess server, string name, CancellationToken cancellationToken) =>
        await server.Admin.MetricAsync(name, cancellationToken)
        ?? throw new ScenarioException($"/metrics has no {name}");
}
