using System.Globalization;

namespace Restate.Storage.Memory;

public sealed partial record MemoryPlan
{
    private static List<MemoryWarning> Warn(MemoryPlan plan, MemoryPlanInputs inputs, Int128 asked)
    {
        var warnings = new List<MemoryWarning>();
        long limit = inputs.Limit.Bytes;
        string limitText = $"the process memory limit of {MemoryText.Size(limit)} ({inputs.Limit.Source})";
        if (Over(plan.TotalBytes, limit) is { } rocksDb)
        {
            warnings.Add(new MemoryWarning(
                rocksDb.Guaranteed ? MemoryWarningCodes.RocksDbGuaranteed : MemoryWarningCodes.RocksDbRisk,
                $"'rocksdb-total-memory-size' parameter is set to {MemoryText.Size(plan.TotalBytes)}, {rocksDb.Than} {limitText}. {rocksDb.Verdict}",
                "lower rocksdb-total-memory-size to 20 to 50 % of the limit, or raise the limit"));
        }

        long pools = (long)Int128.Min(long.MaxValue, (Int128)plan.TotalBytes + inputs.OtherPoolsBytes);
        if (Over(pools, limit) is { } all)
        {
            warnings.Add(new MemoryWarning(
                all.Guaranteed ? MemoryWarningCodes.PoolsGuaranteed : MemoryWarningCodes.PoolsRisk,
                $"all memory pools together are planned at {MemoryText.Size(pools)}, {all.Than} {limitText}. {all.Verdict}",
                "lower rocksdb-total-memory-size, admin.query-engine.memory-size or bifrost.record-cache-memory-size, or raise the limit"));
        }

        if (asked - plan.MemtablesBytes > plan.MemtablesBytes / RoundingPart)
        {
            string figures = string.Join(", ", plan.Components.Select(component =>
                $"{component.Component.Name()} {MemoryText.Size(component.AskedBytes)} -> {MemoryText.Size(component.BudgetBytes)}"));
            warnings.Add(new MemoryWarning(
                MemoryWarningCodes.BudgetsScaled,
                $"the components ask for {MemoryText.Size((long)Int128.Min(long.MaxValue, asked))} of memtables, more than the {MemoryText.Size(plan.MemtablesBytes)} there are; scaled: {figures}",
                "lower rocksdb-memory-ratio or rocksdb-memory-budget of a component, or raise rocksdb-total-memory-size or rocksdb-total-memtables-ratio"));
        }

        warnings.AddRange(plan.Components.Where(component => component.OverSubscribed).Select(component => new MemoryWarning(
            MemoryWarningCodes.OverSubscribed,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{component.Component.Name()}: {MemoryText.Size(component.BudgetBytes)} do not hold {component.Settings.MaxWriteBuffers} write buffers of {MemoryText.Size(component.Settings.WriteBufferBytes)} for each of {(component.Component == MemoryComponent.PartitionStore ? plan.CountedPartitions : 1)} databases"),
            "raise rocksdb-total-memory-size or the component's budget, or close partitions")));
        return warnings;
    }

    private static (bool Guaranteed, string Than, string Verdict)? Over(long bytes, long limit)
    {
        if (bytes > limit)
            return (true, "more than", "This guarantees an OOM under load; keep it under 50% of process memory");

        // Whole numbers: exactly nine tenths are no warning, whatever the limit.
        return (Int128)bytes * 10 > (Int128)limit * 9
            ? (false, "more than 90% of", "This risks an OOM under load; keep it under 50% of process memory")
            : null;
    }
}
