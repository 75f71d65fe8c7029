namespace Restate.Admin.Api.Query.Gate;

/// <summary>
/// About how many instructions RE2 makes of a regular expression. It repeats what is counted as often as the count says, and a class of
/// Unicode takes hundreds; where its fast matcher runs out of states the other one goes through all of them at every character, and DuckDB
/// heeds no interrupt before a vector of rows is done. Reads any text: what RE2 refuses anyway may get any size.
/// </summary>
internal static class RegexpSize
{
    /// <summary>Most instructions that are let through. With twice as many, two queries at once over short values ended 0.6 and 0.9 s past their limit.</summary>
    internal const long Max = 10_000;

    /// <summary>Any character: the forms of UTF-8.</summary>
    private const long AnyCharacter = 10;

    /// <summary>A class such as <c>\pL</c>: hundreds of ranges, which share most of their first bytes.</summary>
    private const long UnicodeClass = 400;

    /// <summary>Longer than a count (<c>{1000,1000}</c>) or the name of a class (<c>[:^xdigit:]</c>): looking farther for each end would take quadratic time.</summary>
    private const int Near = 16;

    private const long Ceiling = long.MaxValue / 4096;

    /// <summary>The estimate, 0 or more.</summary>
    internal static long Estimate(ReadOnlySpan<char> pattern)
    {
        var outer = new Stack<long>();
        long all = 0;
        long last = 0;
        for (int i = 0; i < pattern.Length;)
        {
            switch (pattern[i])
            {
                case '(':
                    outer.Push(all + last);
                    (all, last) = (0, 0);
                    i++;
                    break;
                case ')':
                    (all, last) = (outer.TryPop(out long before) ? before : 0, all + last + 2);
                    i++;
                    break;
                case '{' when Count(pattern[i..], out long times, out int length):
                    last = Math.Min(Ceiling, last * times);
                    i += length;
                    break;
                case '[':
                    all += last;
                    last = Class(pattern, ref i);
                    break;
                case '\\':
                    all += last;
                    last = Escape(pattern, ref i);
                    break;
                default:
                    all += last;
                    last = pattern[i] == '.' ? AnyCharacter : 1;
                    i++;
                    break;
            }

            all = Math.Min(Ceiling, all);
        }

        all += last;
        while (outer.TryPop(out long before))
            all = Math.Min(Ceiling, all + before);
        return all;
    }

    /// <summary>How often the part before is repeated at most; at least once.</summary>
    private static bool Count(ReadOnlySpan<char> text, out long times, out int length)
    {
        (times, length) = (1, 0);
        int end = text[..Math.Min(Near, text.Length)].IndexOf('}');
        if (end < 2)
            return false;
        ReadOnlySpan<char> counts = text[1..end];
        int comma = counts.IndexOf(',');
        ReadOnlySpan<char> least = comma < 0 ? counts : counts[..comma];
        ReadOnlySpan<char> most = comma < 0 || comma == counts.Length - 1 ? least : counts[(comma + 1)..];
        if (!IsNumber(least) || !IsNumber(most))
            return false;
        length = end + 1;

        // RE2 takes counts up to 1,000.
        times = most.Length > 4 ? 1 : Math.Max(1, long.Parse(most, System.Globalization.CultureInfo.InvariantCulture));
        return true;
    }

    private static bool IsNumber(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9');

    private static long Class(ReadOnlySpan<char> pattern, ref int i)
    {
        int start = i++;
        if (i < pattern.Length && pattern[i] == '^')
            i++;
        long size = i - start > 1 ? AnyCharacter : 1;

        // A bracket that comes first stands for itself.
        for (bool isFirst = true; i < pattern.Length && (isFirst || pattern[i] != ']'); isFirst = false)
        {
            if (pattern[i] == '\\')
            {
                size += Escape(pattern, ref i);
            }
            else if (pattern[i..].StartsWith("[:") && pattern.Slice(i, Math.Min(Near, pattern.Length - i)).IndexOf(":]") is > 1 and int end)
            {
                // The bracket in it does not end the class.
                size += AnyCharacter;
                i += end + 2;
            }
            else
            {
                size++;
                i++;
            }
        }

        i++;
        return size;
    }

    private static long Escape(ReadOnlySpan<char> pattern, ref int i)
    {
        char kind = i + 1 < pattern.Length ? pattern[i + 1] : '\0';
        i = Math.Min(pattern.Length, i + 2);
        switch (kind)
        {
            case 'Q':
                // All up to \E stands for itself, brackets too.
                int quoted = pattern[i..].IndexOf("\\E");
                int length = quoted < 0 ? pattern.Length - i : quoted;
                i += quoted < 0 ? length : length + 2;
                return length;
            case 'p' or 'P' when i < pattern.Length && pattern[i] == '{':
                // Without an end RE2 refuses it all.
                int end = pattern[i..].IndexOf('}');
                i = end < 0 ? pattern.Length : i + end + 1;
                return UnicodeClass;
            case 'p' or 'P':
                i = Math.Min(pattern.Length, i + 1);
                return UnicodeClass;
            default:
                return 1;
        }
    }
}
