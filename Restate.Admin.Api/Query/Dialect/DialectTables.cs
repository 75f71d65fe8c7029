using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>
/// The tables by the peer's names for them: catalog <c>restate</c>, schemas <c>public</c> and <c>information_schema</c>. In DuckDB all
/// are in one schema, those of the latter with a dot in their name.
/// </summary>
internal sealed class DialectTables
{
    private const string Catalog = "restate";
    private const string Public = "public";
    private const string Information = "information_schema";

    private readonly FrozenDictionary<string, IReadOnlyList<OutputColumn>> _columns;

    /// <param name="tables">The tables there are.</param>
    internal DialectTables(IEnumerable<SqlTable> tables) =>
        _columns = tables.ToFrozenDictionary(
            table => table.Name,
            IReadOnlyList<OutputColumn> (table) => [.. table.Columns.Select(column => new OutputColumn(table.Name, column.Name, TypeOf(column.Type)))],
            StringComparer.Ordinal);

    /// <summary>The columns of a table; null when there is no such.</summary>
    internal IReadOnlyList<OutputColumn>? Columns(string name) => _columns.GetValueOrDefault(SqlNames.Fold(name));

    /// <summary>Makes a mention with a schema one that DuckDB finds.</summary>
    /// <param name="table">The parsed mention.</param>
    /// <param name="hasChanged">True when it was changed.</param>
    /// <returns>The name as it was written, with catalog and schema.</returns>
    /// <exception cref="QueryException">There is no such catalog, schema or table.</exception>
    internal string Resolve(JsonObject table, out bool hasChanged)
    {
        string catalog = SqlNames.Fold(table.Text("catalog_name"));
        string schema = SqlNames.Fold(table.Text("schema_name"));
        string name = table.Text("table_name");
        hasChanged = catalog.Length > 0 || schema.Length > 0;
        if (!hasChanged)
            return name;
        string written = string.Join('.', new[] { catalog, schema, name }.Where(part => part.Length > 0));
        string stored = schema == Information ? $"{Information}.{SqlNames.Fold(name)}" : SqlNames.Fold(name);

        // DuckDB's own schemas are none of the caller's: a name of theirs goes no further.
        if (catalog is not ("" or Catalog) || schema is not (Public or Information) || !_columns.ContainsKey(stored)
            || (schema == Public && stored.Contains('.', StringComparison.Ordinal)))
        {
            throw QueryException.Invalid(
                $"table '{written}' not found; the tables are {string.Join(", ", _columns.Keys.Order(StringComparer.Ordinal))}");
        }

        // With DuckDB's catalog and schema, so that no common table expression of that name takes its place.
        table["catalog_name"] = "memory";
        table["schema_name"] = "main";
        table["table_name"] = stored;
        if (table.Text("alias").Length == 0 && stored != name)
            table["alias"] = name;
        return written;
    }

    /// <summary>A column's name without the catalog and schema of its table.</summary>
    internal string[] Shorten(string[] path)
    {
        int skip = path.Length > 3 && SqlNames.Same(path[0], Catalog) ? 1 : 0;
        if (path.Length - skip < 3)
            return path;
        bool isTable = (SqlNames.Same(path[skip], Public) && _columns.ContainsKey(SqlNames.Fold(path[skip + 1])))
            || (SqlNames.Same(path[skip], Information) && _columns.ContainsKey($"{Information}.{SqlNames.Fold(path[skip + 1])}"));
        return isTable ? path[(skip + 1)..] : path;
    }

    private static PeerType TypeOf(SqlType type) => type switch
    {
        SqlType.Boolean => PeerKind.Boolean,
        SqlType.UInt8 => PeerKind.UInt8,
        SqlType.UInt32 => PeerKind.UInt32,
        SqlType.UInt64 => PeerKind.UInt64,
        SqlType.Int64 => PeerKind.Int64,
        SqlType.Float64 => PeerKind.Float64,
        SqlType.Utf8 => PeerKind.LargeUtf8,
        SqlType.SmallUtf8 => PeerKind.Utf8,
        SqlType.Binary => PeerKind.LargeBinary,
        SqlType.Timestamp => new PeerType(PeerKind.Timestamp, Scale: 3, IsZoned: true),
        SqlType.Duration => new PeerType(PeerKind.Duration, Scale: 3),
        SqlType.UInt32List or SqlType.Utf8List => PeerKind.List,
        _ => PeerKind.Unknown,
    };
}
