namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>Finds the parts of an expression as DuckDB prints it: what quotes, brackets and conjunctions enclose.</summary>
internal static class ConditionText
{
    /// <summary>Takes off brackets that enclose the whole text.</summary>
    internal static ReadOnlySpan<char> Unwrap(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        while (text.Length > 1 && text[0] == '(' && EndOfGroup(text) == text.Length)
            text = text[1..^1].Trim();
        return text;
    }

    /// <summary>Where a word, with spaces around it, stands outside of brackets and quotes.</summary>
    internal static void Find(ReadOnlySpan<char> text, string word, List<int> found)
    {
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            if (c is '\'' or '"')
                at = EndOfQuoted(text, at) - 1;
            else if (c is '(' or '[' or '{')
                depth++;
            else if (c is ')' or ']' or '}')
                depth--;
            else if (c == ' ' && depth == 0 && text[at..].StartsWith(word, StringComparison.Ordinal))
                found.Add(at);
        }
    }

    /// <summary>Reads a quoted text or a whole number.</summary>
    internal static bool ReadLiteral(ReadOnlySpan<char> text, out string literal, out ReadOnlySpan<char> rest)
    {
        literal = "";
        rest = default;
        if (text.IsEmpty)
            return false;
        if (text[0] == '\'')
        {
            int end = EndOfQuoted(text, 0);
            if (end < 2 || text[end - 1] != '\'')
                return false;
            literal = text[1..(end - 1)].ToString().Replace("''", "'", StringComparison.Ordinal);
            rest = text[end..];
            return true;
        }

        int sign = text[0] == '-' ? 1 : 0;
        int digits = sign;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        if (digits == sign)
            return false;
        literal = text[..digits].ToString();
        rest = text[digits..];
        return true;
    }

    /// <summary>Reads literals with commas between them, up to the end. Nulls are left out: nothing equals them.</summary>
    internal static bool ReadList(ReadOnlySpan<char> text, List<string> literals)
    {
        while (true)
        {
            text = text.Trim();
            if (text.StartsWith("NULL", StringComparison.Ordinal))
                text = text["NULL".Length..];
            else if (ReadLiteral(text, out string literal, out text))
                literals.Add(literal);
            else
                return false;
            text = text.Trim();
            if (text.IsEmpty)
                return true;
            if (text[0] != ',')
                return false;
            text = text[1..];
        }
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
}
