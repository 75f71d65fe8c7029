namespace Restate.Admin.Api.Query.Gate;

/// <summary>Whether a statement is to be run or to be explained.</summary>
internal enum ExplainKind
{
    /// <summary>Run.</summary>
    None,

    /// <summary>Told how it would be run, without reading anything.</summary>
    Plan,

    /// <summary>Run, and told how that went.</summary>
    Analyze,
}

/// <summary>
/// Takes EXPLAIN off a statement: DuckDB serialises SELECT only, so the words in front of it are read here, and what stands behind them
/// is a statement like any other. A word missed or taken wrongly can only get a statement refused: what remains meets the gate.
/// </summary>
internal static class ExplainWords
{
    /// <summary>Takes the words off.</summary>
    /// <param name="sql">The statement; what is left of it.</param>
    /// <exception cref="QueryException">They ask for what there is not.</exception>
    internal static ExplainKind Take(ref string sql)
    {
        int at = 0;
        if (!SqlText.NextWord(sql, ref at).Equals("EXPLAIN", StringComparison.OrdinalIgnoreCase))
            return ExplainKind.None;
        var kind = ExplainKind.Plan;
        while (true)
        {
            int next = at;
            ReadOnlySpan<char> word = SqlText.NextWord(sql, ref next);
            if (word.Equals("EXPLAIN", StringComparison.OrdinalIgnoreCase))
                throw QueryException.Invalid("nested EXPLAINs are not supported");
            if (word.Equals("FORMAT", StringComparison.OrdinalIgnoreCase))
                throw QueryException.Invalid("EXPLAIN has one format: leave FORMAT out");
            if (word.Equals("ANALYZE", StringComparison.OrdinalIgnoreCase))
                kind = ExplainKind.Analyze;
            else if (!word.Equals("VERBOSE", StringComparison.OrdinalIgnoreCase))
                break;
            at = next;
        }

        sql = sql[at..];
        return kind;
    }
}
