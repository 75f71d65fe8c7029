namespace Restate.Admin.Api.Query.Dialect;

/// <summary>Names of result columns as the peer gives them.</summary>
/// <param name="sql">The statement as it was sent.</param>
/// <param name="names">As <see cref="DialectRewriter.ResultNames"/>.</param>
internal sealed class ResultNames(string sql, IReadOnlyList<string?>? names)
{
    /// <summary>The name of a column.</summary>
    /// <param name="name">DuckDB's.</param>
    /// <param name="index">Which column it is.</param>
    /// <param name="count">How many there are.</param>
    internal string Of(string name, int index, int count)
    {
        if (names?.Count == count && names[index] is { } known)
            return known;
        return name == "count_star()" ? "count(*)" : AsWritten(name);
    }

    /// <summary>
    /// The peer puts identifiers into lower case unless they are quoted. DuckDB keeps them and its parsed form does not say whether
    /// they were quoted, so the text is asked.
    /// </summary>
    private string AsWritten(string name) =>
        name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_') && !sql.Contains($"\"{name}\"", StringComparison.Ordinal)
            ? SqlNames.Fold(name)
            : name;
}
