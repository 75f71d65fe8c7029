using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>
/// Takes long lists of key columns out of a statement, for its scan to apply: DuckDB compares every row with every value of such a list,
/// 100 values take it six times as long as the scan itself, which tests each object once.
/// </summary>
/// <remarks>
/// Only where the statement is one SELECT over <c>state</c> alone and the list is one of the conditions that must all hold, so that it is
/// plain which rows it means. Its columns and values are text, compared byte by byte, as DuckDB does.
/// </remarks>
internal static class LongLists
{
    /// <summary>Shorter lists cost less than printing the statement anew.</summary>
    private const int MinValues = 16;

    private static readonly string[] Columns = ["service_name", "service_key", "key"];

    /// <summary>No list.</summary>
    internal static IReadOnlyDictionary<string, IReadOnlyList<string>> None { get; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Takes the lists out of the statement.</summary>
    /// <param name="parsed">The statement as it was serialised.</param>
    /// <param name="node">The same as a tree; it is changed.</param>
    /// <returns>Values by column.</returns>
    internal static IReadOnlyDictionary<string, IReadOnlyList<string>> Take(string parsed, JsonObject node)
    {
        // In a literal it keeps the list where it is, no more.
        if (parsed.Contains("\"SUBQUERY\"", StringComparison.Ordinal)
            || node.Text("type") != "SELECT_NODE"
            || node.Object("cte_map")?.Items("map").Count > 0
            || node.Object("sample") is not null
            || node.Object("from_table") is not { } from
            || from.Text("type") != "BASE_TABLE"
            || !SqlNames.Same(from.Text("table_name"), "state")
            || from.Text("schema_name").Length > 0
            || from.Text("catalog_name").Length > 0
            || from.Items("column_name_alias").Count > 0
            || from.Object("sample") is not null
            || node.Object("where_clause") is not { } where)
        {
            return None;
        }

        string table = from.Text("alias") is { Length: > 0 } alias ? alias : "state";
        if (Read(where, table) is { } only)
        {
            node["where_clause"] = null;
            return new Dictionary<string, IReadOnlyList<string>> { [only.Column] = only.Values };
        }

        if (where.Text("type") != "CONJUNCTION_AND")
            return None;
        JsonArray conditions = where.Items("children");
        var found = new Dictionary<string, IReadOnlyList<string>>();
        for (int i = conditions.Count - 1; i >= 0; i--)
        {
            // A second list of the same column stays where it is.
            if (conditions[i] is JsonObject condition && Read(condition, table) is { } list && found.TryAdd(list.Column, list.Values))
                conditions.RemoveAt(i);
        }

        if (conditions.Count <= 1)
        {
            JsonNode? last = conditions.Count == 0 ? null : conditions[0];
            conditions.Clear();
            node["where_clause"] = last;
        }

        return found;
    }

    private static (string Column, IReadOnlyList<string> Values)? Read(JsonObject condition, string table)
    {
        JsonArray operands = condition.Items("children");
        if (condition.Text("type") != "COMPARE_IN" || operands.Count <= MinValues || operands[0] is not JsonObject reference
            || reference.Text("class") != "COLUMN_REF")
        {
            return null;
        }

        string[] names = reference.Names("column_names");
        if (names.Length is not (1 or 2) || (names.Length == 2 && !SqlNames.Same(names[0], table))
            || Columns.FirstOrDefault(name => SqlNames.Same(name, names[^1])) is not { } column)
        {
            return null;
        }

        var values = new List<string>(operands.Count - 1);
        foreach (JsonNode? operand in operands.Skip(1))
        {
            if (operand is not JsonObject constant || constant.Text("class") != "CONSTANT" || constant.Object("value") is not { } value
                || value.IsTrue("is_null") || value.Object("type")?.Text("id") != "VARCHAR"
                || value["value"] is not JsonValue text || !text.TryGetValue(out string? literal))
            {
                return null;
            }

            values.Add(literal);
        }

        return (column, values);
    }
}
