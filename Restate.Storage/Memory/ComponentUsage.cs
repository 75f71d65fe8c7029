namespace Restate.Storage.Memory;

/// <summary>What a component may hold in memtables and what it holds.</summary>
/// <param name="Plan">Its budget and write buffers.</param>
/// <param name="UsageBytes">Bytes in all memtables of its databases, pinned ones too.</param>
/// <param name="Databases">Its open databases.</param>
public readonly record struct ComponentUsage(ComponentPlan Plan, long UsageBytes, int Databases)
{
    /// <summary>Reads the use of every component of a plan, in the plan's order; takes microseconds a database.</summary>
    public static IReadOnlyList<ComponentUsage> Read(MemoryPlan plan, IReadOnlyList<IMemoryTarget> targets)
    {
        ILookup<MemoryComponent, long> held = targets.ToLookup(target => target.Component, target => target.Sample().AllBytes);
        return [.. plan.Components.Select(component =>
            new ComponentUsage(component, held[component.Component].Sum(), held[component.Component].Count()))];
    }
}
