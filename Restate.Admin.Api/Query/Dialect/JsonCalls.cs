using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>
/// The peer's functions on JSON text. What is no JSON gives NULL there and an error in DuckDB, so the text is tried first.
/// </summary>
/// <param name="expressions">The expressions of the statement.</param>
internal sealed class JsonCalls(Expressions expressions)
{
    /// <summary>Parts of documents by the expression that names them, so that a path through several is one path.</summary>
    private readonly Dictionary<JsonObject, (JsonNode? Document, List<JsonNode?> Keys)> _parts = new(ReferenceEqualityComparer.Instance);

    /// <summary>Rewrites a call, if it is one of these.</summary>
    internal bool Rewrite(JsonObject call, string name)
    {
        JsonArray arguments = call.Items("children");
        if (arguments.Count == 0)
            return false;
        switch (name)
        {
            case "json_get":
                Part(call, CallRewriter.Take(call));
                return true;
            case "->>" when arguments.Count == 2:
            case "json_as_text":
                Give(call, ParsedSql.Call("json_extract_string", Located(CallRewriter.Take(call))), PeerKind.Utf8);
                return true;
            case "json_get_str":
                Give(call, Text(Located(CallRewriter.Take(call))), PeerKind.Utf8);
                return true;
            case "json_get_int":
                Give(call, Number(Located(CallRewriter.Take(call)), "^-?[0-9]+$", PeerKind.Int64), PeerKind.Int64);
                return true;
            case "json_get_float":
                Give(call, Number(Located(CallRewriter.Take(call)), "^-?[0-9].*$", PeerKind.Float64), PeerKind.Float64);
                return true;
            case "json_get_bool":
                Give(call, Number(Located(CallRewriter.Take(call)), "^(true|false)$", PeerKind.Boolean), PeerKind.Boolean);
                return true;
            case "json_get_json":
                JsonObject json = ParsedSql.Call("json_extract", Located(CallRewriter.Take(call)));
                Give(call, expressions.CastOf(json, PeerKind.Utf8), PeerKind.Utf8);
                return true;
            case "json_contains" when arguments.Count > 1:
                JsonObject exists = ParsedSql.Call("json_exists", Located(CallRewriter.Take(call)));
                JsonObject isFalse = expressions.CastOf(ParsedSql.Literal("f"), PeerKind.Boolean);
                Give(call, ParsedSql.Operator("OPERATOR_COALESCE", exists, isFalse), PeerKind.Boolean);
                return true;
            case "json_length" or "json_len":
                Length(call);
                return true;
            case "json_object_keys" or "json_keys":
                JsonNode?[] place = Located(CallRewriter.Take(call));
                JsonObject isObject = IsOf("OBJECT", [.. place.Select(expressions.Copy)]);
                Give(call, ParsedSql.When(isObject, ParsedSql.Call("json_keys", place), otherwise: null), PeerKind.List);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Rewrites <c>document -&gt; key</c>, which the parser takes for a lambda.</summary>
    internal void Arrow(JsonObject lambda)
    {
        (JsonNode? left, JsonNode? right) = (lambda["lhs"], lambda["expr"]);
        PeerType type = expressions.TypeOf(left);
        if (!type.IsText && type.Kind != PeerKind.Json)
            return;
        string alias = lambda.Text("alias");
        lambda.Clear();
        lambda["alias"] = alias;
        Part(lambda, [left, right]);
    }

    /// <summary>Rewrites a cast of a part of a document: it chooses which kind of value is looked for.</summary>
    internal void Cast(JsonObject cast, JsonObject part, PeerType target)
    {
        if (!_parts.ContainsKey(part))
            return;
        cast["child"] = null;
        JsonNode?[] place = Located([part]);
        if (target.IsInteger)
            Give(cast, Number(place, "^-?[0-9]+$", PeerKind.Int64), PeerKind.Int64);
        else if (target.IsFloat || target.Kind == PeerKind.Decimal)
            Give(cast, Number(place, "^-?[0-9].*$", PeerKind.Float64), PeerKind.Float64);
        else if (target.Kind == PeerKind.Boolean)
            Give(cast, Number(place, "^(true|false)$", PeerKind.Boolean), PeerKind.Boolean);
        else
            Give(cast, Text(place), PeerKind.Utf8);
    }

    private void Part(JsonObject target, JsonNode?[] arguments)
    {
        (JsonNode? document, List<JsonNode?> keys) = Flat(arguments);

        // Only its pieces are kept: whoever reads on takes them out of it.
        Give(target, ParsedSql.Call("json_extract", Place(expressions.Copy(document), [.. keys.Select(expressions.Copy)])), PeerKind.Json);
        _parts[target] = (document, keys);
    }

    private (JsonNode? Document, List<JsonNode?> Keys) Flat(JsonNode?[] arguments)
    {
        if (arguments[0] is JsonObject inner && _parts.Remove(inner, out (JsonNode? Document, List<JsonNode?> Keys) part))
            return (part.Document, [.. part.Keys, .. arguments[1..]]);
        return (arguments[0], [.. arguments[1..]]);
    }

    private JsonNode?[] Located(JsonNode?[] arguments)
    {
        (JsonNode? document, List<JsonNode?> keys) = Flat(arguments);
        return Place(document, keys);
    }

    /// <summary>A document and a path in it, as DuckDB's functions take them.</summary>
    private JsonNode?[] Place(JsonNode? document, List<JsonNode?> keys)
    {
        JsonObject parsed = ParsedSql.Cast(document, ParsedSql.JsonType(), isTry: true);
        JsonNode path = ParsedSql.Literal("$");
        string known = "$";
        JsonNode? built = null;
        foreach (JsonNode? key in keys)
        {
            if (Expressions.TextOf(key) is { } text)
            {
                known += text.Contains('"', StringComparison.Ordinal) ? throw QueryException.Invalid("a key of a JSON path may not hold a quote") : $".\"{text}\"";
            }
            else if (Expressions.NumberOf(key) is { } index)
            {
                known += index >= 0 ? $"[{index}]" : "[4294967295]";
            }
            else
            {
                bool isIndex = expressions.TypeOf(key).IsInteger;
                JsonObject start = ParsedSql.Literal(known + (isIndex ? "[" : ".\""));
                built = built is null ? ParsedSql.Call("concat", start, key) : ParsedSql.Call("concat", built, start, key);
                known = isIndex ? "]" : "\"";
            }
        }

        path = built is null ? ParsedSql.Literal(known) : ParsedSql.Call("concat", built, ParsedSql.Literal(known));
        return [parsed, path];
    }

    /// <summary>The text of a value that is one; NULL for any other.</summary>
    private JsonObject Text(JsonNode?[] place)
    {
        JsonObject json = expressions.CastOf(ParsedSql.Call("json_extract", place), PeerKind.Utf8);
        JsonObject quoted = ParsedSql.Call("regexp_extract", json, ParsedSql.Literal("^\".*\"$"), ParsedSql.Literal(0), ParsedSql.Literal("s"));
        return ParsedSql.Call("json_extract_string", ParsedSql.Cast(quoted, ParsedSql.JsonType(), isTry: true), ParsedSql.Literal("$"));
    }

    /// <summary>A value that looks like one of the type, quoted or not; NULL for any other.</summary>
    private JsonObject Number(JsonNode?[] place, string pattern, PeerType type)
    {
        JsonObject text = ParsedSql.Call("json_extract_string", place);
        return expressions.CastOf(ParsedSql.Call("regexp_extract", text, ParsedSql.Literal(pattern)), type, isTry: true);
    }

    private static JsonObject IsOf(string kind, JsonNode?[] place) =>
        ParsedSql.Compare("COMPARE_EQUAL", ParsedSql.Call("json_type", place), ParsedSql.Literal(kind));

    private void Length(JsonObject call)
    {
        JsonNode?[] place = Located(CallRewriter.Take(call));
        JsonNode?[] Again() => [.. place.Select(expressions.Copy)];
        JsonObject fields = ParsedSql.When(IsOf("OBJECT", Again()), ParsedSql.Call("len", ParsedSql.Call("json_keys", Again())), otherwise: null);
        JsonObject length = ParsedSql.When(IsOf("ARRAY", Again()), ParsedSql.Call("json_array_length", place), fields);
        Give(call, expressions.CastOf(length, PeerKind.UInt64), PeerKind.UInt64);
    }

    private void Give(JsonObject target, JsonObject with, PeerType type) => expressions.Replace(target, with, type);
}
