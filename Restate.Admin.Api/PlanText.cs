using System.Globalization;
using System.Text;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;

namespace Restate.Admin.Api;

/// <summary>The memory plan as text, for <c>--plan</c>.</summary>
internal static class PlanText
{
    /// <summary>Computes the plan of a configuration and writes it down; opens nothing.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="partitions">Open partitions; null: the configured number.</param>
    public static string Write(RestateConfiguration configuration, int? partitions)
    {
        ProcessMemoryLimit limit = ProcessMemoryLimit.Detect(configuration.ProcessTotalMemorySize);
        long otherPools = configuration.Admin.QueryEngine.MemorySize.ToInt64() + configuration.Bifrost.RecordCacheMemorySize.ToInt64();
        MemoryPlan plan = MemoryPlan.Compute(new MemoryPlanInputs(configuration, limit, partitions ?? configuration.DefaultNumPartitions, otherPools));
        return Write(configuration, plan, limit);
    }

    /// <summary>Writes a plan down.</summary>
    /// <param name="configuration">The configuration it was computed from.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="limit">Memory limit of the process.</param>
    public static string Write(RestateConfiguration configuration, MemoryPlan plan, ProcessMemoryLimit limit)
    {
        var text = new StringBuilder();
        Line("process limit", limit.Bytes, limit.Source);
        Line("rocksdb total", plan.TotalBytes, "rocksdb-total-memory-size");
        Line("  memtables", plan.MemtablesBytes, "rocksdb-total-memtables-ratio");
        Line("  block cache", plan.BlockCacheBytes, "what memtables leave, at least");
        foreach (ComponentPlan component in plan.Components)
            Line("  " + component.Component.Name(), component.BudgetBytes, $"asked {new ByteSize((ulong)component.AskedBytes)}, write buffer {new ByteSize((ulong)component.Settings.WriteBufferBytes)}");
        Line("  one partition", plan.PartitionBudgetBytes, $"{plan.CountedPartitions} partitions{(plan.OverSubscribed ? ", over-subscribed" : string.Empty)}");
        Line("query engine", configuration.Admin.QueryEngine.MemorySize.ToInt64(), "admin.query-engine.memory-size");
        Line("record cache", configuration.Bifrost.RecordCacheMemorySize.ToInt64(), "bifrost.record-cache-memory-size");
        foreach (MemoryWarning warning in plan.Warnings)
            text.AppendLine(CultureInfo.InvariantCulture, $"warning {warning.Code}: {warning.Message}; {warning.WhatToDo}");
        return text.ToString();

        void Line(string name, long bytes, string note) =>
            text.AppendLine(CultureInfo.InvariantCulture, $"{name,-20} {bytes,14} {new ByteSize((ulong)bytes),-12} {note}");
    }
}
