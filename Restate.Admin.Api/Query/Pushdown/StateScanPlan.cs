using System.Buffers.Binary;
using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>Which ranges of which partitions a mention of <c>state</c> reads. Immutable.</summary>
/// <param name="Ranges">Disjoint, in partition order.</param>
/// <param name="IsFull">True when whole partitions are read.</param>
internal sealed record StateScanPlan(IReadOnlyList<(PartitionId Partition, StateScanRange Range)> Ranges, bool IsFull)
{
    /// <summary>
    /// Past this many prefixes a plan uses shorter ones, and at last whole partitions: going to another range costs about as much as
    /// reading a few dozen rows.
    /// </summary>
    private const int MaxRanges = 4096;

    /// <summary>What rows must meet that the statement does not ask for any more: the scan leaves out the others. Null: nothing.</summary>
    internal KeyCondition? Filter { get; init; }

    /// <summary>The partitions read, each once.</summary>
    internal IEnumerable<PartitionId> Partitions => Ranges.Select(range => range.Partition).Distinct();

    /// <summary>The same without these partitions.</summary>
    internal StateScanPlan Without(IReadOnlySet<PartitionId> partitions) =>
        this with { Ranges = [.. Ranges.Where(range => !partitions.Contains(range.Partition))] };

    /// <summary>Everything there is.</summary>
    internal static StateScanPlan Full(IStateSource source) => new(
        [.. Enumerable.Range(0, source.PartitionCount).Select(id => (new PartitionId((ushort)id), StateScanRange.All))],
        IsFull: true);

    /// <summary>The least that holds every row that meets <paramref name="condition"/>.</summary>
    internal static StateScanPlan For(KeyCondition condition, IStateSource source)
    {
        if (condition.IsImpossible)
            return new StateScanPlan([], IsFull: false);

        // The same names and keys may stand in any scope: then only the partition key says where.
        if (source.HasScopedState)
            condition = new KeyCondition { PartitionKeys = condition.PartitionKeys };
        var ranges = new List<(PartitionId Partition, StateScanRange Range)>();
        if (condition.ServiceKeys is { IsPoints: true } serviceKeys)
        {
            // The partition key is a function of the service key. Keys that share one are read together.
            if (serviceKeys.Intervals.Count > MaxRanges)
                return Full(source);
            foreach (IGrouping<ulong, byte[]> place in serviceKeys.Intervals.Select(point => point.From).GroupBy(key => PartitionKey.Of(key)))
            {
                if (condition.PartitionKeys?.Contains(KeySet.Number(place.Key)) ?? true)
                    AddObjects(ranges, source, place.Key, condition with { ServiceKeys = KeySet.Points(place) }, serviceKeys.Intervals.Count);
            }
        }
        else if (condition.PartitionKeys is { } partitionKeys && partitionKeys.Intervals.Count <= MaxRanges)
        {
            foreach (KeyInterval interval in partitionKeys.Intervals)
            {
                (ulong first, ulong last) = Numbers(interval);
                if (first == 0 && last == ulong.MaxValue)
                    return Full(source);
                if (first == last)
                    AddObjects(ranges, source, first, condition, partitionKeys.Intervals.Count);
                else
                    AddPartitions(ranges, source, first, last);
            }
        }
        else
        {
            return Full(source);
        }

        // Next to each other in a partition, so that a cursor that goes from one to the next moves forward.
        return new StateScanPlan([.. ranges.OrderBy(range => range.Partition).ThenBy(range => range.Range.PartitionKey)], IsFull: false);
    }

    /// <summary>Adds what a condition leaves of the entries with one partition key, as far as that is in one piece.</summary>
    private static void AddObjects(
        List<(PartitionId Partition, StateScanRange Range)> ranges, IStateSource source, ulong partitionKey, KeyCondition condition, int places)
    {
        PartitionId partition = source.Find(partitionKey);
        var place = new StateScanRange(partitionKey);
        if (Fits(condition.ServiceNames, ref places) is not { } names)
        {
            ranges.Add((partition, place));
            return;
        }

        KeySet? keys = Fits(condition.ServiceKeys, ref places);
        KeySet? stateKeys = keys is null ? null : Fits(condition.StateKeys, ref places);
        foreach (KeyInterval name in names.Intervals)
        {
            StateScanRange service = place with { ServiceName = name.From };
            if (!name.IsPoint || keys is null)
            {
                ranges.Add((partition, name.IsPoint ? service : place with { Next = Bounds(name) }));
                continue;
            }

            foreach (KeyInterval key in keys.Intervals)
            {
                StateScanRange state = service with { ServiceKey = key.From };
                if (!key.IsPoint || stateKeys is null)
                {
                    ranges.Add((partition, key.IsPoint ? state : service with { Next = Bounds(key) }));
                    continue;
                }

                foreach (KeyInterval stateKey in stateKeys.Intervals)
                    ranges.Add((partition, stateKey.IsPoint ? state with { StateKey = stateKey.From } : state with { Next = Bounds(stateKey) }));
            }
        }
    }

    /// <summary>Adds all entries whose partition key is in a range: one range in each partition that owns a part of it.</summary>
    private static void AddPartitions(
        List<(PartitionId Partition, StateScanRange Range)> ranges, IStateSource source, ulong first, ulong last)
    {
        KeyBounds bounds = Bounds(new KeyInterval(KeySet.Number(first), last == ulong.MaxValue ? null : KeySet.Number(last + 1)));
        for (int partition = source.Find(first).Value; partition <= source.Find(last).Value; partition++)
            ranges.Add((new PartitionId((ushort)partition), new StateScanRange(PartitionKey: null, Next: bounds)));
    }

    /// <summary>The values, unless there would be too many ranges with them.</summary>
    private static KeySet? Fits(KeySet? values, ref int places)
    {
        if (values is null || (long)places * values.Intervals.Count > MaxRanges)
            return null;
        places *= values.Intervals.Count;
        return values;
    }

    /// <remarks>An array that is null would become memory of no bytes, which is an end before everything.</remarks>
    private static KeyBounds Bounds(KeyInterval interval) =>
        new(interval.From, interval.To is { } end ? new ReadOnlyMemory<byte>(end) : default(ReadOnlyMemory<byte>?));

    /// <summary>The first and the last whole number in an interval of them: it starts with one and ends right after one.</summary>
    private static (ulong First, ulong Last) Numbers(KeyInterval interval) =>
        (BinaryPrimitives.ReadUInt64BigEndian(interval.From), BinaryPrimitives.ReadUInt64BigEndian(interval.To));
}
