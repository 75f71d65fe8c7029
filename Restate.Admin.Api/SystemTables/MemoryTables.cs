using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Hosting;
using Restate.Storage.Memory;
using Restate.Storage.Processing;
using Restate.Storage.Types;
using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>Tables over the node's memory.</summary>
internal static class MemoryTables
{
    internal static readonly TableDefinition MemoryPools = new(
        "sys_memory_pools",
        "One named pool of memory with its capacity and use",
        [
            Text("name", "pool"),
            Number("capacity_bytes", "bytes it may hold"),
            Number("usage_bytes", "bytes it holds"),
            Text("config_key", "option that sets the capacity"),
            Text("source", "where that option comes from: default, file, env, cli or runtime"),
        ]);

    internal static readonly TableDefinition ComponentMemory = new(
        "sys_memory_components",
        "One component that shares the memtable memory, with its budget and use",
        [
            Text("name", "partition-store, log-server, metadata-server or local-loglet"),
            Number("asked_bytes", "its explicit budget, or its ratio of the memtable memory with a minimum"),
            Number("budget_bytes", "what it gets: all budgets together fit into the memtable memory"),
            Number("usage_bytes", "bytes in all memtables of its databases, those that readers still hold too"),
            Number("write_buffer_size_bytes", "size that the plan has for the memtables of each of its databases"),
            Small("databases", "its open databases"),
        ]);

    internal static readonly TableDefinition PartitionMemory = new(
        "sys_partition_memory",
        "One partition with its memtable memory",
        [
            Small("partition_id", "partition"),
            Text("state", "opening, open, draining or closed"),
            Number("budget_bytes", "its share of the memtable memory"),
            Number("write_buffer_size_bytes", "size at which its memtable is switched"),
            Number("target_write_buffer_size_bytes", "size that the plan has for it"),
            Number("active_memtable_bytes", "bytes in the memtable being written"),
            Number("all_memtables_bytes", "bytes in all memtables that are not flushed yet"),
            Number("pinned_memtable_bytes", "the same and those that readers still hold"),
            Flag("flush_pending", "a flush is waiting or running"),
            Flag("over_budget", "it holds more than its share"),
            Number("applied_lsn", "last record applied"),
            Number("durable_lsn", "last record that is in its files"),
        ]);

    internal static readonly TableDefinition Rebalances = new(
        "sys_rebalances",
        "One tick of the memory controller that did something or was asked for, newest first",
        [
            Time("at", "when it began"),
            Text("reason", "start, interval, configuration, request or guard"),
            Number("generation", "configuration it worked on"),
            Number("before_total_bytes", "block cache capacity at its begin"),
            Number("before_memtables_bytes", "write buffer manager capacity at its begin"),
            Number("before_memtable_usage_bytes", "bytes in all memtables at its begin"),
            Number("before_partition_budget_bytes", "share of one partition at its begin"),
            Small("before_open_partitions", "partitions that held a share at its begin"),
            Number("after_total_bytes", "block cache capacity at its end"),
            Number("after_memtables_bytes", "write buffer manager capacity at its end"),
            Number("after_memtable_usage_bytes", "bytes in all memtables at its end; started flushes are still running then"),
            Number("after_partition_budget_bytes", "share of one partition at its end"),
            Small("after_open_partitions", "partitions that held a share at its end"),
            Small("flushes", "flushes it started"),
            Number("flushes_expected_bytes", "bytes those should free"),
            Small("settings_queued", "databases whose write buffers are set behind the tick"),
            Real("duration_ms", "how long it took"),
            Texts("failures", "what went wrong"),
        ]);

    internal static readonly TableDefinition History = new(
        "sys_memory_history",
        "One pool in one sample of the process's memory: the last hour, every 10 s, oldest first, earlier runs included",
        [
            Time("at", "when the sample was taken"),
            Text("name", "pool"),
            Number("capacity_bytes", "bytes it might hold"),
            Number("usage_bytes", "bytes it held"),
            Number("rss_bytes", "anonymous resident memory of the process"),
            Signed("untracked_bytes", "resident memory that no pool explained; negative where pools count pages not yet touched"),
            Number("limit_bytes", "memory limit of the process"),
        ]);

    internal static MemoryTable Samples(RestateStorage storage) => History.Over(() =>
    [
        .. storage.History.Samples.SelectMany(sample => sample.Pools.Select(pool => new object?[]
        {
            sample.At,
            pool.Name,
            Unsigned(pool.CapacityBytes),
            Unsigned(pool.UsageBytes),
            Unsigned(sample.RssBytes),
            sample.UntrackedBytes,
            Unsigned(sample.LimitBytes),
        })),
    ]);

    internal static MemoryTable Pools(RestateStorage storage) => MemoryPools.Over(() =>
    [
        .. storage.Ledger.Read().Select(pool => new object?[]
        {
            pool.Name, Unsigned(pool.CapacityBytes), Unsigned(pool.UsageBytes), pool.ConfigKey, Name(pool.Source),
        }),
    ]);

    internal static MemoryTable Components(RestateStorage storage) => ComponentMemory.Over(() =>
    [
        .. ComponentUsage.Read(storage.Controller.PlanNow(), storage.SharedMemory.Targets).Select(component => new object?[]
        {
            component.Plan.Component.Name(),
            Unsigned(component.Plan.AskedBytes),
            Unsigned(component.Plan.BudgetBytes),
            Unsigned(component.UsageBytes),
            Unsigned(component.Plan.Settings.WriteBufferBytes),
            (uint)component.Databases,
        }),
    ]);

    internal static MemoryTable Partitions(RestateStorage storage) => PartitionMemory.Over(() => PartitionRows(storage));

    internal static MemoryTable RebalanceReports(RestateStorage storage) => Rebalances.Over(() =>
    [
        .. storage.Controller.Reports.Reverse().Select(report => new object?[]
        {
            report.At,
            Name(report.Trigger),
            Unsigned(report.Generation),
            Unsigned(report.Before.TotalBytes),
            Unsigned(report.Before.MemtablesBytes),
            Unsigned(report.Before.UsageBytes),
            Unsigned(report.Before.PartitionBudgetBytes),
            (uint)report.Before.CountedPartitions,
            Unsigned(report.After.TotalBytes),
            Unsigned(report.After.MemtablesBytes),
            Unsigned(report.After.UsageBytes),
            Unsigned(report.After.PartitionBudgetBytes),
            (uint)report.After.CountedPartitions,
            (uint)report.Flushes.Count,
            Unsigned(report.Flushes.Sum(flush => flush.ExpectedBytes)),
            (uint)report.SettingsQueued,
            report.Duration.TotalMilliseconds,
            report.Failures,
        }),
    ]);

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

    private static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
