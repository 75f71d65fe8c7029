using System.Text;

namespace Restate.Admin.Api.Query.Gate;

/// <summary>Puts another aggregate in the place of <c>sum</c>, at the places the parser itself gives.</summary>
internal static class SumRewriter
{
    /// <summary>Rewrites a statement.</summary>
    /// <param name="sql">The statement, UTF-8.</param>
    /// <param name="sums">Places of the calls, ascending.</param>
    /// <param name="name">What to call instead.</param>
    /// <returns>The statement with every plain <c>sum(</c> at such a place replaced; a call in quotes stays DuckDB's.</returns>
    internal static string Rewrite(ReadOnlySpan<byte> sql, IReadOnlyCollection<int> sums, string name)
    {
        var result = new StringBuilder(sql.Length + (sums.Count * name.Length));
        int copied = 0;
        foreach (int at in sums)
        {
            if (at < copied || !IsCall(sql, at))
                continue;
            result.Append(Encoding.UTF8.GetString(sql[copied..at])).Append(name);
            copied = at + "sum".Length;
        }

        return result.Append(Encoding.UTF8.GetString(sql[copied..])).ToString();
    }

    private static bool IsCall(ReadOnlySpan<byte> sql, int at)
    {
        if (at < 0 || at + 3 >= sql.Length || !Ascii.EqualsIgnoreCase(sql.Slice(at, 3), "sum"u8))
            return false;
        ReadOnlySpan<byte> after = sql[(at + 3)..].TrimStart(" \t\r\n"u8);
        return !after.IsEmpty && after[0] == (byte)'(';
    }
}
