using CsCheck;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

public sealed class MemoryPlanTests
{
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;

    private static readonly Gen<(long Total, float Ratio, int Partitions, float Share, long? Budget)> AnyInputs = Gen.Select(
        Gen.Long[256 * MiB, 64 * GiB],
        Gen.Float[0.1f, 1f],
        Gen.Int[1, 1024],
        Gen.Float[0f, 1f],
        Gen.Frequency((4, Gen.Const((long?)null)), (1, Gen.Long[1, 128 * GiB].Select(bytes => (long?)bytes))));

    [Theory]
    [InlineData(2 * GiB, 0.85f, 1825361152)]
    [InlineData(512 * MiB, 0.85f, 456340288)]
    [InlineData(600 * MiB, 0.85f, 534773775)]
    [InlineData(300 * MiB, 0.85f, 267386887)]
    [InlineData(256 * MiB, 0.85f, 228170144)]
    [InlineData(100, 0.85f, 228170144)]
    [InlineData(256 * MiB, 0.1f, 32 * MiB)]
    [InlineData(256 * MiB, 1f, 256 * MiB)]
    public void Memtables_are_the_peers_share_of_the_total(long total, float ratio, long memtables) =>
        Assert.Equal(memtables, Plan(total, ratio).MemtablesBytes);

    [Fact]
    public void Defaults_give_each_component_its_share_without_a_warning()
    {
        MemoryPlan plan = Plan(2 * GiB, 0.85f, partitions: 24);
        Assert.Equal(
            [MemoryComponent.PartitionStore, MemoryComponent.LogServer, MemoryComponent.MetadataServer],
            plan.Components.Select(component => component.Component));
        Assert.Equal([894426981, 912680576, 18253611], plan.Components.Select(component => component.AskedBytes));
        Assert.Equal(plan.PartitionBudgetBytes, plan.Components[0].BudgetBytes / 24);
        Assert.Equal(plan.PartitionBudgetBytes / 4, plan.Components[0].Settings.WriteBufferBytes);
        Assert.Equal(new WriteBufferSettings(plan.Components[0].Settings.WriteBufferBytes, MiB, 4, 2), plan.Components[0].Settings);
        Assert.Empty(plan.Warnings);
    }

    [Fact]
    public void The_smallest_total_scales_the_metadata_minimum_in_and_says_so()
    {
        MemoryPlan plan = Plan(256 * MiB, 0.85f, partitions: 24);
        Assert.Equal(8 * MiB, plan.Find(MemoryComponent.MetadataServer)!.AskedBytes);
        Assert.All(plan.Components, component => Assert.True(component.BudgetBytes < component.AskedBytes));
        MemoryWarning warning = Assert.Single(plan.Warnings);
        Assert.Equal(MemoryWarningCodes.BudgetsScaled, warning.Code);
        Assert.Contains("partition-store 106.6 MiB", warning.Message, StringComparison.Ordinal);
        Assert.Contains("217.6 MiB", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_explicit_budget_beats_the_ratio()
    {
        var configuration = Configuration(2 * GiB, 0.85f) with
        {
            WorkerStorage = new WorkerStorageOptions { RocksDbMemoryBudget = new ByteSize(100 * (ulong)MiB), RocksDbMemoryRatio = 0.9f },
        };
        ComponentPlan partitions = Plan(configuration, 10).Find(MemoryComponent.PartitionStore)!;
        Assert.Equal(100 * MiB, partitions.AskedBytes);
        Assert.Equal(100 * MiB, partitions.BudgetBytes);
    }

    [Fact]
    public void The_local_loglet_stands_in_for_the_log_server()
    {
        var configuration = Configuration(2 * GiB, 0.85f) with { Bifrost = new BifrostOptions { DefaultProvider = "local" } };
        MemoryPlan plan = Plan(configuration, 1);
        Assert.Null(plan.Find(MemoryComponent.LogServer));
        Assert.Equal(912680576, plan.Find(MemoryComponent.LocalLoglet)!.AskedBytes);
        Assert.Equal(plan.SettingsFor(MemoryComponent.LocalLoglet), plan.SettingsFor(MemoryComponent.LogServer));
    }

    [Theory]
    [InlineData(5 * MiB, 4, 1310720, 163840, 2)]
    [InlineData(4 * MiB, 4, 1048576, 131072, 2)]
    [InlineData(3 * MiB, 3, 1048576, 131072, 2)]
    [InlineData(2 * MiB, 2, 1048576, 131072, 1)]
    [InlineData(MiB, 2, 524288, 65536, 1)]
    [InlineData(128 << 10, 2, 65536, 65536, 1)]
    public void Small_shares_get_fewer_and_then_smaller_buffers(long share, int buffers, long size, long arena, int merge)
    {
        WriteBufferSizing sizing = WriteBufferSizing.ForPartition(share);
        Assert.Equal(new WriteBufferSettings(size, arena, buffers, merge), sizing.Settings);
        Assert.False(sizing.OverSubscribed);
    }

    [Fact]
    public void Below_the_smallest_buffers_the_plan_is_over_subscribed()
    {
        Assert.True(WriteBufferSizing.ForPartition((128 << 10) - 1).OverSubscribed);
        MemoryPlan plan = Plan(
            Configuration(256 * MiB, 0.1f) with { WorkerStorage = new WorkerStorageOptions { RocksDbMemoryBudget = ByteSize.FromMiB(32) } }, 1024);
        Assert.True(plan.OverSubscribed);
        Assert.Contains(plan.Warnings, warning => warning.Code == MemoryWarningCodes.OverSubscribed
            && warning.Message.Contains("each of 1024 databases", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(32 * MiB, 4 * MiB, 8)]
    [InlineData(20 * MiB, 4 * MiB, 5)]
    [InlineData(6 * MiB, 3 * MiB, 2)]
    [InlineData(GiB, 128 * MiB, 8)]
    [InlineData(3 * GiB, 256 * MiB, 12)]
    [InlineData(30 * GiB, 256 * MiB, 12)]
    public void The_log_gets_buffers_of_an_eighth_of_its_budget(long budget, long size, int buffers)
    {
        WriteBufferSettings settings = WriteBufferSizing.ForSingleDatabase(budget).Settings;
        Assert.Equal((size, buffers, 1), (settings.WriteBufferBytes, settings.MaxWriteBuffers, settings.MinToMerge));
    }

    [Theory]
    [InlineData(90, null, null)]
    [InlineData(91, MemoryWarningCodes.RocksDbRisk, "more than 90% of")]
    [InlineData(100, MemoryWarningCodes.RocksDbRisk, "This risks an OOM under load")]
    [InlineData(101, MemoryWarningCodes.RocksDbGuaranteed, "This guarantees an OOM under load")]
    public void A_total_near_the_limit_is_a_warning(int percent, string? code, string? text)
    {
        long limit = 1000 * MiB;
        MemoryPlan plan = MemoryPlan.Compute(new MemoryPlanInputs(
            Configuration(limit / 100 * percent, 0.85f), new ProcessMemoryLimit(limit, "cgroup v2 /x"), 1, OtherPoolsBytes: 0));
        MemoryWarning? warning = plan.Warnings.FirstOrDefault(warning => warning.Code.StartsWith("rocksdb", StringComparison.Ordinal));
        Assert.Equal(code, warning?.Code);
        if (text is not null)
            Assert.Contains(text, warning!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, MemoryWarningCodes.RocksDbRisk)]
    public void Exactly_nine_tenths_are_no_warning_whatever_the_limit(int above, string? code)
    {
        foreach (long part in (long[])[30_000_001, 214_748_365, 3_333_333_333])
        {
            MemoryPlan plan = MemoryPlan.Compute(new MemoryPlanInputs(
                Configuration((9 * part) + above, 0.85f), new ProcessMemoryLimit(10 * part, "machine"), 1, OtherPoolsBytes: 0));
            Assert.Equal(code, plan.Warnings.FirstOrDefault(warning => warning.Code == MemoryWarningCodes.RocksDbRisk)?.Code);
        }
    }

    [Theory]
    [InlineData(1400, null)]
    [InlineData(1500, MemoryWarningCodes.PoolsRisk)]
    [InlineData(2000, MemoryWarningCodes.PoolsGuaranteed)]
    public void All_pools_together_near_the_limit_are_a_warning(int otherMiB, string? code)
    {
        MemoryPlan plan = MemoryPlan.Compute(new MemoryPlanInputs(
            Configuration(2048 * MiB, 0.85f), new ProcessMemoryLimit(3900 * MiB, "machine"), 1, otherMiB * MiB));
        Assert.Equal(code, plan.Warnings.SingleOrDefault()?.Code);
    }

    [Fact]
    public void Parts_never_exceed_the_whole() => AnyInputs.Sample(inputs =>
    {
        MemoryPlan plan = Plan(inputs);
        Assert.InRange(plan.MemtablesBytes, MemoryPlan.MinMemtablesBytes, plan.TotalBytes);
        Assert.True(plan.Components.Sum(component => component.BudgetBytes) <= plan.MemtablesBytes);
        foreach (ComponentPlan component in plan.Components)
        {
            int databases = component.Component == MemoryComponent.PartitionStore ? inputs.Partitions : 1;
            long buffers = component.Settings.WriteBufferBytes * component.Settings.MaxWriteBuffers;
            Assert.True(component.OverSubscribed || buffers * databases <= component.BudgetBytes);
            Assert.InRange(component.Settings.MaxWriteBuffers, 2, 12);
            Assert.True(component.Settings.WriteBufferBytes >= 64 << 10);
            Assert.Equal(Math.Clamp(component.Settings.WriteBufferBytes / 8, 64 << 10, 1 << 20), component.Settings.ArenaBlockBytes);
        }
    });

    [Fact]
    public void Shares_use_the_budget_up_to_rounding() => AnyInputs.Sample(inputs =>
    {
        MemoryPlan plan = Plan(inputs);
        long unused = plan.Find(MemoryComponent.PartitionStore)!.BudgetBytes - (plan.PartitionBudgetBytes * inputs.Partitions);
        Assert.InRange(unused, 0, inputs.Partitions - 1);
    });

    [Fact]
    public void More_memory_never_makes_a_share_smaller_nor_more_partitions_larger() => Gen.Select(AnyInputs, Gen.Long[0, GiB], Gen.Int[0, 100])
        .Sample((inputs, more, others) =>
        {
            MemoryPlan plan = Plan(inputs);
            MemoryPlan larger = Plan(inputs with { Total = inputs.Total + more });
            MemoryPlan crowded = Plan(inputs with { Partitions = inputs.Partitions + others });

            // Scaling rounds down once; a byte is what that can cost.
            Assert.True(larger.PartitionBudgetBytes >= plan.PartitionBudgetBytes - 1);
            Assert.True(larger.MemtablesBytes >= plan.MemtablesBytes);
            Assert.True(crowded.PartitionBudgetBytes <= plan.PartitionBudgetBytes);
            Assert.Equal(plan.MemtablesBytes, crowded.MemtablesBytes);
        });

    [Fact]
    public void Equal_inputs_give_equal_plans() => AnyInputs.Sample(inputs =>
    {
        MemoryPlan first = Plan(inputs);
        MemoryPlan second = Plan(inputs);
        Assert.Equal(first.Components, second.Components);
        Assert.Equal(first.Warnings, second.Warnings);
        Assert.Equal((first.TotalBytes, first.MemtablesBytes, first.PartitionBudgetBytes), (second.TotalBytes, second.MemtablesBytes, second.PartitionBudgetBytes));
    });

    private static RestateConfiguration Configuration(long total, float ratio) => new()
    {
        NodeName = "n1",
        RocksDbTotalMemorySize = new ByteSize((ulong)total),
        RocksDbTotalMemtablesRatio = ratio,
    };

    private static MemoryPlan Plan(long total, float ratio, int partitions = 1) => Plan(Configuration(total, ratio), partitions);

    private static MemoryPlan Plan((long Total, float Ratio, int Partitions, float Share, long? Budget) inputs) => Plan(
        Configuration(inputs.Total, inputs.Ratio) with
        {
            WorkerStorage = new WorkerStorageOptions
            {
                RocksDbMemoryRatio = inputs.Share,
                RocksDbMemoryBudget = inputs.Budget is { } budget ? new ByteSize((ulong)budget) : null,
            },
        },
        inputs.Partitions);

    private static MemoryPlan Plan(RestateConfiguration configuration, int partitions) => MemoryPlan.Compute(
        new MemoryPlanInputs(configuration, new ProcessMemoryLimit(1L << 50, "machine"), partitions, OtherPoolsBytes: 0));
}
