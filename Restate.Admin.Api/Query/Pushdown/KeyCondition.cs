using System.Globalization;
using System.Text;

namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>How a column is compared with a literal.</summary>
internal enum KeyComparison
{
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,

    /// <summary>The column starts with the literal.</summary>
    StartsWith,
}

/// <summary>
/// Values that columns of one table mention must have, as found in its statement or plan; null where nothing is known. A row outside is
/// dropped by the plan's own filter, so these only ever narrow what is read.
/// </summary>
internal sealed record KeyCondition
{
    internal static KeyCondition None { get; } = new();

    internal KeySet? PartitionKeys { get; init; }

    internal KeySet? ServiceNames { get; init; }

    internal KeySet? ServiceKeys { get; init; }

    internal KeySet? StateKeys { get; init; }

    /// <summary>True when no row can meet it.</summary>
    internal bool IsImpossible =>
        PartitionKeys is { IsEmpty: true } || ServiceNames is { IsEmpty: true } || ServiceKeys is { IsEmpty: true } || StateKeys is { IsEmpty: true };

    /// <summary>A column that compares so with a literal.</summary>
    /// <param name="column">The column's name; one that no key is made of gives <see cref="None"/>.</param>
    /// <param name="comparison">How.</param>
    /// <param name="literal">The literal as text; for the partition key a whole number of any size.</param>
    internal static KeyCondition Of(string column, KeyComparison comparison, string literal) =>
        column == "partition_key" ? OfNumber(comparison, literal) : OfSet(column, TextSet(comparison, Encoding.UTF8.GetBytes(literal)));

    /// <summary>A column that has one of some values.</summary>
    internal static KeyCondition In(string column, IReadOnlyCollection<string> literals)
    {
        if (column != "partition_key")
            return OfSet(column, KeySet.Points(literals.Select(Encoding.UTF8.GetBytes)));
        var values = new List<byte[]>(literals.Count);
        foreach (string literal in literals)
        {
            if (!Int128.TryParse(literal, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 value))
                return None;
            if (value >= 0 && value <= ulong.MaxValue)
                values.Add(KeySet.Number((ulong)value));
        }

        return new KeyCondition { PartitionKeys = KeySet.Points(values) };
    }

    /// <summary>True when an object with this name and key can have entries that meet it.</summary>
    internal bool Admits(ReadOnlySpan<byte> serviceName, ReadOnlySpan<byte> serviceKey) =>
        (ServiceNames is null || ServiceNames.Contains(serviceName)) && (ServiceKeys is null || ServiceKeys.Contains(serviceKey));

    /// <summary>This condition and another.</summary>
    internal KeyCondition And(KeyCondition other) => new()
    {
        PartitionKeys = Both(PartitionKeys, other.PartitionKeys),
        ServiceNames = Both(ServiceNames, other.ServiceNames),
        ServiceKeys = Both(ServiceKeys, other.ServiceKeys),
        StateKeys = Both(StateKeys, other.StateKeys),
    };

    /// <summary>What is known of rows that meet at least one of some conditions.</summary>
    internal static KeyCondition Any(IEnumerable<KeyCondition> conditions)
    {
        KeyCondition[] possible = [.. conditions.Where(condition => !condition.IsImpossible)];
        return new KeyCondition
        {
            PartitionKeys = AnyOf(possible, condition => condition.PartitionKeys),
            ServiceNames = AnyOf(possible, condition => condition.ServiceNames),
            ServiceKeys = AnyOf(possible, condition => condition.ServiceKeys),
            StateKeys = AnyOf(possible, condition => condition.StateKeys),
        };
    }

    private static KeySet? Both(KeySet? left, KeySet? right) => left is null ? right : right is null ? left : left.Intersect(right);

    private static KeySet? AnyOf(KeyCondition[] conditions, Func<KeyCondition, KeySet?> part)
    {
        KeySet?[] sets = [.. conditions.Select(part)];
        return sets.Contains(null) ? null : KeySet.Union(sets!);
    }

    private static KeyCondition OfSet(string column, KeySet set) => column switch
    {
        "partition_key" => new KeyCondition { PartitionKeys = set },
        "service_name" => new KeyCondition { ServiceNames = set },
        "service_key" => new KeyCondition { ServiceKeys = set },
        "key" => new KeyCondition { StateKeys = set },
        _ => None,
    };

    private static KeySet TextSet(KeyComparison comparison, byte[] value) => comparison switch
    {
        KeyComparison.Equal => KeySet.Points([value]),
        KeyComparison.Less => KeySet.Range([], value),
        KeyComparison.LessOrEqual => KeySet.Range([], KeySet.After(value)),
        KeyComparison.Greater => KeySet.Range(KeySet.After(value), null),
        KeyComparison.GreaterOrEqual => KeySet.Range(value, null),
        KeyComparison.StartsWith => KeySet.Prefix(value),
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, null),
    };

    private static KeyCondition OfNumber(KeyComparison comparison, string literal)
    {
        if (comparison == KeyComparison.StartsWith
            || !Int128.TryParse(literal, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 value))
            return None;
        (Int128 least, Int128 most) = comparison switch
        {
            KeyComparison.Equal => (value, value),
            KeyComparison.Less => (0, value - 1),
            KeyComparison.LessOrEqual => (0, value),
            KeyComparison.Greater => (value + 1, ulong.MaxValue),
            KeyComparison.GreaterOrEqual => (value, ulong.MaxValue),
            _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, null),
        };
        least = Int128.Max(least, 0);
        most = Int128.Min(most, ulong.MaxValue);
        return new KeyCondition
        {
            PartitionKeys = least > most ? KeySet.Empty : KeySet.Range(KeySet.Number((ulong)least), KeySet.After(KeySet.Number((ulong)most))),
        };
    }
}
