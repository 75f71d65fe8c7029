namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>
/// Reads the conditions DuckDB prints above a scan, such as <c>((c_1_service_key = 'a') AND (c_1_partition_key IN (1, 2)))</c>.
/// Anything but conjunctions of column = literal and column IN (literals) is passed over. Since the names of the stored columns
/// cannot be guessed and literals are quoted, no literal can look like a condition.
/// </summary>
internal static class ConditionParser
{
    private const int MaxDepth = 64;

    /// <summary>Reads conditions that all hold.</summary>
    /// <param name="expressions">The conditions as DuckDB prints them.</param>
    /// <param name="columns">Column name by stored name.</param>
    internal static KeyCondition Parse(IEnumerable<string> expressions, IReadOnlyDictionary<string, string> columns)
    {
        KeyCondition condition = KeyCondition.None;
        foreach (string expression in expressions)
            condition = Conjunction(expression.AsSpan(), columns, condition, depth: 0);
        return condition;
    }

    private static KeyCondition Conjunction(
        ReadOnlySpan<char> text, IReadOnlyDictionary<string, string> columns, KeyCondition condition, int depth)
    {
        text = Unwrap(text);
        if (depth > MaxDepth)
            return condition;
        var ends = new List<int>();
        if (!FindAnds(text, ends))
            return condition;
        if (ends.Count == 0)
            return Comparison(text, columns, condition);
        int start = 0;
        foreach (int end in ends)
        {
            condition = Conjunction(text[start..end], columns, condition, depth + 1);
            start = end + " AND ".Length;
        }

        return Conjunction(text[start..], columns, condition, depth + 1);
    }

    private static KeyCondition Comparison(ReadOnlySpan<char> text, IReadOnlyDictionary<string, string> columns, KeyCondition condition)
    {
        int space = text.IndexOf(' ');
        if (space < 0 || !columns.TryGetValue(text[..space].ToString(), out string? column))
            return condition;
        ReadOnlySpan<char> rest = text[(space + 1)..];
        var literals = new List<string>();
        if (rest.StartsWith("= ", StringComparison.Ordinal))
        {
            if (!ReadLiteral(rest[2..].Trim(), literals, out ReadOnlySpan<char> after) || !after.Trim().IsEmpty)
                return condition;
        }
        else if (rest.StartsWith("IN (", StringComparison.Ordinal) && rest[^1] == ')')
        {
            if (!ReadList(rest["IN (".Length..^1], literals))
                return condition;
        }
        else
        {
            return condition;
        }

        return condition.Narrow(column, literals);
    }

    /// <summary>Takes off brackets that enclose the whole text.</summary>
    private static ReadOnlySpan<char> Unwrap(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        while (text.Length > 1 && text[0] == '(' && EndOfGroup(text) == text.Length)
            text = text[1..^1].Trim();
        return text;
    }

    /// <summary>The place after the bracket that closes the one the text starts with; −1 when there is none.</summary>
    private static int EndOfGroup(ReadOnlySpan<char> text)
    {
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\'' or '"':
                    at = EndOfQuoted(text, at) - 1;
                    break;
                case '(':
                    depth++;
                    break;
                case ')' when --depth == 0:
                    return at + 1;
            }
        }

        return -1;
    }

    /// <summary>Where the ANDs outside of brackets and quotes start; false when an OR stands beside them.</summary>
    private static bool FindAnds(ReadOnlySpan<char> text, List<int> found)
    {
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            if (c is '\'' or '"')
                at = EndOfQuoted(text, at) - 1;
            else if (c == '(')
                depth++;
            else if (c == ')')
                depth--;
            else if (c == ' ' && depth == 0 && text[at..].StartsWith(" OR ", StringComparison.Ordinal))
                return false;
            else if (c == ' ' && depth == 0 && text[at..].StartsWith(" AND ", StringComparison.Ordinal))
                found.Add(at);
        }

        return true;
    }

    private static int EndOfQuoted(ReadOnlySpan<char> text, int start)
    {
        char quote = text[start];
        int at = start + 1;
        while (at < text.Length)
        {
            if (text[at] == quote)
            {
                if (at + 1 >= text.Length || text[at + 1] != quote)
                    return at + 1;
                at++;
            }

            at++;
        }

        return text.Length;
    }

    private static bool ReadList(ReadOnlySpan<char> text, List<string> literals)
    {
        while (true)
        {
            if (!ReadLiteral(text.Trim(), literals, out text))
                return false;
            text = text.Trim();
            if (text.IsEmpty)
                return true;
            if (text[0] != ',')
                return false;
            text = text[1..];
        }
    }

    /// <summary>Reads a quoted text or a whole number.</summary>
    private static bool ReadLiteral(ReadOnlySpan<char> text, List<string> literals, out ReadOnlySpan<char> rest)
    {
        rest = default;
        if (text.IsEmpty)
            return false;
        if (text[0] == '\'')
        {
            int end = EndOfQuoted(text, 0);
            if (end < 2 || text[end - 1] != '\'')
                return false;
            literals.Add(text[1..(end - 1)].ToString().Replace("''", "'", StringComparison.Ordinal));
            rest = text[end..];
            return true;
        }

        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        if (digits == 0)
            return false;
        literals.Add(text[..digits].ToString());
        rest = text[digits..];
        return true;
    }
}
