using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.Query;

/// <summary>Finds the table columns behind result columns, for types that are one to DuckDB and two to clients.</summary>
internal static class StoredTypes
{
    /// <summary>
    /// Takes a result column for the table column of its name, where the tables that the statement reads agree on that. A computed
    /// value under such a name is shown in the other form of the same type, which is no wrong value.
    /// </summary>
    internal static void Mark(IReadOnlyList<ResultColumn> results, IEnumerable<SqlTable> tables)
    {
        ILookup<string, SqlType> types = tables
            .SelectMany(table => table.Columns)
            .ToLookup(column => column.Name, column => column.Type, StringComparer.OrdinalIgnoreCase);
        foreach (ResultColumn result in results)
        {
            SqlType[] found = [.. types[result.Name].Distinct()];
            result.Stored = found.Length == 1 ? found[0] : null;
        }
    }
}
