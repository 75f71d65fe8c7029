namespace Restate.Storage.Types;

/// <summary>A number of bytes, read and printed in Restate's human-readable grammar.</summary>
/// <param name="Bytes">0 or more.</param>
public readonly record struct ByteSize(ulong Bytes) : IComparable<ByteSize>
{
    /// <summary>Number of KiB as a size.</summary>
    public static ByteSize FromKiB(ulong count) => new(count << 10);

    /// <summary>Number of MiB as a size.</summary>
    public static ByteSize FromMiB(ulong count) => new(count << 20);

    /// <summary>Number of GiB as a size.</summary>
    public static ByteSize FromGiB(ulong count) => new(count << 30);

    /// <summary>The size as a signed count, saturated at <see cref="long.MaxValue"/>.</summary>
    public long ToInt64() => Bytes > long.MaxValue ? long.MaxValue : (long)Bytes;

    /// <inheritdoc/>
    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);
}
