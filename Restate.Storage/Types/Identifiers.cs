using System.Globalization;

namespace Restate.Storage.Types;

/// <summary>Number of a partition: 0 to partition count − 1.</summary>
public readonly record struct PartitionId(ushort Value) : IComparable<PartitionId>
{
    /// <inheritdoc/>
    public int CompareTo(PartitionId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Number of a Bifrost log. Partition <c>p</c> is fed by log <c>p</c>.</summary>
public readonly record struct LogId(uint Value)
{
    /// <summary>The log that feeds a partition.</summary>
    public static LogId Of(PartitionId partition) => new(partition.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Log sequence number: the place of a record in its log. The first record has 1; 0 stands before every record.</summary>
public readonly record struct Lsn(ulong Value) : IComparable<Lsn>
{
    /// <summary>The place before the first record.</summary>
    public static Lsn None => default;

    /// <summary>The place of the first record.</summary>
    public static Lsn First => new(1);

    /// <summary>The place after this one.</summary>
    public Lsn Next => new(Value + 1);

    /// <inheritdoc/>
    public int CompareTo(Lsn other) => Value.CompareTo(other.Value);

    /// <summary>True when <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(Lsn left, Lsn right) => left.Value < right.Value;

    /// <summary>True when <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(Lsn left, Lsn right) => left.Value > right.Value;

    /// <summary>True when <paramref name="left"/> does not come after <paramref name="right"/>.</summary>
    public static bool operator <=(Lsn left, Lsn right) => left.Value <= right.Value;

    /// <summary>True when <paramref name="left"/> does not come before <paramref name="right"/>.</summary>
    public static bool operator >=(Lsn left, Lsn right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
