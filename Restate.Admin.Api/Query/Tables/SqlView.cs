namespace Restate.Admin.Api.Query.Tables;

/// <summary>A table that is a query over other tables. Registered after them.</summary>
internal sealed class SqlView : SqlTable
{
    /// <param name="name">Name in SQL, lower case.</param>
    /// <param name="columns">Columns in order, named and typed as <paramref name="definition"/> gives them.</param>
    /// <param name="definition">The SELECT.</param>
    internal SqlView(string name, IReadOnlyList<SqlColumn> columns, string definition) : base(name, columns) => Definition = definition;

    /// <summary>The SELECT behind it.</summary>
    internal string Definition { get; }

    /// <summary>Not called: the statement reads the tables of the definition.</summary>
    internal override TableScan Open(QueryScope scope, int occurrence) =>
        throw new InvalidOperationException($"{Name} is a view and has no scan of its own");
}
