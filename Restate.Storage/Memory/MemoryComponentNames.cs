namespace Restate.Storage.Memory;

/// <summary>Names of components in configuration, REST and reports.</summary>
public static class MemoryComponentNames
{
    /// <summary>The name of a component: <c>partition-store</c>, <c>log-server</c>, <c>metadata-server</c> or <c>local-loglet</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a component.</exception>
    public static string Name(this MemoryComponent component) => component switch
    {
        MemoryComponent.PartitionStore => "partition-store",
        MemoryComponent.LogServer => "log-server",
        MemoryComponent.MetadataServer => "metadata-server",
        MemoryComponent.LocalLoglet => "local-loglet",
        _ => throw new ArgumentOutOfRangeException(nameof(component), component, "not a component"),
    };
}
