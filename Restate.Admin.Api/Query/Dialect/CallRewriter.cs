using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>Puts DuckDB's functions in the place of the peer's, with the peer's types of result.</summary>
internal sealed class CallRewriter
{
    private readonly Expressions _expressions;
    private readonly ArithmeticCalls _arithmetic;
    private readonly AggregateCalls _aggregates;
    private readonly TextCalls _texts;
    private readonly TimeCalls _times;
    private readonly ListCalls _lists;

    internal CallRewriter(Expressions expressions, string innerPrefix, string sumName)
    {
        _expressions = expressions;
        _arithmetic = new ArithmeticCalls(expressions, innerPrefix);
        _aggregates = new AggregateCalls(expressions, _arithmetic, sumName);
        _texts = new TextCalls(expressions);
        _times = new TimeCalls(expressions);
        _lists = new ListCalls(expressions);
        Json = new JsonCalls(expressions);
    }

    internal JsonCalls Json { get; }

    /// <summary>Changes a call, whose arguments are already rewritten, in place.</summary>
    internal void Rewrite(JsonObject call)
    {
        // Any other schema is not ours to change; the gate refuses it.
        if (call.Text("schema") is not ("" or "main") || call.Text("catalog") is not ("" or "system"))
            return;
        string name = SqlNames.Fold(call.Text("function_name"));
        if (_aggregates.Rewrite(call, name) || call.Text("class") == "WINDOW")
            return;
        _ = _arithmetic.Rewrite(call, name)
            || _texts.Rewrite(call, name)
            || _times.Rewrite(call, name)
            || Json.Rewrite(call, name)
            || _lists.Rewrite(call, name)
            || Types(call, name);
    }

    /// <summary>Gives a call another name.</summary>
    internal static void Rename(JsonObject call, string name)
    {
        call["function_name"] = name;
        call["schema"] = "";
        call["catalog"] = "";
        call["is_operator"] = false;
    }

    /// <summary>Takes the arguments out of a call, so that they can stand elsewhere.</summary>
    internal static JsonNode?[] Take(JsonObject call)
    {
        JsonArray children = call.Items("children");
        JsonNode?[] arguments = [.. children];
        children.Clear();
        return arguments;
    }

    private bool Types(JsonObject call, string name)
    {
        JsonArray arguments = call.Items("children");
        switch (name)
        {
            case "arrow_typeof" when arguments.Count == 1 && _expressions.TypeOf(arguments[0]).Text is { } text:
                // The argument stays in the statement: an aggregate in it makes one row of many.
                JsonNode? operand = Take(call)[0];
                JsonObject never = ParsedSql.Operator("OPERATOR_IS_NULL", ParsedSql.Literal(""));
                JsonObject shown = _expressions.CastOf(operand, PeerKind.Utf8);
                _expressions.Replace(call, ParsedSql.When(never, shown, ParsedSql.Literal(text)), PeerKind.Utf8);
                return true;
            case "arrow_cast" when arguments.Count == 2 && Expressions.TextOf(arguments[1]) is { } type && ArrowTypes.Read(type) is { } target:
                JsonNode? value = Take(call)[0];
                PeerType stored = target.Kind == PeerKind.Timestamp && !target.IsZoned ? PeerType.Timestamp(6) : target;
                _expressions.Replace(call, _expressions.CastOf(value, stored), target);
                return true;
            default:
                return false;
        }
    }
}
