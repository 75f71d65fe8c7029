using BenchmarkDotNet.Attributes;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Storage;

/// <summary>What a tick of the memory controller computes, on figures that are made up: the plan, and what follows from it.</summary>
[MemoryDiagnoser]
public class DecideRebalance
{
    private static readonly RestateConfiguration Configuration = new() { NodeName = "n1" };

    private MemoryReading _steady = null!;
    private MemoryReading _lowered = null!;
    private MemoryPlan _plan = null!;

    /// <summary>Partitions of the node.</summary>
    [Params(24, 1024)]
    public int Partitions { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _plan = Plan();
        _steady = Reading(_plan.PartitionBudgetBytes / 4, _plan.SettingsFor(MemoryComponent.PartitionStore));
        _lowered = Reading(_plan.PartitionBudgetBytes * 2, new WriteBufferSettings(64 << 20, 1 << 20, 4, 2));
    }

    [Benchmark]
    public MemoryPlan Plan() => MemoryPlan.Compute(
        new MemoryPlanInputs(Configuration, ProcessMemoryLimit.Detect(ByteSize.FromMiB(8192)), Partitions, OtherPoolsBytes: 1 << 30));

    /// <summary>Nothing to do.</summary>
    [Benchmark]
    public int DecideSteady() => RebalanceDecision.Decide(_steady, _plan, reclaim: true).Flushes.Count;

    /// <summary>Every database is over its share and has the settings of a larger budget.</summary>
    [Benchmark]
    public int DecideLowered() => RebalanceDecision.Decide(_lowered, _plan, reclaim: true).Flushes.Count;

    private MemoryReading Reading(long memtable, WriteBufferSettings settings)
    {
        TargetReading[] targets = [.. Enumerable.Range(0, Partitions).Select(partition => new TargetReading(
            new Target(partition, settings), new MemtableSample(memtable, memtable, memtable, FlushPending: false), TimeSpan.FromSeconds(1)))];
        return new MemoryReading(_plan.MemtablesBytes, memtable * Partitions, _plan.TotalBytes, targets);
    }

    private sealed class Target(int partition, WriteBufferSettings settings) : IMemoryTarget
    {
        public string Name { get; } = $"partition-{partition}";

        public MemoryComponent Component => MemoryComponent.PartitionStore;

        public PartitionId? Partition => new PartitionId((ushort)partition);

        public WriteBufferSettings AppliedSettings => settings;

        public MemtableSample Sample() => default;

        public void Apply(in WriteBufferSettings applied)
        {
        }

        public void StartFlush()
        {
        }
    }
}
