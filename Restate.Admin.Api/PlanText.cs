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
        return Write(configuration, MemoryForecast.Compute(configuration, limit, partitions ?? configuration.DefaultNumPartitions));
    }

    /// <summary>Writes a plan down.</summary>
    /// <param name="configuration">The configuration it was computed from.</param>
    /// <param name="forecast">The plan and the pools.</param>
    public static string Write(RestateConfiguration configuration, MemoryForecast forecast)
    {
        ProcessMemoryLimit limit = forecast.Limit;
        MemoryPlan plan = forecast.Plan;
        var text = new StringBuilder();
        Line("process limit", limit.Bytes, limit.Source);
        foreach (PlannedPool pool in forecast.Pools)
        {
            Line(pool.Name, pool.CapacityBytes, pool.ConfigKey ?? Note(pool));
            if (pool.Name == MemoryLedger.RocksDb)
                WriteRocksDb();
        }

        Line("planned", forecast.PlannedBytes, string.Create(CultureInfo.InvariantCulture, $"{100.0 * forecast.PlannedBytes / limit.Bytes:0.0} % of the process limit"));
        foreach (MemoryWarning warning in plan.Warnings)
            text.AppendLine(CultureInfo.InvariantCulture, $"warning {warning.Code}: {warning.Message}; {warning.WhatToDo}");
        if (plan.Warnings.Count > 0 && MemoryRecommendation.For(configuration, limit, plan.CountedPartitions) is { } fitting)
            text.Append(CultureInfo.InvariantCulture, $"settings that fit:\n{fitting.ToToml()}");
        return text.ToString();

        void WriteRocksDb()
        {
            Line("  memtables", plan.MemtablesBytes, "rocksdb-total-memtables-ratio");
            Line("  block cache", plan.BlockCacheBytes, "what memtables leave, at least");
            foreach (ComponentPlan component in plan.Components)
                Line("  " + component.Component.Name(), component.BudgetBytes, $"asked {Size(component.AskedBytes)}, {Buffers(component.Settings)}");
            Line("  one partition", plan.PartitionBudgetBytes, $"{plan.CountedPartitions} partitions{(plan.OverSubscribed ? ", over-subscribed" : string.Empty)}");
        }

        void Line(string name, long bytes, string note) =>
            text.AppendLine(CultureInfo.InvariantCulture, $"{name,-20} {bytes,14} {Size(bytes),-12} {note}");
    }

    private static string Note(PlannedPool pool) => pool.Name switch
    {
        NodePools.GcHeap => $"its limit, what the others leave within bounds; {Size(pool.PlannedBytes)} are planned",
        NodePools.Overhead => $"{Size(NodePools.BytesPerDatabase)} for each open database",
        NodePools.Reserve => "a twentieth of the process limit",
        _ => string.Empty,
    };

    private static string Buffers(in WriteBufferSettings settings) => $"{settings.MaxWriteBuffers} write buffers of {Size(settings.WriteBufferBytes)}";

    private static ByteSize Size(long bytes) => new((ulong)bytes);
}
