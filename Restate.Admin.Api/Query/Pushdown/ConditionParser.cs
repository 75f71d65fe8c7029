namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>
/// Reads the conditions DuckDB prints above a scan, such as <c>((c_1_service_key = 'a') AND (c_1_partition_key IN (1, 2)))</c>: AND and OR
/// of columns compared with literals. Of anything else nothing is known. Since the names of the stored columns cannot be guessed and
/// literals are quoted, no literal can look like a condition.
/// </summary>
internal static class ConditionParser
{
    private const int MaxDepth = 64;

    /// <summary>Longest first, where one starts like another.</summary>
    private static readonly (string Text, KeyComparison Comparison)[] Operators =
    [
        ("<= ", KeyComparison.LessOrEqual),
        (">= ", KeyComparison.GreaterOrEqual),
        ("= ", KeyComparison.Equal),
        ("< ", KeyComparison.Less),
        ("> ", KeyComparison.Greater),
        ("^@ ", KeyComparison.StartsWith),
    ];

    /// <summary>Reads conditions that all hold.</summary>
    /// <param name="expressions">The conditions as DuckDB prints them.</param>
    /// <param name="columns">Column name by stored name.</param>
    internal static KeyCondition Parse(IEnumerable<string> expressions, IReadOnlyDictionary<string, string> columns)
    {
        KeyCondition condition = KeyCondition.None;
        foreach (string expression in expressions)
            condition = condition.And(Expression(expression.AsSpan(), columns, depth: 0));
        return condition;
    }

    private static KeyCondition Expression(ReadOnlySpan<char> text, IReadOnlyDictionary<string, string> columns, int depth)
    {
        text = ConditionText.Unwrap(text);
        if (depth > MaxDepth)
            return KeyCondition.None;
        if (Comparison(text, columns) is { } comparison)
            return comparison;
        var ands = new List<int>();
        var ors = new List<int>();
        var betweens = new List<int>();
        ConditionText.Find(text, " AND ", ands);
        ConditionText.Find(text, " OR ", ors);
        ConditionText.Find(text, " BETWEEN ", betweens);

        // The AND of a BETWEEN joins no conditions: what stands behind it may be one, and need not hold.
        if (betweens.Count > 0 || (ands.Count > 0) == (ors.Count > 0))
            return KeyCondition.None;
        var parts = new List<KeyCondition>();
        int start = 0;
        foreach (int end in ands.Count > 0 ? ands : ors)
        {
            parts.Add(Expression(text[start..end], columns, depth + 1));
            start = end + (ands.Count > 0 ? " AND ".Length : " OR ".Length);
        }

        parts.Add(Expression(text[start..], columns, depth + 1));
        return ands.Count > 0 ? parts.Aggregate((all, next) => all.And(next)) : KeyCondition.Any(parts);
    }

    private static KeyCondition? Comparison(ReadOnlySpan<char> text, IReadOnlyDictionary<string, string> columns)
    {
        foreach (string call in (ReadOnlySpan<string>)["prefix(", "starts_with("])
        {
            if (text.StartsWith(call, StringComparison.Ordinal) && text[^1] == ')')
                return Prefix(text[call.Length..^1], columns);
        }

        if (!Column(ref text, columns, out string column))
            return null;
        foreach ((string sign, KeyComparison comparison) in Operators)
        {
            if (text.StartsWith(sign, StringComparison.Ordinal))
            {
                return ConditionText.ReadLiteral(text[sign.Length..], out string literal, out ReadOnlySpan<char> after) && after.IsEmpty
                    ? KeyCondition.Of(column, comparison, literal)
                    : null;
            }
        }

        if (text.StartsWith("IN (", StringComparison.Ordinal) && text[^1] == ')')
        {
            var literals = new List<string>();
            return ConditionText.ReadList(text["IN (".Length..^1], literals) ? KeyCondition.In(column, literals) : null;
        }

        return text.StartsWith("BETWEEN ", StringComparison.Ordinal) ? Between(text["BETWEEN ".Length..], column) : null;
    }

    /// <summary>DuckDB prints it alike whether or not the ends are inside; with them it is never too little.</summary>
    private static KeyCondition? Between(ReadOnlySpan<char> text, string column)
    {
        if (!ConditionText.ReadLiteral(text, out string low, out text) || !text.StartsWith(" AND ", StringComparison.Ordinal)
            || !ConditionText.ReadLiteral(text[" AND ".Length..], out string high, out text) || !text.IsEmpty)
            return null;
        return KeyCondition.Of(column, KeyComparison.GreaterOrEqual, low).And(KeyCondition.Of(column, KeyComparison.LessOrEqual, high));
    }

    private static KeyCondition? Prefix(ReadOnlySpan<char> arguments, IReadOnlyDictionary<string, string> columns)
    {
        int comma = arguments.IndexOf(", ", StringComparison.Ordinal);
        return comma > 0
            && columns.TryGetValue(arguments[..comma].ToString(), out string? column)
            && ConditionText.ReadLiteral(arguments[(comma + 2)..], out string literal, out ReadOnlySpan<char> after)
            && after.IsEmpty
            ? KeyCondition.Of(column, KeyComparison.StartsWith, literal)
            : null;
    }

    /// <summary>Reads a column, and the space behind it. A cast to a type that holds all numbers of the column changes no comparison.</summary>
    private static bool Column(ref ReadOnlySpan<char> text, IReadOnlyDictionary<string, string> columns, out string column)
    {
        const string Cast = "CAST(";
        const string ToWider = " AS HUGEINT) ";
        column = "";
        ReadOnlySpan<char> name = text;
        int length;
        int end;
        if (text.StartsWith(Cast, StringComparison.Ordinal))
        {
            name = text[Cast.Length..];
            length = name.IndexOf(ToWider, StringComparison.Ordinal);
            end = Cast.Length + length + ToWider.Length;
        }
        else
        {
            length = name.IndexOf(' ');
            end = length + 1;
        }

        if (length < 0 || !columns.TryGetValue(name[..length].ToString(), out string? found))
            return false;
        column = found;
        bool isCast = end > length + 1;
        text = text[end..];
        return !isCast || found == "partition_key";
    }
}
