using CsCheck;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

/// <summary>What holds for every plan, whatever is configured.</summary>
public sealed class MemoryPlanPropertyTests
{
    private static readonly Gen<ByteSize?> Budget = Gen.Frequency(
        (3, Gen.Const((ByteSize?)null)),
        (1, Gen.ULong[1, 8UL << 30].Select(bytes => (ByteSize?)new ByteSize(bytes))));

    private static readonly Gen<ComponentMemoryOptions> Component = Gen.Select(
        Budget, Gen.Float[0f, 1f], (budget, ratio) => new ComponentMemoryOptions { RocksDbMemoryBudget = budget, RocksDbMemoryRatio = ratio });

    private static readonly Gen<RestateConfiguration> Configurations = Gen.Select(
        Gen.ULong[1, 64UL << 30], Gen.Float[-1f, 2f], Component, Component, Component, Gen.OneOf(Gen.Const("replicated"), Gen.Const("local"), Gen.Const("in-memory")),
        (total, ratio, partitions, logs, metadata, provider) => new RestateConfiguration
        {
            NodeName = "n1",
            RocksDbTotalMemorySize = new ByteSize(total),
            RocksDbTotalMemtablesRatio = ratio,
            WorkerStorage = new WorkerStorageOptions { RocksDbMemoryBudget = partitions.RocksDbMemoryBudget, RocksDbMemoryRatio = partitions.RocksDbMemoryRatio },
            LogServer = logs,
            MetadataServer = metadata,
            Bifrost = new BifrostOptions { DefaultProvider = provider, Local = logs },
        });

    private static readonly Gen<int> Partitions = Gen.Int[0, 1024];

    [Fact]
    public void Parts_never_exceed_the_whole() => Gen.Select(Configurations, Partitions).Sample((configuration, partitions) =>
    {
        MemoryPlan plan = Plan(configuration, partitions);
        Assert.InRange(plan.MemtablesBytes, MemoryPlan.MinMemtablesBytes, plan.TotalBytes);
        Assert.True(plan.TotalBytes >= MemoryPlan.MinTotalBytes);
        Assert.Equal(plan.TotalBytes, plan.MemtablesBytes + plan.BlockCacheBytes);
        Assert.True(plan.Components.Sum(component => component.BudgetBytes) <= plan.MemtablesBytes);
        Assert.All(plan.Components, component => Assert.InRange(component.BudgetBytes, 0, component.AskedBytes));
        Assert.True((Int128)plan.PartitionBudgetBytes * partitions <= plan.Find(MemoryComponent.PartitionStore)!.BudgetBytes);
    });

    [Fact]
    public void Write_buffers_of_all_databases_fit_or_the_plan_says_so() => Gen.Select(Configurations, Partitions).Sample((configuration, partitions) =>
    {
        MemoryPlan plan = Plan(configuration, partitions);
        foreach (ComponentPlan component in plan.Components)
        {
            int databases = component.Component == MemoryComponent.PartitionStore ? Math.Max(1, partitions) : 1;
            Int128 held = (Int128)component.Settings.WriteBufferBytes * component.Settings.MaxWriteBuffers * databases;
            Assert.Equal(component.OverSubscribed, held > component.BudgetBytes && component.Settings.WriteBufferBytes == 64 << 10);
            Assert.True(component.OverSubscribed || held <= component.BudgetBytes);
            Assert.InRange(component.Settings.MaxWriteBuffers, 2, 12);
            Assert.InRange(component.Settings.ArenaBlockBytes, 64 << 10, 1 << 20);
        }

        Assert.Equal(plan.OverSubscribed, plan.Warnings.Any(warning => warning.Code == MemoryWarningCodes.OverSubscribed));
    });

    [Fact]
    public void The_effective_budgets_keep_the_proportion_of_what_was_asked() => Configurations.Sample(configuration =>
    {
        MemoryPlan plan = Plan(configuration, 24);
        long asked = plan.Components.Sum(component => component.AskedBytes);
        foreach (ComponentPlan component in plan.Components)
        {
            Int128 exact = asked <= plan.MemtablesBytes ? component.AskedBytes : (Int128)component.AskedBytes * plan.MemtablesBytes / asked;
            Assert.True(component.BudgetBytes == exact, $"{component} should have {exact}");
        }
    });

    [Fact]
    public void A_larger_total_makes_no_part_smaller() => Gen.Select(Configurations, Gen.ULong[0, 4UL << 30], Partitions).Sample((configuration, more, partitions) =>
    {
        // With explicit budgets among ratios the proportions move, and a component may well get less of more.
        RestateConfiguration ratios = configuration with
        {
            WorkerStorage = configuration.WorkerStorage with { RocksDbMemoryBudget = null },
            LogServer = configuration.LogServer with { RocksDbMemoryBudget = null },
            MetadataServer = configuration.MetadataServer with { RocksDbMemoryBudget = null },
            Bifrost = configuration.Bifrost with { Local = configuration.Bifrost.Local with { RocksDbMemoryBudget = null } },
        };
        MemoryPlan small = Plan(ratios, partitions);
        MemoryPlan large = Plan(ratios with { RocksDbTotalMemorySize = new ByteSize(ratios.RocksDbTotalMemorySize.Bytes + more) }, partitions);
        Assert.True(large.TotalBytes >= small.TotalBytes && large.MemtablesBytes >= small.MemtablesBytes);

        // Minimum budgets of 32 and 8 MiB distort proportions where the whole is small.
        if (small.Components.All(component => component.AskedBytes > 32 << 20))
            Assert.True(large.PartitionBudgetBytes >= small.PartitionBudgetBytes - 1);
    });

    [Fact]
    public void More_partitions_never_get_larger_shares() => Gen.Select(Configurations, Gen.Int[1, 1023]).Sample((configuration, partitions) =>
        Assert.True(Plan(configuration, partitions + 1).PartitionBudgetBytes <= Plan(configuration, partitions).PartitionBudgetBytes));

    [Fact]
    public void A_plan_depends_on_its_inputs_only() => Gen.Select(Configurations, Partitions).Sample((configuration, partitions) =>
    {
        MemoryPlan first = Plan(configuration, partitions);
        MemoryPlan second = Plan(configuration, partitions);
        Assert.Equal(first.Components, second.Components);
        Assert.Equal(first.Warnings, second.Warnings);
        Assert.Equal(first with { Components = [], Warnings = [] }, second with { Components = first.Components.Take(0).ToList(), Warnings = [] }, PlanFigures.Instance);
    });

    private static MemoryPlan Plan(RestateConfiguration configuration, int partitions) =>
        MemoryPlan.Compute(new MemoryPlanInputs(configuration, new ProcessMemoryLimit(8L << 30, "machine"), partitions, OtherPoolsBytes: 1L << 30));

    private sealed class PlanFigures : IEqualityComparer<MemoryPlan>
    {
        public static readonly PlanFigures Instance = new();

        public bool Equals(MemoryPlan? x, MemoryPlan? y) => Key(x!) == Key(y!);

        public int GetHashCode(MemoryPlan plan) => Key(plan).GetHashCode();

        private static (long, long, int, long) Key(MemoryPlan plan) =>
            (plan.TotalBytes, plan.MemtablesBytes, plan.CountedPartitions, plan.PartitionBudgetBytes);
    }
}
