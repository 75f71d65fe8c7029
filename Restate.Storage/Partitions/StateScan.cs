namespace Restate.Storage.Partitions;

/// <summary>Which state entries a scan visits: all, those under a key prefix, or a part of those. Bytes are UTF-8.</summary>
/// <param name="PartitionKey">Only objects with this partition key; null visits every one and ignores names and keys.</param>
/// <param name="ServiceName">Only this service; needs <paramref name="PartitionKey"/>.</param>
/// <param name="ServiceKey">Only this object; needs <paramref name="ServiceName"/>.</param>
/// <param name="StateKey">Only this state key, exactly; needs <paramref name="ServiceKey"/>.</param>
/// <param name="Scope">Scope of the service; null: objects without one. Means nothing without a service name or its bounds.</param>
/// <param name="Next">
/// Bounds of the part of the key that follows the last one given, in the order of these parameters; means nothing with
/// <paramref name="StateKey"/>. For a partition key they are its eight bytes, big-endian.
/// </param>
public readonly record struct StateScanRange(
    ulong? PartitionKey,
    ReadOnlyMemory<byte>? ServiceName = null,
    ReadOnlyMemory<byte>? ServiceKey = null,
    ReadOnlyMemory<byte>? StateKey = null,
    ReadOnlyMemory<byte>? Scope = null,
    KeyBounds? Next = null)
{
    /// <summary>Every entry of the store.</summary>
    public static StateScanRange All => default;
}

/// <summary>Bounds of one part of a key, in byte order.</summary>
/// <param name="From">The first value that is inside.</param>
/// <param name="To">The first value that is outside again; null: none is.</param>
public readonly record struct KeyBounds(ReadOnlyMemory<byte> From, ReadOnlyMemory<byte>? To);
