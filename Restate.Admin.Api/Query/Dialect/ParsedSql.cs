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

    /// <summary>A whole number.</summary>
    internal static JsonObject Number(int number) => new()
    {
        ["class"] = "CONSTANT",
        ["type"] = "VALUE_CONSTANT",
        ["alias"] = "",
        ["value"] = new JsonObject
        {
            ["type"] = new JsonObject { ["id"] = "INTEGER", ["type_info"] = null },
            ["is_null"] = false,
            ["value"] = number,
        },
    };

    /// <summary>A cast.</summary>
    internal static JsonObject Cast(JsonNode? operand, string type) => new()
    {
        ["class"] = "CAST",
        ["type"] = "OPERATOR_CAST",
        ["alias"] = "",
        ["child"] = operand,
        ["cast_type"] = new JsonObject { ["id"] = type, ["type_info"] = null },
        ["try_cast"] = false,
    };

    /// <summary>A negation.</summary>
    internal static JsonObject Not(JsonNode? operand) => new()
    {
        ["class"] = "OPERATOR",
        ["type"] = "OPERATOR_NOT",
        ["alias"] = "",
        ["children"] = new JsonArray(operand),
    };
}
