using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>Functions on lists.</summary>
/// <param name="expressions">The expressions of the statement.</param>
internal sealed class ListCalls(Expressions expressions)
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["make_array"] = "list_value",
        ["make_list"] = "list_value",
        ["array_max"] = "list_max",
        ["array_min"] = "list_min",
        ["string_to_list"] = "string_to_array",
        ["list_to_string"] = "array_to_string",
        ["array_join"] = "array_to_string",
        ["array_element"] = "list_extract",
    };

    /// <summary>Rewrites a call, if it is one of these.</summary>
    internal bool Rewrite(JsonObject call, string name)
    {
        if (Names.TryGetValue(name, out string? other))
        {
            CallRewriter.Rename(call, other);
            expressions.HasChanged = true;
            name = other;
        }

        JsonArray arguments = call.Items("children");
        switch (name)
        {
            case "list_value":
                foreach (JsonNode? argument in arguments)
                    expressions.Widen(argument);
                expressions.Set(call, PeerKind.List);
                return true;
            case "array_length" or "list_length" or "cardinality" when arguments.Count == 1:
                CallRewriter.Rename(call, "len");
                expressions.Cast(call, PeerKind.UInt64);
                return true;
            case "array_position" or "list_position" or "array_indexof" or "list_indexof":
                expressions.Cast(call, PeerKind.UInt64);
                return true;
            case "empty" or "array_empty" or "list_empty" when arguments.Count == 1:
                JsonObject length = ParsedSql.Call("len", CallRewriter.Take(call));
                expressions.Replace(call, ParsedSql.Compare("COMPARE_EQUAL", length, ParsedSql.Literal(0)), PeerKind.Boolean);
                return true;
            case "array_append" or "list_append" or "array_push_back" or "list_push_back" when arguments.Count == 2:
                JsonNode?[] appended = CallRewriter.Take(call);
                expressions.Widen(appended[1]);
                expressions.Replace(call, ParsedSql.Call("list_concat", appended[0], ParsedSql.Call("list_value", appended[1])), PeerKind.List);
                return true;
            case "array_prepend" or "list_prepend" or "array_push_front" or "list_push_front" when arguments.Count == 2:
                JsonNode?[] prepended = CallRewriter.Take(call);
                expressions.Widen(prepended[0]);
                expressions.Replace(call, ParsedSql.Call("list_concat", ParsedSql.Call("list_value", prepended[0]), prepended[1]), PeerKind.List);
                return true;
            case "array_to_string":
                expressions.Set(call, PeerKind.Utf8);
                return true;
            case "string_to_array" or "list_concat" or "array_concat" or "array_sort" or "list_sort" or "array_distinct" or "list_distinct"
                or "array_slice" or "list_slice" or "flatten" or "json_keys":
                expressions.Set(call, PeerKind.List);
                return true;
            default:
                return false;
        }
    }
}
