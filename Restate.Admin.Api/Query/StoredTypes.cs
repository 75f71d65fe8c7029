using Restate.Admin.Api.Query.Dialect;
using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.Query;

/// <summary>Finds the table columns behind result columns, for types that are one to DuckDB and two to clients.</summary>
internal static class StoredTypes
{
    /// <summary>
    /// Takes a result column for the table column of its name, where the tables that the statement reads agree on that. A computed
    /// value under such a name is shown in the other form of the same type, which is no wrong value.
    /// </summary>
    /// <param name="results">The result columns.</param>
    /// <param name="tables">The tables that the statement reads.</param>
    /// <param name="known">Types of the result columns in the peer; null where they are not known.</param>
    internal static void Mark(IReadOnlyList<ResultColumn> results, IEnumerable<SqlTable> tables, IReadOnlyList<PeerType>? known)
    {
        ILookup<string, SqlType> types = tables
            .SelectMany(table => table.Columns)
            .ToLookup(column => column.Name, column => column.Type, StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < results.Count; i++)
        {
            ResultColumn result = results[i];
            if (known?.Count == results.Count && known[i].Kind != PeerKind.Unknown)
            {
                result.Stored = TypeOf(known[i]);
                continue;
            }

            SqlType[] found = [.. types[result.Name].Distinct()];
            result.Stored = found.Length == 1 ? found[0] : null;
        }
    }

    /// <summary>Null for types that are one to clients as well.</summary>
    private static SqlType? TypeOf(PeerType type) => type.Kind switch
    {
        PeerKind.Utf8 => SqlType.SmallUtf8,
        PeerKind.LargeUtf8 or PeerKind.Utf8View => SqlType.Utf8,
        PeerKind.Duration => SqlType.Duration,
        _ => null,
    };
}
