using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>Reads and makes parts of a parsed statement, as DuckDB serialises it.</summary>
internal static class ParsedSql
{
    /// <summary>A text property; empty when it is absent.</summary>
    internal static string Text(this JsonObject node, string property) =>
        node.TryGetPropertyValue(property, out JsonNode? value) && value is JsonValue text && text.TryGetValue(out string? found) ? found : "";

    /// <summary>A property that holds an object.</summary>
    internal static JsonObject? Object(this JsonObject node, string property) =>
        node.TryGetPropertyValue(property, out JsonNode? value) ? value as JsonObject : null;

    /// <summary>A property that holds a list; empty when it does not.</summary>
    internal static JsonArray Items(this JsonObject node, string property) =>
        node.TryGetPropertyValue(property, out JsonNode? value) && value is JsonArray array ? array : new JsonArray();

    /// <summary>A list of names.</summary>
    internal static string[] Names(this JsonObject node, string property) =>
        [.. node.Items(property).Select(item => item is JsonValue value && value.TryGetValue(out string? text) ? text : "")];

    /// <summary>True for a property that is true.</summary>
    internal static bool IsTrue(this JsonObject node, string property) =>
        node.TryGetPropertyValue(property, out JsonNode? value) && value is JsonValue flag && flag.TryGetValue(out bool isTrue) && isTrue;

    /// <summary>A call of a function.</summary>
    internal static JsonObject Call(string name, params JsonNode?[] arguments) => new()
    {
        ["class"] = "FUNCTION",
        ["type"] = "FUNCTION",
        ["alias"] = "",
        ["function_name"] = name,
        ["schema"] = "",
        ["children"] = new JsonArray(arguments),
        ["filter"] = null,
        ["order_bys"] = new JsonObject { ["type"] = "ORDER_MODIFIER", ["orders"] = new JsonArray() },
        ["distinct"] = false,
        ["is_operator"] = false,
        ["export_state"] = false,
        ["catalog"] = "",
    };

    /// <summary>A column by its name.</summary>
    internal static JsonObject Column(string name) => new()
    {
        ["class"] = "COLUMN_REF",
        ["type"] = "COLUMN_REF",
        ["alias"] = "",
        ["column_names"] = new JsonArray(name),
    };

    /// <summary>A text literal.</summary>
    internal static JsonObject Literal(string text) => new()
    {
        ["class"] = "CONSTANT",
        ["type"] = "VALUE_CONSTANT",
        ["alias"] = "",
        ["value"] = new JsonObject
        {
            ["type"] = new JsonObject { ["id"] = "VARCHAR", ["type_info"] = null },
            ["is_null"] = false,
            ["value"] = text,
        },
    };

    /// <summary>A whole-number literal.</summary>
    internal static JsonObject Literal(long number) => new()
    {
        ["class"] = "CONSTANT",
        ["type"] = "VALUE_CONSTANT",
        ["alias"] = "",
        ["value"] = new JsonObject
        {
            ["type"] = new JsonObject { ["id"] = number is >= int.MinValue and <= int.MaxValue ? "INTEGER" : "BIGINT", ["type_info"] = null },
            ["is_null"] = false,
            ["value"] = number,
        },
    };

    /// <summary>A cast.</summary>
    internal static JsonObject Cast(JsonNode? operand, JsonObject type, bool isTry = false) => new()
    {
        ["class"] = "CAST",
        ["type"] = "OPERATOR_CAST",
        ["alias"] = "",
        ["child"] = operand,
        ["cast_type"] = type,
        ["try_cast"] = isTry,
    };

    /// <summary>CASE WHEN condition THEN value ELSE otherwise END.</summary>
    internal static JsonObject When(JsonNode? condition, JsonNode? value, JsonNode? otherwise) => new()
    {
        ["class"] = "CASE",
        ["type"] = "CASE_EXPR",
        ["alias"] = "",
        ["case_checks"] = new JsonArray(new JsonObject { ["when_expr"] = condition, ["then_expr"] = value }),
        ["else_expr"] = otherwise ?? Null(),
    };

    /// <summary>left sign right, with DuckDB's name of a comparison.</summary>
    internal static JsonObject Compare(string comparison, JsonNode? left, JsonNode? right) => new()
    {
        ["class"] = "COMPARISON",
        ["type"] = comparison,
        ["alias"] = "",
        ["left"] = left,
        ["right"] = right,
    };

    /// <summary>An operator between two expressions.</summary>
    internal static JsonObject Infix(string sign, JsonNode? left, JsonNode? right)
    {
        JsonObject call = Call(sign, left, right);
        call["is_operator"] = true;
        return call;
    }

    /// <summary>An operator that is no function: <c>OPERATOR_COALESCE</c>, <c>OPERATOR_IS_NOT_NULL</c>.</summary>
    internal static JsonObject Operator(string type, params JsonNode?[] operands) => new()
    {
        ["class"] = "OPERATOR",
        ["type"] = type,
        ["alias"] = "",
        ["children"] = new JsonArray(operands),
    };

    /// <summary>The type JSON, as a statement names it.</summary>
    internal static JsonObject JsonType() => new()
    {
        ["id"] = "UNBOUND",
        ["type_info"] = new JsonObject
        {
            ["type"] = "UNBOUND_TYPE_INFO",
            ["alias"] = "",
            ["extension_info"] = null,
            ["name"] = "json",
            ["catalog"] = "",
            ["schema"] = "",
            ["user_type_modifiers"] = new JsonArray(),
        },
    };

    /// <summary>NULL.</summary>
    internal static JsonObject Null() => new()
    {
        ["class"] = "CONSTANT",
        ["type"] = "VALUE_CONSTANT",
        ["alias"] = "",
        ["value"] = new JsonObject { ["type"] = new JsonObject { ["id"] = "NULL", ["type_info"] = null }, ["is_null"] = true },
    };

    /// <summary>A negation.</summary>
    internal static JsonObject Not(JsonNode? operand) => Operator("OPERATOR_NOT", operand);
}
