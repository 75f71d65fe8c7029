using System.Text.Json;

namespace Restate.Admin.Api.Query.Gate;

/// <summary>What can be told from the shape of a parsed statement alone.</summary>
internal sealed partial class StatementGate
{
    private static bool IsJoin(JsonElement table) => table.GetProperty("type").ValueEquals("JOIN");

    /// <summary>
    /// True where what SELECT lists makes many rows of one, or reads other rows for each. A value collected from all rows would be copied
    /// for each: a vector of 2,048 copies of 20 MB, which no limit of DuckDB counts.
    /// </summary>
    private static bool IsRepeated(JsonElement select) => Mentions(select.GetProperty("select_list"), "unnest")
        || (!select.GetProperty("from_table").GetProperty("type").ValueEquals("EMPTY") && Contains(select.GetProperty("select_list"), "SUBQUERY"));

    private static bool IsUnnest(JsonElement item) => item.TryGetProperty("function_name", out JsonElement name)
        && "unnest".Equals(name.GetString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>True where an item shows what was collected elsewhere, and does not itself collect.</summary>
    private static bool ShowsCollected(JsonElement item, GateScope scope) => item.ValueKind switch
    {
        JsonValueKind.Object when item.TryGetProperty("class", out JsonElement kind) && kind.ValueEquals("SUBQUERY") => true,
        JsonValueKind.Object when item.TryGetProperty("column_names", out JsonElement names) && names.GetArrayLength() > 0 =>
            scope.Collected.Contains(names[names.GetArrayLength() - 1].GetString() ?? ""),
        JsonValueKind.Object => item.EnumerateObject().Any(property => ShowsCollected(property.Value, scope)),
        JsonValueKind.Array => item.EnumerateArray().Any(child => ShowsCollected(child, scope)),
        _ => false,
    };

    private static bool Mentions(JsonElement element, string function) => element.ValueKind switch
    {
        JsonValueKind.Object => (element.TryGetProperty("function_name", out JsonElement name)
                && function.Equals(name.GetString(), StringComparison.OrdinalIgnoreCase))
            || element.EnumerateObject().Any(property => Mentions(property.Value, function)),
        JsonValueKind.Array => element.EnumerateArray().Any(child => Mentions(child, function)),
        _ => false,
    };

    private static bool Contains(JsonElement element, string kind) => element.ValueKind switch
    {
        JsonValueKind.Object => (element.TryGetProperty("class", out JsonElement found) && found.ValueEquals(kind))
            || element.EnumerateObject().Any(property => Contains(property.Value, kind)),
        JsonValueKind.Array => element.EnumerateArray().Any(item => Contains(item, kind)),
        _ => false,
    };

    private static QueryException Refused(JsonElement root)
    {
        string message = root.GetProperty("error_message").GetString() ?? "";
        string type = root.GetProperty("error_type").GetString() ?? "";
        return type == "not implemented"
            ? QueryException.Invalid("only SELECT statements are supported")
            : QueryException.Invalid($"SQL error: {message}");
    }

    private static List<ColumnOrigin>? Origins(JsonElement node)
    {
        while (node.GetProperty("type").GetString() == "SET_OPERATION_NODE" && node.TryGetProperty("left", out JsonElement left))
            node = left;
        if (node.GetProperty("type").GetString() != "SELECT_NODE")
            return null;
        var origins = new List<ColumnOrigin>();
        foreach (JsonElement item in node.GetProperty("select_list").EnumerateArray())
        {
            string kind = item.GetProperty("class").GetString()!;
            if (kind == "STAR")
                return null;
            origins.Add(kind switch
            {
                "CONSTANT" when item.GetProperty("value").GetProperty("is_null").GetBoolean() => ColumnOrigin.Expression,
                "CONSTANT" => item.GetProperty("value").GetProperty("type").GetProperty("id").GetString() switch
                {
                    "VARCHAR" => ColumnOrigin.TextLiteral,
                    "INTEGER" => ColumnOrigin.IntegerLiteral,
                    _ => ColumnOrigin.Expression,
                },
                "FUNCTION" when item.GetProperty("function_name").GetString() is "count" or "count_star" => ColumnOrigin.Count,
                _ => ColumnOrigin.Expression,
            });
        }

        return origins;
    }
}
