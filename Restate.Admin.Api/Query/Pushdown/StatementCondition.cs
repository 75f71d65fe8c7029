using System.Text.Json;

namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>
/// Reads what rows must meet from the statement itself, where that says it plainly: one table, no subquery, and conditions that compare
/// columns with literals. Most lookups are such, and need no plan for it, which takes DuckDB as long as preparing the statement does. For
/// all others <see cref="PlanReader"/> asks for the plan.
/// </summary>
internal static class StatementCondition
{
    /// <summary>Conditions nested deeper than people write them are left to the plan.</summary>
    private const int MaxDepth = 64;

    private static readonly string[] Comparisons =
    [
        "COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_LESSTHAN", "COMPARE_GREATERTHAN", "COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHANOREQUALTO",
    ];

    /// <summary>Reads the condition.</summary>
    /// <param name="serialized">The statement as DuckDB serialises it.</param>
    /// <param name="node">The query in it.</param>
    /// <returns>What every row of the one table it reads must meet; null where the statement does not say it plainly.</returns>
    internal static KeyCondition? Read(string serialized, JsonElement node)
    {
        // In a literal it sends the statement the longer way, no more.
        if (serialized.Contains("\"SUBQUERY\"", StringComparison.Ordinal)
            || Text(node, "type") != "SELECT_NODE"
            || node.GetProperty("cte_map").GetProperty("map").GetArrayLength() > 0
            || node.GetProperty("from_table") is not { ValueKind: JsonValueKind.Object } from
            || Text(from, "type") != "BASE_TABLE"
            || (from.TryGetProperty("column_name_alias", out JsonElement renamed) && renamed.GetArrayLength() > 0)
            || IsSet(from, "sample")
            || !node.TryGetProperty("where_clause", out JsonElement where)
            || where.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        string table = Text(from, "alias") is { Length: > 0 } alias ? alias : Text(from, "table_name");
        return Conjunction(where, table, KeyCondition.None, depth: 0);
    }

    private static KeyCondition? Conjunction(JsonElement expression, string table, KeyCondition condition, int depth)
    {
        if (depth > MaxDepth)
            return null;
        string type = Text(expression, "type");
        switch (Text(expression, "class"))
        {
            case "CONJUNCTION" when type == "CONJUNCTION_AND":
                KeyCondition? all = condition;
                foreach (JsonElement child in expression.GetProperty("children").EnumerateArray())
                {
                    all = Conjunction(child, table, all, depth + 1);
                    if (all is null)
                        return null;
                }

                return all;
            case "COMPARISON" when Comparisons.Contains(type):
                JsonElement left = expression.GetProperty("left");
                JsonElement right = expression.GetProperty("right");
                string? column = Column(left, table) ?? Column(right, table);
                if (column is null)
                    return null;
                if (type != "COMPARE_EQUAL")
                    return Text(left, "class") == "CONSTANT" || Text(right, "class") == "CONSTANT" ? condition : null;
                return (Literal(right, column) ?? Literal(left, column)) is { } value ? condition.Narrow(column, [value]) : null;
            case "OPERATOR" when type == "COMPARE_IN":
                return In(expression.GetProperty("children"), table, condition);
            default:
                return null;
        }
    }

    private static KeyCondition? In(JsonElement operands, string table, KeyCondition condition)
    {
        if (Column(operands[0], table) is not { } column)
            return null;
        var values = new List<string>(operands.GetArrayLength() - 1);
        foreach (JsonElement operand in operands.EnumerateArray().Skip(1))
        {
            if (Literal(operand, column) is not { } value)
                return null;
            values.Add(value);
        }

        return condition.Narrow(column, values);
    }

    /// <summary>The column that a reference means: in a WHERE over one table a column of that comes before any alias.</summary>
    private static string? Column(JsonElement expression, string table)
    {
        if (Text(expression, "class") != "COLUMN_REF")
            return null;
        JsonElement names = expression.GetProperty("column_names");
        bool isOurs = names.GetArrayLength() switch
        {
            1 => true,
            2 => string.Equals(names[0].GetString(), table, StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
        return isOurs ? names[names.GetArrayLength() - 1].GetString()!.ToLowerInvariant() : null;
    }

    /// <summary>A literal of the column's own type as text: any other is compared after a cast, of which only the plan knows.</summary>
    private static string? Literal(JsonElement expression, string? column)
    {
        if (Text(expression, "class") != "CONSTANT")
            return null;
        JsonElement constant = expression.GetProperty("value");
        if (constant.GetProperty("is_null").GetBoolean() || !constant.TryGetProperty("value", out JsonElement value))
            return null;
        return (constant.GetProperty("type").GetProperty("id").GetString(), value.ValueKind) switch
        {
            ("VARCHAR", JsonValueKind.String) when column != "partition_key" => value.GetString(),
            ("INTEGER" or "BIGINT" or "UBIGINT", JsonValueKind.Number) when column == "partition_key" => value.GetRawText(),
            _ => null,
        };
    }

    private static bool IsSet(JsonElement element, string property) =>
        element.TryGetProperty(property, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    private static string Text(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
}
