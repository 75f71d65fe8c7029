using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>
/// <c>SHOW TABLES</c> and <c>DESCRIBE table</c> as the peer answers them: from the information schema, and not from DuckDB's catalogue.
/// </summary>
internal static class ShowStatements
{
    /// <summary>Rewrites a statement, if it is one of these and the tables are there.</summary>
    /// <returns>True when it was.</returns>
    internal static bool Rewrite(JsonObject node, DialectTables tables)
    {
        if (node.Text("type") != "SELECT_NODE" || node.Object("from_table") is not { } from || from.Text("type") != "SHOW_REF")
            return false;
        if (from.Text("table_name") == "\"tables\"" && from["query"] is null && tables.Columns("information_schema.tables") is not null)
        {
            Read(node, "information_schema.tables", ["table_catalog", "table_schema", "table_name", "table_type"]);
            return true;
        }

        if (from.Text("show_type") != "DESCRIBE" || from.Object("query")?.Object("from_table") is not { } described
            || described.Text("type") != "BASE_TABLE" || tables.Columns("information_schema.columns") is null
            || tables.Columns(described.Text("table_name")) is null)
        {
            return false;
        }

        string name = SqlNames.Fold(described.Text("table_name"));
        Read(node, "information_schema.columns", ["column_name", "data_type", "is_nullable"]);
        node["where_clause"] = ParsedSql.Compare("COMPARE_EQUAL", ParsedSql.Column("table_name"), ParsedSql.Literal(name));
        var order = new JsonObject
        {
            ["type"] = "ORDER_DEFAULT",
            ["null_order"] = "ORDER_DEFAULT",
            ["expression"] = ParsedSql.Column("ordinal_position"),
        };
        node["modifiers"] = new JsonArray(new JsonObject { ["type"] = "ORDER_MODIFIER", ["orders"] = new JsonArray(order) });
        return true;
    }

    private static void Read(JsonObject node, string table, string[] columns)
    {
        node["select_list"] = new JsonArray([.. columns.Select(ParsedSql.Column)]);
        node["from_table"] = new JsonObject
        {
            ["type"] = "BASE_TABLE",
            ["alias"] = "",
            ["sample"] = null,
            ["schema_name"] = "",
            ["table_name"] = table,
            ["column_name_alias"] = new JsonArray(),
            ["catalog_name"] = "",
            ["at_clause"] = null,
        };
    }
}
