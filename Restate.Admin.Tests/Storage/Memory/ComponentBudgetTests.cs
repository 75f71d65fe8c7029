using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

/// <summary>Every component is held to its budget.</summary>
public sealed class ComponentBudgetTests
{
    private readonly ScriptedMemory _memory = new();

    public static TheoryData<MemoryComponent, string> SingleDatabases { get; } = new()
    {
        { MemoryComponent.LogServer, "replicated" },
        { MemoryComponent.MetadataServer, "replicated" },
        { MemoryComponent.LocalLoglet, "local" },
    };

    [Theory]
    [MemberData(nameof(SingleDatabases))]
    public void A_database_above_its_components_budget_is_flushed(MemoryComponent component, string provider)
    {
        MemoryPlan plan = Plan(provider, partitions: 24);
        long budget = plan.Find(component)!.BudgetBytes;
        Assert.Empty(Decide(plan, component, budget));
        Assert.Equal([FlushReason.OverBudget], Decide(plan, component, budget + 1));
        Assert.Empty(Decide(plan, component, budget + 1, reclaim: false));
    }

    [Fact]
    public void The_log_of_a_node_is_held_to_the_budget_of_the_one_that_is_planned()
    {
        MemoryPlan plan = Plan("replicated", partitions: 24);
        Assert.Equal(plan.BudgetFor(MemoryComponent.LogServer), plan.BudgetFor(MemoryComponent.LocalLoglet));
        Assert.Equal([FlushReason.OverBudget], Decide(plan, MemoryComponent.LocalLoglet, plan.BudgetFor(MemoryComponent.LogServer) + 1));
    }

    [Fact]
    public void Where_not_even_the_smallest_buffers_fit_they_are_the_measure()
    {
        MemoryPlan plan = Plan("replicated", partitions: 8192);
        WriteBufferSettings smallest = plan.SettingsFor(MemoryComponent.PartitionStore);
        long buffers = smallest.WriteBufferBytes * smallest.MaxWriteBuffers;
        Assert.True(plan.OverSubscribed && plan.PartitionBudgetBytes * 1.5 < buffers);
        Assert.Empty(Decide(plan, MemoryComponent.PartitionStore, buffers));
        Assert.Equal([FlushReason.OverShare], Decide(plan, MemoryComponent.PartitionStore, (long)(buffers * 1.5) + 1));
    }

    [Fact]
    public void Usage_is_read_by_component()
    {
        MemoryPlan plan = Plan("replicated", partitions: 2);
        _memory.AddPartition(0).Holds(3);
        _memory.AddPartition(1).Holds(4);
        _memory.Add("log-server", MemoryComponent.LogServer).Holds(5);
        Assert.Equal(
            [(MemoryComponent.PartitionStore, 7, 2), (MemoryComponent.LogServer, 5, 1), (MemoryComponent.MetadataServer, 0, 0)],
            ComponentUsage.Read(plan, _memory.Targets).Select(usage => (usage.Plan.Component, usage.UsageBytes, usage.Databases)));
    }

    private static MemoryPlan Plan(string provider, int partitions) => MemoryPlan.Compute(new MemoryPlanInputs(
        new RestateConfiguration
        {
            NodeName = "n1",
            RocksDbTotalMemorySize = ByteSize.FromMiB(256),
            Bifrost = new BifrostOptions { DefaultProvider = provider },
        },
        new ProcessMemoryLimit(1L << 50, "machine"),
        partitions,
        OtherPoolsBytes: 0));

    private List<FlushReason> Decide(MemoryPlan plan, MemoryComponent component, long bytes, bool reclaim = true)
    {
        ScriptedTarget target = _memory.Add("database", component);
        target.Holds(bytes);
        var reading = new MemoryReading(
            plan.MemtablesBytes, bytes, plan.TotalBytes, [new TargetReading(target, target.Memtable, TimeSpan.Zero)]);
        return [.. RebalanceDecision.Decide(reading, plan, reclaim).Flushes.Select(flush => flush.Reason)];
    }
}
