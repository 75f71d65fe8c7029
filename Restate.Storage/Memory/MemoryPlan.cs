using Restate.Storage.Configuration;
using Restate.Storage.Types;

namespace Restate.Storage.Memory;

/// <summary>What a plan is computed from.</summary>
/// <param name="Configuration">The effective configuration.</param>
/// <param name="Limit">The memory limit of the process.</param>
/// <param name="CountedPartitions">Partitions that hold a share, 0 or more.</param>
/// <param name="OtherPoolsBytes">Capacities of all pools besides RocksDB's, for the comparison with the limit.</param>
public sealed record MemoryPlanInputs(
    RestateConfiguration Configuration, ProcessMemoryLimit Limit, int CountedPartitions, long OtherPoolsBytes);

/// <summary>The memtable memory of one component.</summary>
/// <param name="Component">Whose.</param>
/// <param name="AskedBytes">The explicit budget, or ratio × memtable memory with a minimum.</param>
/// <param name="BudgetBytes">What it gets: all budgets together never exceed the memtable memory.</param>
/// <param name="Settings">Write buffers of one database of the component.</param>
/// <param name="OverSubscribed">True when even the smallest write buffers exceed the budget.</param>
public sealed record ComponentPlan(
    MemoryComponent Component, long AskedBytes, long BudgetBytes, WriteBufferSettings Settings, bool OverSubscribed);

/// <summary>How the memory of RocksDB is divided. A pure function of configuration, process limit and partition count.</summary>
public sealed partial record MemoryPlan
{
    /// <summary>The smallest total: 256 MiB.</summary>
    public const long MinTotalBytes = 256L << 20;

    /// <summary>The smallest memtable memory: 32 MiB.</summary>
    public const long MinMemtablesBytes = 32L << 20;

    /// <summary>Excess of asked budgets, as a part of the memtable memory, that is taken for rounding of float32 ratios and not warned of.</summary>
    private const int RoundingPart = 1000;

    private MemoryPlan()
    {
    }

    /// <summary>Capacity of the block cache, which memtables are charged to.</summary>
    public required long TotalBytes { get; init; }

    /// <summary>Capacity of the write buffer manager.</summary>
    public required long MemtablesBytes { get; init; }

    /// <summary>What always remains for data blocks: total − memtables.</summary>
    public long BlockCacheBytes => TotalBytes - MemtablesBytes;

    /// <summary>Components in the order of <see cref="MemoryComponent"/>; the log's is absent where logs are in memory.</summary>
    public required IReadOnlyList<ComponentPlan> Components { get; init; }

    /// <summary>Partitions that the partition-store budget was divided by.</summary>
    public required int CountedPartitions { get; init; }

    /// <summary>Share of one partition.</summary>
    public required long PartitionBudgetBytes { get; init; }

    /// <summary>True when the smallest write buffers of some component's databases exceed its budget.</summary>
    public bool OverSubscribed => Components.Any(component => component.OverSubscribed);

    /// <summary>What an operator should know about this plan.</summary>
    public required IReadOnlyList<MemoryWarning> Warnings { get; init; }

    /// <summary>Plan of a component; null when it has no database in this configuration.</summary>
    public ComponentPlan? Find(MemoryComponent component) =>
        Components.FirstOrDefault(candidate => candidate.Component == component);

    /// <summary>Write buffers for a database of a component. Log server and local loglet stand for each other.</summary>
    public WriteBufferSettings SettingsFor(MemoryComponent component) =>
        FindForDatabase(component)?.Settings ?? WriteBufferSizing.ForSingleDatabase(0).Settings;

    /// <summary>Budget that the databases of a component live on. Log server and local loglet stand for each other.</summary>
    public long BudgetFor(MemoryComponent component) => FindForDatabase(component)?.BudgetBytes ?? 0;

    /// <summary>Computes the plan.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The partition count is negative.</exception>
    public static MemoryPlan Compute(MemoryPlanInputs inputs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(inputs.CountedPartitions);
        RestateConfiguration configuration = inputs.Configuration;
        long total = Math.Max(MinTotalBytes, configuration.RocksDbTotalMemorySize.ToInt64());
        float ratio = Math.Clamp(configuration.RocksDbTotalMemtablesRatio, 0.1f, 1f);
        long memtables = Math.Min(total, Math.Max(MinMemtablesBytes, Part(total, ratio)));

        List<(MemoryComponent Component, long Asked)> asks = Ask(configuration, memtables);
        Int128 sum = 0;
        foreach ((MemoryComponent _, long asked) in asks)
            sum += asked;

        int counted = inputs.CountedPartitions;
        var components = new List<ComponentPlan>(asks.Count);
        long share = 0;
        foreach ((MemoryComponent component, long asked) in asks)
        {
            long budget = sum <= memtables ? asked : (long)((Int128)asked * memtables / sum);
            WriteBufferSizing sizing;
            if (component == MemoryComponent.PartitionStore)
            {
                share = budget / Math.Max(1, counted);
                sizing = WriteBufferSizing.ForPartition(share);
            }
            else
            {
                sizing = WriteBufferSizing.ForSingleDatabase(budget);
            }

            components.Add(new ComponentPlan(component, asked, budget, sizing.Settings, sizing.OverSubscribed));
        }

        var plan = new MemoryPlan
        {
            TotalBytes = total,
            MemtablesBytes = memtables,
            Components = components,
            CountedPartitions = counted,
            PartitionBudgetBytes = share,
            Warnings = [],
        };
        return plan with { Warnings = Warn(plan, inputs, sum) };
    }

    private ComponentPlan? FindForDatabase(MemoryComponent component) => Find(component) ?? component switch
    {
        MemoryComponent.LogServer => Find(MemoryComponent.LocalLoglet),
        MemoryComponent.LocalLoglet => Find(MemoryComponent.LogServer),
        _ => null,
    };

    /// <summary>A share of a size as the peer computes it: the float32 ratio widened, the product rounded down.</summary>
    private static long Part(long bytes, float ratio) => Math.Min(bytes, (long)Math.Floor(bytes * (double)ratio));

    private static List<(MemoryComponent Component, long Asked)> Ask(RestateConfiguration configuration, long memtables)
    {
        const long MinData = 32L << 20;
        const long MinMetadata = 8L << 20;
        var asks = new List<(MemoryComponent, long)>
        {
            (MemoryComponent.PartitionStore,
                Asked(configuration.WorkerStorage.RocksDbMemoryBudget, configuration.WorkerStorage.RocksDbMemoryRatio, memtables, MinData)),
        };
        if (configuration.Bifrost.DefaultProvider == "replicated")
            asks.Add((MemoryComponent.LogServer, Asked(configuration.LogServer, memtables, MinData)));
        asks.Add((MemoryComponent.MetadataServer, Asked(configuration.MetadataServer, memtables, MinMetadata)));
        if (configuration.Bifrost.DefaultProvider == "local")
            asks.Add((MemoryComponent.LocalLoglet, Asked(configuration.Bifrost.Local, memtables, MinData)));
        return asks;
    }

    private static long Asked(ComponentMemoryOptions options, long memtables, long minimum) =>
        Asked(options.RocksDbMemoryBudget, options.RocksDbMemoryRatio, memtables, minimum);

    private static long Asked(ByteSize? budget, float ratio, long memtables, long minimum) =>
        budget?.ToInt64() ?? Math.Max(minimum, Part(memtables, Math.Clamp(ratio, 0f, 1f)));
}
