namespace Restate.Storage.Types;

/// <summary>An inclusive range of partition keys.</summary>
/// <param name="Start">First key that belongs to the range.</param>
/// <param name="End">Last key that belongs to the range.</param>
public readonly record struct KeyRange(ulong Start, ulong End)
{
    /// <summary>True when the range holds <paramref name="key"/>.</summary>
    public bool Contains(ulong key) => key >= Start && key <= End;

    /// <summary>Splits the whole u64 ring into equal ranges; the last takes the remainder.</summary>
    /// <param name="count">Number of ranges, 1 to 65,535.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is outside 1 to 65,535.</exception>
    public static KeyRange[] Split(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ushort.MaxValue);
        var ranges = new KeyRange[count];
        UInt128 ring = (UInt128)ulong.MaxValue + 1;
        for (int i = 0; i < count; i++)
        {
            ulong start = (ulong)(ring * (uint)i / (uint)count);
            ulong end = (ulong)(ring * ((uint)i + 1) / (uint)count - 1);
            ranges[i] = new KeyRange(start, end);
        }

        return ranges;
    }
}
