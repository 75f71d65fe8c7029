namespace Restate.Admin.Api.Query.Dialect;

/// <summary>
/// Compares identifiers as DuckDB does: only the case of ASCII letters is nothing. .NET's own comparisons fold more, and a name that
/// we take for another than DuckDB does would be rewritten into something its author did not mean.
/// </summary>
internal sealed class SqlNames : IEqualityComparer<string>
{
    internal static SqlNames Comparer { get; } = new();

    public bool Equals(string? x, string? y) => x is null || y is null ? x is null && y is null : Same(x, y);

    public int GetHashCode(string obj) => string.GetHashCode(Fold(obj), StringComparison.Ordinal);

    internal static bool Same(string left, string right)
    {
        if (left.Length != right.Length)
            return false;
        for (int i = 0; i < left.Length; i++)
        {
            if (Fold(left[i]) != Fold(right[i]))
                return false;
        }

        return true;
    }

    /// <summary>The name with its ASCII letters in lower case.</summary>
    internal static string Fold(string name) => string.Create(name.Length, name, static (span, from) =>
    {
        for (int i = 0; i < span.Length; i++)
            span[i] = Fold(from[i]);
    });

    private static char Fold(char c) => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;
}
