using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Configuration;
using Restate.Storage.Hosting;
using Restate.Storage.Memory;
using Restate.Storage.Processing;
using Restate.Storage.Types;

namespace Restate.Admin.Api;

/// <summary>The SQL tables of a node: what they show and where it comes from.</summary>
internal static class SystemTables
{
    /// <summary>All tables over a node's storage.</summary>
    public static IReadOnlyList<SqlTable> Over(RestateStorage storage) =>
    [
        new StateTable(new PartitionStateSource(storage.Partitions)),
        Services(storage),
        MemoryPools(storage),
        PartitionMemory(storage),
    ];

    private static MemoryTable Services(RestateStorage storage) => new(
        "sys_service",
        [
            new("name", SqlType.Utf8),
            new("revision", SqlType.UInt64),
            new("public", SqlType.Boolean),
            new("ty", SqlType.Utf8),
            new("deployment_id", SqlType.Utf8),
        ],
        () => [.. storage.Schema.EnumerateServices().Select(service =>
            new object?[] { service.Name, service.Revision, service.Public, service.Type, service.DeploymentId })]);

    private static MemoryTable MemoryPools(RestateStorage storage) => new(
        "sys_memory_pools",
        [
            new("name", SqlType.Utf8),
            new("capacity_bytes", SqlType.UInt64),
            new("usage_bytes", SqlType.UInt64),
            new("config_key", SqlType.Utf8),
            new("source", SqlType.Utf8),
        ],
        () => [.. storage.Ledger.Read().Select(pool =>
            new object?[] { pool.Name, Unsigned(pool.CapacityBytes), Unsigned(pool.UsageBytes), pool.ConfigKey, Name(pool.Source) })]);

    private static MemoryTable PartitionMemory(RestateStorage storage) => new(
        "sys_partition_memory",
        [
            new("partition_id", SqlType.UInt32),
            new("state", SqlType.Utf8),
            new("budget_bytes", SqlType.UInt64),
            new("write_buffer_size_bytes", SqlType.UInt64),
            new("target_write_buffer_size_bytes", SqlType.UInt64),
            new("active_memtable_bytes", SqlType.UInt64),
            new("all_memtables_bytes", SqlType.UInt64),
            new("pinned_memtable_bytes", SqlType.UInt64),
            new("flush_pending", SqlType.Boolean),
            new("over_budget", SqlType.Boolean),
            new("applied_lsn", SqlType.UInt64),
            new("durable_lsn", SqlType.UInt64),
        ],
        () => PartitionRows(storage));

    private static object?[][] PartitionRows(RestateStorage storage)
    {
        MemoryPlan plan = storage.Controller.PlanFor(storage.Configuration.Current.Value);
        WriteBufferSettings target = plan.SettingsFor(MemoryComponent.PartitionStore);
        Dictionary<PartitionId, IMemoryTarget> databases = storage.SharedMemory.Targets
            .Where(database => database.Partition is not null)
            .ToDictionary(database => database.Partition!.Value);
        return [.. storage.Partitions.Status().Select(Row)];

        object?[] Row(PartitionStatus partition)
        {
            IMemoryTarget? database = databases.GetValueOrDefault(partition.Partition);
            MemtableSample sample = database?.Sample() ?? default;
            return
            [
                (uint)partition.Partition.Value,
                partition.State.ToString().ToLowerInvariant(),
                Unsigned(database is null ? 0 : plan.PartitionBudgetBytes),
                Unsigned(database?.AppliedSettings.WriteBufferBytes ?? 0),
                Unsigned(database is null ? 0 : target.WriteBufferBytes),
                Unsigned(sample.ActiveBytes),
                Unsigned(sample.AllBytes),
                Unsigned(sample.PinnedBytes),
                sample.FlushPending,
                database is not null && sample.UnflushedBytes > plan.PartitionBudgetBytes,
                partition.AppliedLsn.Value,
                partition.DurableLsn.Value,
            ];
        }
    }

    private static ulong Unsigned(long bytes) => (ulong)Math.Max(0, bytes);

    private static string Name(ConfigurationSource source) => source.ToString().ToLowerInvariant();
}
