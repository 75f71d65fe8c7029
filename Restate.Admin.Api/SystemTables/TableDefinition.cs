using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.SystemTables;

/// <summary>What a table looks like, apart from where its rows come from.</summary>
/// <param name="Name">Name in SQL.</param>
/// <param name="Description">What its rows are: a phrase without a full stop.</param>
/// <param name="Columns">Columns in order.</param>
internal sealed record TableDefinition(string Name, string Description, IReadOnlyList<SqlColumn> Columns)
{
    /// <summary>The table over rows that are made when a query asks for them.</summary>
    internal MemoryTable Over(Func<IReadOnlyList<object?[]>> rows) => new(Name, Columns, rows);

    /// <summary>The table over a partition store that holds nothing of its kind: this node stores no invocations.</summary>
    internal MemoryTable OverNothing() => new(Name, Columns, () => []);
}
