using System.Globalization;

namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>
/// Values that columns of one table mention must have, as found in its plan; null where nothing is known. A row outside is
/// dropped by the plan's own filter, so these only ever narrow what is read.
/// </summary>
internal sealed record KeyCondition
{
    internal static KeyCondition None { get; } = new();

    internal IReadOnlySet<ulong>? PartitionKeys { get; init; }

    internal IReadOnlySet<string>? ServiceNames { get; init; }

    internal IReadOnlySet<string>? ServiceKeys { get; init; }

    internal IReadOnlySet<string>? StateKeys { get; init; }

    /// <summary>This condition, and that a column has one of some values.</summary>
    /// <param name="column">The column's name; one that no key is made of changes nothing.</param>
    /// <param name="literals">The values as text; whole numbers for the partition key.</param>
    internal KeyCondition Narrow(string column, IReadOnlyCollection<string> literals)
    {
        switch (column)
        {
            case "partition_key":
                var keys = new HashSet<ulong>();
                foreach (string literal in literals)
                {
                    if (!ulong.TryParse(literal, NumberStyles.None, CultureInfo.InvariantCulture, out ulong key))
                        return this;
                    keys.Add(key);
                }

                return this with { PartitionKeys = Intersect(PartitionKeys, keys) };
            case "service_name":
                return this with { ServiceNames = Intersect(ServiceNames, literals.ToHashSet(StringComparer.Ordinal)) };
            case "service_key":
                return this with { ServiceKeys = Intersect(ServiceKeys, literals.ToHashSet(StringComparer.Ordinal)) };
            case "key":
                return this with { StateKeys = Intersect(StateKeys, literals.ToHashSet(StringComparer.Ordinal)) };
            default:
                return this;
        }
    }

    private static IReadOnlySet<T> Intersect<T>(IReadOnlySet<T>? known, HashSet<T> found)
    {
        if (known is not null)
            found.IntersectWith(known);
        return found;
    }
}
