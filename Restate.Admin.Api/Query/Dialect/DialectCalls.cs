using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>Puts DuckDB's functions in the place of the peer's.</summary>
/// <param name="sumName">The aggregate with the peer's result types.</param>
internal sealed class DialectCalls(string sumName)
{
    /// <summary>Types of Arrow by the names <c>arrow_cast</c> takes, for those that have one counterpart.</summary>
    private static readonly Dictionary<string, string> ArrowTypes = new(StringComparer.Ordinal)
    {
        ["Boolean"] = "BOOLEAN",
        ["Int8"] = "TINYINT",
        ["Int16"] = "SMALLINT",
        ["Int32"] = "INTEGER",
        ["Int64"] = "BIGINT",
        ["UInt8"] = "UTINYINT",
        ["UInt16"] = "USMALLINT",
        ["UInt32"] = "UINTEGER",
        ["UInt64"] = "UBIGINT",
        ["Float32"] = "FLOAT",
        ["Float64"] = "DOUBLE",
        ["Utf8"] = "VARCHAR",
        ["LargeUtf8"] = "VARCHAR",
        ["Utf8View"] = "VARCHAR",
        ["Binary"] = "BLOB",
        ["LargeBinary"] = "BLOB",
        ["Date32"] = "DATE",
    };

    /// <summary>Rows from the first to the last of any partition, and some.</summary>
    internal const int MoreRowsThanAnyTable = int.MaxValue;

    /// <summary>Changes a call, whose arguments are already rewritten, in place.</summary>
    /// <returns>True when something was changed.</returns>
    internal bool Rewrite(JsonObject call)
    {
        // Any other schema is not ours to change; the gate refuses it.
        if (call.Text("schema") is not ("" or "main") || call.Text("catalog") is not ("" or "system"))
            return false;
        bool isPlain = call.Text("class") == "FUNCTION";
        JsonArray arguments = call.Items("children");
        switch (SqlNames.Fold(call.Text("function_name")))
        {
            case "sum":
                Rename(call, sumName);
                if (!isPlain)
                    BoundFrame(call);
                return true;
            case "first_value" when isPlain && arguments.Count == 1:
                Rename(call, "first");
                return true;
            case "last_value" when isPlain && arguments.Count == 1:
                Rename(call, "last");
                return true;
            case "nth_value" when isPlain && arguments.Count == 2:
                Nth(call, arguments);
                return true;

            // DuckDB's parser makes this of ~, where it matches the whole text and the peer any part of it.
            case "regexp_full_match" when isPlain && arguments.Count == 2:
                Rename(call, "regexp_matches");
                return true;
            case "~*" when isPlain && arguments.Count == 2:
                Replace(call, Insensitive(arguments));
                return true;
            case "!~*" when isPlain && arguments.Count == 2:
                Replace(call, ParsedSql.Not(Insensitive(arguments)));
                return true;
            case "arrow_cast" when isPlain && arguments.Count == 2:
                return ArrowCast(call, arguments);
            default:
                return false;
        }
    }

    private static void Rename(JsonObject call, string name)
    {
        call["function_name"] = name;
        call["schema"] = "";
        call["catalog"] = "";
        call["is_operator"] = false;
    }

    private static void Nth(JsonObject call, JsonArray arguments)
    {
        JsonNode? position = arguments[1];
        arguments.RemoveAt(1);

        // Moved and not copied: each level of nested calls would copy all below it.
        var list = new JsonObject();
        Move(call, list);
        Rename(list, "list");
        string alias = list.Text("alias");
        list["alias"] = "";
        Move(ParsedSql.Call("list_extract", list, position), call);
        call["alias"] = alias;
    }

    private static JsonObject Insensitive(JsonArray arguments)
    {
        JsonNode?[] operands = [.. arguments];
        arguments.Clear();
        return ParsedSql.Call("regexp_matches", operands[0], operands[1], ParsedSql.Literal("i"));
    }

    private static bool ArrowCast(JsonObject call, JsonArray arguments)
    {
        if (arguments[1] is not JsonObject constant || constant.Object("value") is not { } value
            || !ArrowTypes.TryGetValue(value.Text("value"), out string? type))
        {
            return false;
        }

        JsonNode? operand = arguments[0];
        arguments.Clear();
        Replace(call, ParsedSql.Cast(operand, type));
        return true;
    }

    /// <summary>
    /// Puts a number of rows no table has in the place of a frame's open end. Where a frame is known to be the whole partition DuckDB adds
    /// all rows to one state and hands an aggregate of ours that one state only, where it expects one for every row: a crash of the process.
    /// </summary>
    private static void BoundFrame(JsonObject window)
    {
        bool isWhole = window.Text("end") == "UNBOUNDED_FOLLOWING" || (window.Text("end") == "CURRENT_ROW_RANGE" && window.Items("orders").Count == 0);
        bool startsAtFirst = window.Text("start") == "UNBOUNDED_PRECEDING"
            || (window.Text("start") == "CURRENT_ROW_RANGE" && window.Items("orders").Count == 0);
        if (!isWhole || !startsAtFirst)
            return;
        window["start"] = "UNBOUNDED_PRECEDING";
        window["end"] = "EXPR_FOLLOWING_ROWS";
        window["end_expr"] = ParsedSql.Number(MoreRowsThanAnyTable);
    }

    /// <summary>Makes another expression of <paramref name="target"/>, under the same alias.</summary>
    private static void Replace(JsonObject target, JsonObject with)
    {
        string alias = target.Text("alias");
        target.Clear();
        Move(with, target);
        target["alias"] = alias;
    }

    private static void Move(JsonObject from, JsonObject to)
    {
        while (from.Count > 0)
        {
            (string name, JsonNode? value) = from.GetAt(0);
            from.RemoveAt(0);
            to.Add(name, value);
        }
    }
}
