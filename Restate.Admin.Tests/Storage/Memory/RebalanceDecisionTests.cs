using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

public sealed class RebalanceDecisionTests
{
    private const long MiB = 1L << 20;

    private readonly ScriptedMemory _memory = new();
    private readonly List<TargetReading> _readings = [];

    [Fact]
    public void Nothing_to_do_decides_nothing()
    {
        MemoryPlan plan = Plan(256, partitions: 4);
        Reads(0, plan, MiB);
        RebalanceDecision decision = Decide(plan, usage: MiB);
        Assert.Equal((null, null), (decision.ManagerCapacity, decision.CacheCapacity));
        Assert.Empty(decision.Flushes);
        Assert.Empty(decision.Settings);
    }

    [Fact]
    public void Lowering_sets_both_capacities_and_flushes_the_largest_until_it_fits()
    {
        MemoryPlan before = Plan(1024, partitions: 4);
        MemoryPlan plan = Plan(256, partitions: 4);
        Reads(0, before, 40 * MiB);
        Reads(1, before, 200 * MiB);
        Reads(2, before, 90 * MiB);
        Reads(3, before, 10 * MiB);
        RebalanceDecision decision = Decide(plan, usage: 340 * MiB, from: before, reclaim: false);
        Assert.Equal((plan.MemtablesBytes, plan.TotalBytes), (decision.ManagerCapacity, decision.CacheCapacity));
        Assert.Equal([("partition-1", FlushReason.OverCapacity, 200 * MiB)], Flushes(decision));
    }

    [Fact]
    public void A_flush_on_its_way_is_not_ordered_again()
    {
        MemoryPlan plan = Plan(256, partitions: 2);
        Reads(0, plan, new MemtableSample(MiB, 200 * MiB, 200 * MiB, FlushPending: true));
        Reads(1, plan, 30 * MiB);
        Assert.Empty(Decide(plan, usage: 230 * MiB, reclaim: false).Flushes);
    }

    [Fact]
    public void Pinned_bytes_are_not_counted_on()
    {
        MemoryPlan plan = Plan(256, partitions: 2);
        Reads(0, plan, new MemtableSample(MiB, MiB, 200 * MiB, FlushPending: false));
        Reads(1, plan, 25 * MiB);
        Assert.Equal(["partition-1", "partition-0"], Flushes(Decide(plan, usage: 225 * MiB, reclaim: false)).Select(flush => flush.Name));
    }

    [Fact]
    public void Log_and_metadata_are_flushed_too_when_memory_must_come_down()
    {
        MemoryPlan plan = Plan(256, partitions: 1);
        Reads(_memory.Add("log-server", MemoryComponent.LogServer), plan, 230 * MiB);
        Assert.Equal([("log-server", FlushReason.OverCapacity, 230 * MiB)], Flushes(Decide(plan, usage: 230 * MiB, reclaim: false)));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void A_partition_above_one_and_a_half_shares_is_flushed(int above, bool flushed)
    {
        MemoryPlan plan = Plan(256, partitions: 4);
        Reads(0, plan, (long)(plan.PartitionBudgetBytes * 1.5) + above);
        Assert.Equal(flushed, Decide(plan, usage: 50 * MiB).Flushes.Any(flush => flush.Reason == FlushReason.OverShare));
    }

    [Fact]
    public void The_log_is_not_held_to_a_partitions_share()
    {
        MemoryPlan plan = Plan(256, partitions: 24);
        Reads(_memory.Add("log-server", MemoryComponent.LogServer), plan, 90 * MiB);
        Assert.Empty(Decide(plan, usage: 90 * MiB).Flushes);
    }

    [Theory]
    [InlineData(30.0, (512 << 10) + 1, 0.76, true)]
    [InlineData(29.999, (512 << 10) + 1, 0.76, false)]
    [InlineData(30.0, 512 << 10, 0.76, false)]
    [InlineData(30.0, (512 << 10) + 1, 0.74, false)]
    public void An_idle_memtable_is_flushed_when_the_pool_is_short(double idleSeconds, long bytes, double usage, bool flushed)
    {
        MemoryPlan plan = Plan(256, partitions: 4);
        Reads(0, plan, bytes, TimeSpan.FromSeconds(idleSeconds));
        List<(string Name, FlushReason Reason, long Bytes)> flushes = Flushes(Decide(plan, (long)(plan.MemtablesBytes * usage)));
        Assert.Equal(flushed ? [("partition-0", FlushReason.Idle, bytes)] : [], flushes);
    }

    [Fact]
    public void Idle_memtables_are_flushed_only_until_the_pool_is_not_short()
    {
        MemoryPlan plan = Plan(256, partitions: 4);
        Reads(0, plan, 10 * MiB, TimeSpan.FromMinutes(1));
        Reads(1, plan, 20 * MiB, TimeSpan.FromMinutes(1));
        RebalanceDecision decision = Decide(plan, (long)(plan.MemtablesBytes * 0.76));
        Assert.Equal([("partition-1", FlushReason.Idle, 20 * MiB)], Flushes(decision));
    }

    [Fact]
    public void One_that_is_idle_and_over_its_share_is_flushed_once()
    {
        MemoryPlan plan = Plan(256, partitions: 4);
        Reads(0, plan, 100 * MiB, TimeSpan.FromMinutes(1));
        Assert.Equal([("partition-0", FlushReason.OverShare, 100 * MiB)], Flushes(Decide(plan, (long)(plan.MemtablesBytes * 0.9))));
    }

    [Fact]
    public void Without_the_reclaimer_only_what_must_fit_is_flushed()
    {
        MemoryPlan plan = Plan(256, partitions: 4);
        Reads(0, plan, 100 * MiB, TimeSpan.FromMinutes(1));
        Assert.Empty(Decide(plan, (long)(plan.MemtablesBytes * 0.95), reclaim: false).Flushes);
    }

    [Fact]
    public void Reclaiming_flushes_are_bounded_and_the_largest_come_first()
    {
        MemoryPlan plan = Plan(256, partitions: 200);
        for (int i = 0; i < 200; i++)
            Reads(i, plan, (i + 1) * MiB);
        List<(string Name, FlushReason Reason, long Bytes)> flushes = Flushes(Decide(plan, usage: 100 * MiB));
        Assert.Equal(RebalanceDecision.MaxReclaims, flushes.Count);
        Assert.Equal(Enumerable.Range(0, 64).Select(i => (200 - i) * MiB), flushes.Select(flush => flush.Bytes));
    }

    [Fact]
    public void Changes_below_a_tenth_are_skipped_while_the_budget_holds()
    {
        // Databases of 100 partitions that take the share of 105: together below the budget, each off by 5 %.
        MemoryPlan plan = Plan(1024, partitions: 100);
        WriteBufferSettings near = Plan(1024, partitions: 105).SettingsFor(MemoryComponent.PartitionStore);
        Reads(0, plan, MiB).AppliedSettings = near;
        Assert.Empty(Decide(plan, usage: MiB).Settings);
        WriteBufferSettings far = Plan(1024, partitions: 120).SettingsFor(MemoryComponent.PartitionStore);
        Reads(1, plan, MiB).AppliedSettings = far;
        Assert.Equal(["partition-1"], Decide(plan, usage: MiB).Settings.Select(change => change.Target.Name));
    }

    [Fact]
    public void Small_changes_are_made_where_the_databases_hold_more_than_their_budget()
    {
        MemoryPlan plan = Plan(1024, partitions: 105);
        WriteBufferSettings larger = Plan(1024, partitions: 100).SettingsFor(MemoryComponent.PartitionStore);
        for (int i = 0; i < 105; i++)
            Reads(i, plan, MiB).AppliedSettings = larger;
        RebalanceDecision decision = Decide(plan, usage: MiB);
        Assert.Equal(105, decision.Settings.Count);
        Assert.All(decision.Settings, change => Assert.Equal(plan.SettingsFor(MemoryComponent.PartitionStore), change.Settings));
    }

    [Fact]
    public void What_lowers_comes_before_what_raises()
    {
        MemoryPlan plan = Plan(1024, partitions: 10);
        Reads(0, plan, MiB).AppliedSettings = Plan(256, partitions: 10).SettingsFor(MemoryComponent.PartitionStore);
        Reads(1, plan, MiB).AppliedSettings = Plan(2048, partitions: 10).SettingsFor(MemoryComponent.PartitionStore);
        Assert.Equal(["partition-1", "partition-0"], Decide(plan, usage: MiB).Settings.Select(change => change.Target.Name));
    }

    private static List<(string Name, FlushReason Reason, long Bytes)> Flushes(RebalanceDecision decision) =>
        [.. decision.Flushes.Select(flush => (flush.Target.Name, flush.Reason, flush.ExpectedBytes))];

    private static MemoryPlan Plan(ulong totalMiB, int partitions) => MemoryPlan.Compute(new MemoryPlanInputs(
        new RestateConfiguration { NodeName = "n1", RocksDbTotalMemorySize = ByteSize.FromMiB(totalMiB) },
        new ProcessMemoryLimit(1L << 50, "machine"),
        partitions,
        OtherPoolsBytes: 0));

    private ScriptedTarget Reads(int partition, MemoryPlan applied, long bytes, TimeSpan idle = default) =>
        Reads(_memory.AddPartition(partition), applied, bytes, idle);

    private ScriptedTarget Reads(ScriptedTarget target, MemoryPlan applied, long bytes, TimeSpan idle = default)
    {
        target.Holds(bytes);
        target.AppliedSettings = applied.SettingsFor(target.Component);
        _readings.Add(new TargetReading(target, target.Memtable, idle));
        return target;
    }

    private void Reads(int partition, MemoryPlan applied, MemtableSample sample)
    {
        ScriptedTarget target = _memory.AddPartition(partition);
        target.AppliedSettings = applied.SettingsFor(target.Component);
        _readings.Add(new TargetReading(target, sample, TimeSpan.Zero));
    }

    private RebalanceDecision Decide(MemoryPlan plan, long usage, MemoryPlan? from = null, bool reclaim = true) => RebalanceDecision.Decide(
        new MemoryReading((from ?? plan).MemtablesBytes, usage, (from ?? plan).TotalBytes, _readings), plan, reclaim);
}
