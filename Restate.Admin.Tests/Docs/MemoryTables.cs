using System.Globalization;
using System.Text;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;

namespace Restate.Admin.Tests.Docs;

/// <summary>The tables of <c>docs/memory.md</c>, computed by the product's plan, forecast and guard.</summary>
internal static class MemoryTables
{
    private static readonly int[] PartitionCounts = [24, 128, 512, 1024];

    /// <summary>The containers that settings are recommended for.</summary>
    public static IEnumerable<(ByteSize Limit, int Partitions)> Containers =>
        from mebibytes in (ulong[])[512, 640, 1024, 2048, 4096, 8192, 16384]
        from partitions in (int[])[24, 128]
        select (ByteSize.FromMiB(mebibytes), partitions);

    public static RestateConfiguration Defaults { get; } = new() { NodeName = "n1" };

    public static ProcessMemoryLimit LimitOf(ByteSize limit) => new(limit.ToInt64(), "config");

    public static string Recommended() => Table(
        "Container | Partitions | `rocksdb-total-memory-size` | `admin.query-engine.memory-size` | `bifrost.record-cache-memory-size` | `log-server.rocksdb-memory-ratio` | Planned | Heap limit | Share of a partition",
        Containers.Select(container =>
        {
            MemoryRecommendation settings = MemoryRecommendation.For(Defaults, LimitOf(container.Limit), container.Partitions)!;
            MemoryForecast forecast = MemoryForecast.Compute(settings.Apply(Defaults), LimitOf(container.Limit), container.Partitions);
            return Row(
                container.Limit,
                container.Partitions,
                MemoryRecommendation.Text(settings.RocksDb),
                MemoryRecommendation.Text(settings.QueryEngine),
                MemoryRecommendation.Text(settings.RecordCache),
                settings.LogServerRatio is { } ratio ? ratio.ToString(CultureInfo.InvariantCulture) : "default",
                string.Create(CultureInfo.InvariantCulture, $"{Size(forecast.PlannedBytes)} ({100.0 * forecast.PlannedBytes / container.Limit.Bytes:0} %)"),
                Size(forecast.Pools.Single(pool => pool.Name == NodePools.GcHeap).CapacityBytes),
                Size(forecast.Plan.PartitionBudgetBytes));
        }));

    public static string Constants() => Table("Figure | Value",
    [
        Row("smallest `rocksdb-total-memory-size`", Size(MemoryPlan.MinTotalBytes)),
        Row("smallest memtable memory", Size(MemoryPlan.MinMemtablesBytes)),
        Row("`rocksdb-overhead` of a database", Size(NodePools.BytesPerDatabase)),
        Row("`reserve`", string.Create(CultureInfo.InvariantCulture, $"{100 / NodePools.ReservePart} % of the limit")),
        Row("smallest limit of the heap", Size(GcHeapBudget.MinBytes)),
        Row("largest limit of the heap, limit of the process 1 GiB", Size(GcHeapBudget.Compute(1L << 30, 0))),
        Row("largest limit of the heap, limit of the process 16 GiB", Size(GcHeapBudget.Compute(16L << 30, 0))),
        Row("planned for the heap by `--plan`", Size(MemoryForecast.HeapBytes)),
    ]);

    public static string Split(long totalBytes, int partitions)
    {
        RestateConfiguration configuration = Defaults with { RocksDbTotalMemorySize = new ByteSize((ulong)totalBytes) };
        MemoryPlan plan = MemoryForecast.Compute(configuration, new ProcessMemoryLimit(1L << 50, "machine"), partitions).Plan;
        return Table("Part | Asked | Effective | Write buffers of a database",
        [
            Row("block cache (total)", Size(totalBytes), Size(plan.TotalBytes), string.Empty),
            Row("left to data blocks always", string.Empty, Size(plan.BlockCacheBytes), string.Empty),
            Row("memtables", string.Empty, Size(plan.MemtablesBytes), string.Empty),
            .. plan.Components.Select(component => Row(
                $"`{component.Component.Name()}`", Size(component.AskedBytes), Size(component.BudgetBytes), Buffers(component.Settings))),
            Row("one partition", string.Empty, Size(plan.PartitionBudgetBytes), string.Empty),
        ]);
    }

    public static string Partitions() => Table(
        "`rocksdb-total-memory-size` | " + string.Join(" | ", PartitionCounts.Select(count => $"{count} partitions")),
        ((long[])[256, 512, 1024, 2048]).Select(mebibytes => Row(
        [
            Size(mebibytes << 20),
            .. PartitionCounts.Select(count =>
            {
                RestateConfiguration configuration = Defaults with { RocksDbTotalMemorySize = ByteSize.FromMiB((ulong)mebibytes) };
                MemoryPlan plan = MemoryForecast.Compute(configuration, new ProcessMemoryLimit(1L << 50, "machine"), count).Plan;
                ComponentPlan stores = plan.Find(MemoryComponent.PartitionStore)!;
                return $"{Size(plan.PartitionBudgetBytes)}: {Buffers(stores.Settings)}{(stores.OverSubscribed ? ", **over-subscribed**" : string.Empty)}";
            }),
        ])));

    public static string GuardSteps() => Table("Step | Name | What it does", Enum.GetValues<GuardStep>().Where(step => step != GuardStep.None).Select(step =>
        Row((int)step, $"`{step.Name()}`", step switch
        {
            GuardStep.TrimAllocator => "free pages of allocator and managed heap go back to the operating system",
            GuardStep.ShrinkCache => $"the block cache gives up what is missing, down to {Size(MemoryGuard.ShrunkCacheBytes)} of data blocks",
            GuardStep.CloseQueries => "new queries get 503 with `Retry-After`",
            GuardStep.ShrinkWriteBuffers => $"memtables may take {Size(MemoryGuard.ShrunkMemtablesBytes)}",
            GuardStep.DelayWrites => "appends wait for memory, then get 503 with `Retry-After`",
            _ => throw new InvalidOperationException($"{step} is not described"),
        })));

    public static string GuardMarks() => Table(
        string.Create(CultureInfo.InvariantCulture, $"Limit | Room for code, at most | A step is taken from ({GuardState.EnterAt:0.##}), one each {GuardState.Dwell.TotalSeconds} s | No waiting from ({GuardState.UrgentAt:0.##}) | Undone below ({GuardState.LeaveAt:0.##}), after {GuardState.Calm.TotalSeconds} s"),
        ((long[])[512, 640, 1024, 2048, 4096]).Select(mebibytes =>
        {
            long limit = mebibytes << 20;
            long code = Math.Min(MemoryGuard.MaxCodeBytes, limit / MemoryGuard.MaxCodePart);
            long room = limit - code;
            return Row(Size(limit), Size(code), Size((long)(room * GuardState.EnterAt)), Size((long)(room * GuardState.UrgentAt)), Size((long)(room * GuardState.LeaveAt)));
        }));

    private static string Buffers(in WriteBufferSettings settings) => $"{settings.MaxWriteBuffers} × {Size(settings.WriteBufferBytes)}";

    private static string Size(long bytes) => new ByteSize((ulong)bytes).ToString();

    private static string Row(params IEnumerable<object> cells) =>
        "| " + string.Join(" | ", cells.Select(cell => Convert.ToString(cell, CultureInfo.InvariantCulture))) + " |";

    private static string Table(string head, IEnumerable<string> rows)
    {
        var text = new StringBuilder();
        text.Append("| ").Append(head).Append(" |\n|").Insert(text.Length, "---|", head.Split(" | ").Length).Append('\n');
        foreach (string row in rows)
            text.Append(row).Append('\n');
        return text.ToString();
    }
}
