using System.Text;
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
    /// Past this many prefixes a plan uses shorter ones, and at last whole partitions: opening a cursor costs about as much as
    /// reading a few dozen rows.
    /// </summary>
    private const int MaxRanges = 4096;

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
        if (condition.PartitionKeys is null && condition.ServiceKeys is null)
            return Full(source);
        if (source.HasScopedState)
        {
            // The same names and keys may stand in any scope: only the partition key still says where.
            if (condition.PartitionKeys is null)
                return Full(source);
            condition = condition with { ServiceKeys = null, ServiceNames = null, StateKeys = null };
        }

        // The partition key is a function of the service key, so either gives a set of places; both must hold.
        List<(ulong PartitionKey, string? ServiceKey)> places = condition.ServiceKeys is { } serviceKeys
            ? [.. serviceKeys.Select(key => (PartitionKey: PartitionKey.Of(key), ServiceKey: (string?)key))
                .Where(place => condition.PartitionKeys?.Contains(place.PartitionKey) ?? true)]
            : [.. condition.PartitionKeys!.Select(key => (key, (string?)null))];
        if (places.Count > MaxRanges)
            return Full(source);

        IReadOnlyCollection<string>? names = Fits(places.Count, condition.ServiceNames);
        bool exactObject = names is not null && condition.ServiceKeys is not null;
        IReadOnlyCollection<string>? keys = exactObject ? Fits(places.Count * names!.Count, condition.StateKeys) : null;
        var result = new List<(PartitionId Partition, StateScanRange Range)>();
        foreach ((ulong partitionKey, string? serviceKey) in places.DistinctBy(place => names is null ? (place.PartitionKey, null) : place))
        {
            PartitionId partition = source.Find(partitionKey);
            foreach (string? name in names ?? [null!])
            {
                foreach (string? key in keys ?? [null!])
                {
                    var range = new StateScanRange(partitionKey, Utf8(name), exactObject ? Utf8(serviceKey) : null, Utf8(key));
                    result.Add((partition, range));
                }
            }
        }

        result.Sort(static (left, right) => left.Partition.CompareTo(right.Partition));
        return new StateScanPlan(result, IsFull: false);
    }

    private static IReadOnlyCollection<string>? Fits(int factor, IReadOnlySet<string>? values) =>
        values is not null && (long)factor * values.Count <= MaxRanges ? values : null;

    private static ReadOnlyMemory<byte>? Utf8(string? text) =>
        text is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(text));
}
