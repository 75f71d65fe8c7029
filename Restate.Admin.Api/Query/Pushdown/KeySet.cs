using System.Buffers.Binary;

namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>Byte strings from one up to, but without, another.</summary>
/// <param name="From">The first one inside.</param>
/// <param name="To">The first one past it; null: there is none.</param>
internal readonly record struct KeyInterval(byte[] From, byte[]? To)
{
    /// <summary>True when it holds one byte string only: nothing lies between that and the same with a zero behind it.</summary>
    internal bool IsPoint => To is not null && To.Length == From.Length + 1 && To[^1] == 0 && To.AsSpan(0, From.Length).SequenceEqual(From);

    internal bool IsEmpty => To is not null && From.AsSpan().SequenceCompareTo(To) >= 0;
}

/// <summary>
/// Values one part of a key can have: a union of intervals of byte strings in their order, which for texts in UTF-8 is how DuckDB compares
/// them. Whole numbers are eight bytes, big-endian. Immutable.
/// </summary>
internal sealed class KeySet
{
    private readonly KeyInterval[] _intervals;

    private KeySet(KeyInterval[] intervals) => _intervals = intervals;

    /// <summary>No value at all.</summary>
    internal static KeySet Empty { get; } = new([]);

    /// <summary>Its intervals: none is empty, and each ends before the next starts.</summary>
    internal IReadOnlyList<KeyInterval> Intervals => _intervals;

    internal bool IsEmpty => _intervals.Length == 0;

    /// <summary>True when it is a list of single values.</summary>
    internal bool IsPoints => Array.TrueForAll(_intervals, interval => interval.IsPoint);

    /// <summary>Just these values.</summary>
    internal static KeySet Points(IEnumerable<byte[]> values) => Normalised([.. values.Select(value => new KeyInterval(value, After(value)))]);

    /// <summary>From one value up to another, without that.</summary>
    internal static KeySet Range(byte[] from, byte[]? to) => Normalised([new KeyInterval(from, to)]);

    /// <summary>All values that start with some bytes.</summary>
    internal static KeySet Prefix(byte[] prefix)
    {
        int kept = prefix.AsSpan().LastIndexOfAnyExcept((byte)0xFF) + 1;
        byte[]? end = kept == 0 ? null : prefix[..kept];
        if (end is not null)
            end[^1]++;
        return Range(prefix, end);
    }

    /// <summary>The value next to one.</summary>
    internal static byte[] After(byte[] value) => [.. value, 0];

    /// <summary>A whole number as a value.</summary>
    internal static byte[] Number(ulong value)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>What is in any of some sets.</summary>
    internal static KeySet Union(IEnumerable<KeySet> sets) => Normalised([.. sets.SelectMany(set => set._intervals)]);

    /// <summary>What is in both sets.</summary>
    internal KeySet Intersect(KeySet other)
    {
        var found = new List<KeyInterval>();
        int left = 0;
        int right = 0;
        while (left < _intervals.Length && right < other._intervals.Length)
        {
            KeyInterval a = _intervals[left];
            KeyInterval b = other._intervals[right];
            bool endsFirst = CompareEnds(a.To, b.To) < 0;
            var both = new KeyInterval(a.From.AsSpan().SequenceCompareTo(b.From) > 0 ? a.From : b.From, endsFirst ? a.To : b.To);
            if (!both.IsEmpty)
                found.Add(both);
            if (endsFirst)
                left++;
            else
                right++;
        }

        return new KeySet([.. found]);
    }

    internal bool Contains(ReadOnlySpan<byte> value)
    {
        // The last interval that starts at or before the value.
        int low = 0;
        int high = _intervals.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_intervals[middle].From.AsSpan().SequenceCompareTo(value) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 && (_intervals[low - 1].To is not { } end || value.SequenceCompareTo(end) < 0);
    }

    private static KeySet Normalised(KeyInterval[] intervals)
    {
        Array.Sort(intervals, static (left, right) => left.From.AsSpan().SequenceCompareTo(right.From));
        var merged = new List<KeyInterval>(intervals.Length);
        foreach (KeyInterval interval in intervals)
        {
            if (interval.IsEmpty)
                continue;
            if (merged.Count > 0 && merged[^1] is var last && CompareEnds(last.To, interval.From) >= 0)
                merged[^1] = last with { To = CompareEnds(last.To, interval.To) >= 0 ? last.To : interval.To };
            else
                merged.Add(interval);
        }

        return new KeySet([.. merged]);
    }

    private static int CompareEnds(byte[]? left, byte[]? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => 1,
        (_, null) => -1,
        _ => left.AsSpan().SequenceCompareTo(right),
    };
}
