using System.Buffers;
using System.Text;

namespace Restate.Admin.Api.Query.Gate;

/// <summary>
/// The first look at a statement, before any parser sees it: its size, its number of tokens, how deep brackets nest and how long
/// its literals are. Reads the text once. A miscount in odd SQL is harmless: what it lets through meets the gate behind it.
/// </summary>
internal static class SqlText
{
    /// <summary>Most bytes of UTF-8.</summary>
    internal const int MaxBytes = 256 << 10;

    /// <summary>Most tokens. DuckDB's planner takes more than linear time: 60,000 ANDed terms take it seven seconds.</summary>
    internal const int MaxTokens = 10_000;

    /// <summary>Deepest nesting of brackets.</summary>
    internal const int MaxNesting = 200;

    /// <summary>Most bytes of one literal: a vector of 2,048 copies, which no limit of DuckDB counts, then stays at 32 MiB.</summary>
    internal const int MaxLiteralBytes = 16 << 10;

    /// <summary>
    /// Most characters that the starts of comments, nested ones too, may make DuckDB's scanner read again: at each it takes the whole
    /// run of operator characters and gives all but two back, in a call that no interrupt reaches. 240 KB of <c>/*</c> took it minutes.
    /// </summary>
    internal const int MaxRescans = 1 << 20;

    private static readonly SearchValues<char> OperatorCharacters = SearchValues.Create("~!@#^&|`?+-*/%<>=");

    /// <summary>Checks the limits.</summary>
    /// <exception cref="QueryException">The text is past a limit, or holds a NUL.</exception>
    internal static void Check(string sql)
    {
        if (sql.Length > MaxBytes || Encoding.UTF8.GetByteCount(sql) > MaxBytes)
            throw TooLarge($"the query is longer than {MaxBytes} bytes");
        if (sql.Contains('\0', StringComparison.Ordinal))
            throw QueryException.Invalid("the query holds a NUL character");
        int tokens = 0;
        int nesting = 0;
        int rescans = 0;
        int mostTerms = 0;
        int termsNesting = -1;
        int terms = 0;
        int at = 0;
        while (at < sql.Length)
        {
            char c = sql[at];
            if (char.IsWhiteSpace(c))
            {
                at++;
                continue;
            }

            int end = EndOfToken(sql, at, ref rescans, out bool isComment);
            if (isComment)
            {
                at = end;
                continue;
            }

            if (++tokens > MaxTokens)
                throw TooLarge($"the query has more than {MaxTokens} tokens");
            if (c is '(' or '[' or '{' && ++nesting > MaxNesting)
                throw QueryException.Invalid($"the query nests brackets deeper than {MaxNesting}");
            if (c is ')' or ']' or '}')
                nesting--;

            // DuckDB's parser writes every grouping set out, n or 2ⁿ of them, where no interrupt reaches it.
            if (c == '(' && mostTerms > 0 && termsNesting < 0)
                (termsNesting, terms) = (nesting, 1);
            else if (nesting < termsNesting)
                termsNesting = -1;
            else if (c == ',' && nesting == termsNesting && ++terms > mostTerms)
                throw QueryException.Invalid($"more than {StatementGate.MaxGroupingSets} grouping sets are not supported");
            if (termsNesting < 0)
                mostTerms = MostTerms(sql.AsSpan(at, end - at));
            if (end - at > MaxLiteralBytes && Encoding.UTF8.GetByteCount(sql.AsSpan(at, end - at)) > MaxLiteralBytes)
                throw TooLarge($"a literal or name in the query is longer than {MaxLiteralBytes} bytes");
            at = end;
        }
    }

    /// <summary>Goes past spaces and comments and the word behind them.</summary>
    /// <param name="sql">The text, which has been checked.</param>
    /// <param name="at">Where to start; the end of the word.</param>
    /// <returns>The word; empty when none stands there.</returns>
    internal static ReadOnlySpan<char> NextWord(string sql, ref int at)
    {
        int rescans = 0;
        while (at < sql.Length)
        {
            if (char.IsWhiteSpace(sql[at]))
            {
                at++;
                continue;
            }

            int start = at;
            at = EndOfToken(sql, at, ref rescans, out bool isComment);
            if (!isComment)
                return IsWord(sql[start]) && sql[at - 1] != '\'' ? sql.AsSpan(start, at - start) : default;
        }

        return default;
    }

    /// <summary>Terms that the brackets behind a word may hold; 0 where they are not those of grouping sets.</summary>
    private static int MostTerms(ReadOnlySpan<char> word) =>
        word.Equals("rollup", StringComparison.OrdinalIgnoreCase) ? StatementGate.MaxGroupingSets - 1
        : word.Equals("cube", StringComparison.OrdinalIgnoreCase) ? System.Numerics.BitOperations.Log2(StatementGate.MaxGroupingSets)
        : 0;

    private static QueryException TooLarge(string message) => new(QueryFailure.TooLarge, message);

    private static int EndOfToken(string sql, int start, ref int rescans, out bool isComment)
    {
        char c = sql[start];
        char next = start + 1 < sql.Length ? sql[start + 1] : '\0';
        isComment = (c == '-' && next == '-') || (c == '/' && next == '*');
        if (isComment)
            return c == '-' ? Until(sql, "\n", start) : EndOfBlockComment(sql, start, ref rescans);
        if (c is 'e' or 'E' && next == '\'')
            return EndOfQuoted(sql, start + 1, escapes: true);
        if (c is '\'' or '"')
            return EndOfQuoted(sql, start, escapes: false);
        if (c == '$' && EndOfTag(sql, start) is { } tagEnd)
            return Until(sql, sql[start..tagEnd], tagEnd);
        int at = start + 1;
        if (IsWord(c))
        {
            while (at < sql.Length && IsWord(sql[at]))
                at++;
        }

        return at;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' || char.IsSurrogate(c);

    /// <summary>The place after the next <paramref name="mark"/>, or the end of the text.</summary>
    private static int Until(string sql, string mark, int from)
    {
        int found = sql.IndexOf(mark, from, StringComparison.Ordinal);
        return found < 0 ? sql.Length : found + mark.Length;
    }

    private static int EndOfQuoted(string sql, int start, bool escapes)
    {
        char quote = sql[start];
        for (int at = start + 1; at < sql.Length; at++)
        {
            if (escapes && sql[at] == '\\')
            {
                at++;
            }
            else if (sql[at] == quote)
            {
                if (at + 1 >= sql.Length || sql[at + 1] != quote)
                    return at + 1;
                at++;
            }
        }

        return sql.Length;
    }

    private static int EndOfBlockComment(string sql, int start, ref int rescans)
    {
        int depth = 0;
        for (int at = start; at < sql.Length; at++)
        {
            char next = at + 1 < sql.Length ? sql[at + 1] : '\0';
            if (sql[at] == '/' && next == '*')
            {
                int run = sql.AsSpan(at).IndexOfAnyExcept(OperatorCharacters);
                if ((rescans += run < 0 ? sql.Length - at : run) > MaxRescans)
                    throw TooLarge("the query has too many comments without a space or text between them");
                depth++;
                at++;
            }
            else if (sql[at] == '*' && next == '/')
            {
                at++;
                if (--depth == 0)
                    return at + 1;
            }
        }

        return sql.Length;
    }

    /// <summary>The end of a dollar quote's opening tag (<c>$$</c>, <c>$name$</c>), or null when it is none.</summary>
    private static int? EndOfTag(string sql, int start)
    {
        int at = start + 1;
        while (at < sql.Length && (char.IsLetterOrDigit(sql[at]) || sql[at] == '_'))
            at++;
        return at < sql.Length && sql[at] == '$' ? at + 1 : null;
    }
}
