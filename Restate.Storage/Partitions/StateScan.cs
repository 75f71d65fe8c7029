namespace Restate.Storage.Partitions;

/// <summary>Which state entries a scan visits: all, or those under a key prefix. Bytes are UTF-8.</summary>
/// <param name="PartitionKey">Only objects with this partition key; null visits the whole store and ignores the rest.</param>
/// <param name="ServiceName">Only this service; needs <paramref name="PartitionKey"/>.</param>
/// <param name="ServiceKey">Only this object; needs <paramref name="ServiceName"/>.</param>
/// <param name="StateKey">Only this state key, exactly; needs <paramref name="ServiceKey"/>.</param>
/// <param name="Scope">Scope of the service; null: objects without one. Means nothing without <paramref name="ServiceName"/>.</param>
public readonly record struct StateScanRange(
    ulong? PartitionKey,
    ReadOnlyMemory<byte>? ServiceName = null,
    ReadOnlyMemory<byte>? ServiceKey = null,
    ReadOnlyMemory<byte>? StateKey = null,
    ReadOnlyMemory<byte>? Scope = null)
{
    /// <summary>Every entry of the store.</summary>
    public static StateScanRange All => default;
}
