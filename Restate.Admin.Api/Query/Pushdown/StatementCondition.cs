using System.Text.Json;

namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>
/// Reads what rows must meet from the statement itself, where that says it plainly: one table, no subquery, and AND and OR of columns
/// compared with literals. Most lookups are such, and need no plan for it, which takes DuckDB as long as preparing the statement does. For
/// all others <see cref="PlanReader"/> asks for the plan.
/// </summary>
internal static class StatementCondition
{
    /// <summary>Conditions nested deeper than people write them are left to the plan.</summary>
    private const int MaxDepth = 64;

    private const char NoEscape = '\0';

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
        return Expression(where, table, depth: 0);
    }

    private static KeyCondition? Expression(JsonElement expression, string table, int depth)
    {
        if (depth > MaxDepth)
            return null;
        string type = Text(expression, "type");
        switch (Text(expression, "class"))
        {
            case "CONJUNCTION":
                var parts = new List<KeyCondition>();
                foreach (JsonElement child in expression.GetProperty("children").EnumerateArray())
                {
                    if (Expression(child, table, depth + 1) is not { } part)
                        return null;
                    parts.Add(part);
                }

                return type == "CONJUNCTION_AND" ? parts.Aggregate((all, next) => all.And(next)) : KeyCondition.Any(parts);
            case "COMPARISON":
                return Comparison(type, expression.GetProperty("left"), expression.GetProperty("right"), table);
            case "BETWEEN":
                return Between(expression, table);
            case "OPERATOR" when type == "COMPARE_IN":
                return In(expression.GetProperty("children"), table);
            case "FUNCTION":
                return Match(Text(expression, "function_name"), expression.GetProperty("children"), table);
            default:
                return null;
        }
    }

    private static KeyCondition? Comparison(string type, JsonElement left, JsonElement right, string table)
    {
        bool isTurned = Column(left, table) is null;
        if (Column(isTurned ? right : left, table) is not { } column)
            return null;
        JsonElement other = isTurned ? left : right;
        if (type == "COMPARE_NOTEQUAL")
            return Text(other, "class") == "CONSTANT" ? KeyCondition.None : null;
        if (Literal(other, column) is not { } value)
            return null;
        KeyComparison? comparison = type switch
        {
            "COMPARE_EQUAL" => KeyComparison.Equal,
            "COMPARE_LESSTHAN" => isTurned ? KeyComparison.Greater : KeyComparison.Less,
            "COMPARE_LESSTHANOREQUALTO" => isTurned ? KeyComparison.GreaterOrEqual : KeyComparison.LessOrEqual,
            "COMPARE_GREATERTHAN" => isTurned ? KeyComparison.Less : KeyComparison.Greater,
            "COMPARE_GREATERTHANOREQUALTO" => isTurned ? KeyComparison.LessOrEqual : KeyComparison.GreaterOrEqual,
            _ => null,
        };
        return comparison is { } known ? KeyCondition.Of(column, known, value) : null;
    }

    private static KeyCondition? Between(JsonElement expression, string table) =>
        Column(expression.GetProperty("input"), table) is { } column
        && Literal(expression.GetProperty("lower"), column) is { } lower
        && Literal(expression.GetProperty("upper"), column) is { } upper
            ? KeyCondition.Of(column, KeyComparison.GreaterOrEqual, lower).And(KeyCondition.Of(column, KeyComparison.LessOrEqual, upper))
            : null;

    private static KeyCondition? In(JsonElement operands, string table)
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

        return KeyCondition.In(column, values);
    }

    /// <summary>A column that starts with a text, or is like one.</summary>
    private static KeyCondition? Match(string function, JsonElement operands, string table)
    {
        int count = operands.GetArrayLength();
        if (count < 2 || Column(operands[0], table) is not { } column || column == "partition_key" || Literal(operands[1], column) is not { } text)
            return null;
        return (function, count) switch
        {
            ("starts_with" or "prefix" or "^@", 2) => KeyCondition.Of(column, KeyComparison.StartsWith, text),
            ("~~", 2) => Like(column, text, NoEscape),
            ("like_escape", 3) when Literal(operands[2], column) is { Length: 1 } escape => Like(column, text, escape[0]),
            _ => null,
        };
    }

    /// <summary>What stands before the first character that can mean something else than itself.</summary>
    private static KeyCondition Like(string column, string pattern, char escape)
    {
        int plain = pattern.AsSpan().IndexOfAny(['%', '_', '\\', escape]);
        return plain < 0
            ? KeyCondition.Of(column, KeyComparison.Equal, pattern)
            : KeyCondition.Of(column, KeyComparison.StartsWith, pattern[..plain]);
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
