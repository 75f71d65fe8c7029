using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>Functions on text and bytes.</summary>
/// <param name="expressions">The expressions of the statement.</param>
internal sealed class TextCalls(Expressions expressions)
{
    /// <summary>Longest text that padding to a given length may make; what pads is then part of the statement.</summary>
    private const int MaxPadding = 1024;

    /// <summary>Most times a text may be repeated; it is then said so often.</summary>
    private const int MaxRepeats = 32;

    private static readonly Dictionary<string, string> Same = new(StringComparer.Ordinal)
    {
        ["upper"] = "upper",
        ["lower"] = "lower",
        ["trim"] = "trim",
        ["ltrim"] = "ltrim",
        ["rtrim"] = "rtrim",
        ["btrim"] = "trim",
        ["reverse"] = "reverse",
        ["replace"] = "replace",
        ["translate"] = "translate",
        ["split_part"] = "split_part",
    };

    private static readonly HashSet<string> Views = new(StringComparer.Ordinal) { "left", "right", "substr", "substring", "md5" };

    /// <summary>Rewrites a call, if it is one of these.</summary>
    internal bool Rewrite(JsonObject call, string name)
    {
        JsonArray arguments = call.Items("children");
        PeerType first = arguments.Count > 0 ? expressions.TypeOf(arguments[0]) : PeerKind.Unknown;
        if (Same.TryGetValue(name, out string? same))
        {
            if (same != name)
                Rename(call, same);
            expressions.Set(call, first.IsText ? first : PeerKind.Unknown);
            return true;
        }

        switch (name)
        {
            case "length" or "char_length" or "character_length" or "bit_length" or "strpos" or "instr" or "position" when first.IsText:
                Counted(call, first);
                return true;
            case "octet_length" when first.IsText:
                Rename(call, "strlen");
                Counted(call, first);
                return true;
            case "ascii":
                expressions.Set(call, PeerKind.Int32);
                return true;
            case "||" when arguments.Count == 2:
                Concatenated(call, arguments);
                return true;
            case "concat" or "concat_ws":
                expressions.Set(call, arguments.Any(argument => expressions.TypeOf(argument).Kind is not (PeerKind.Utf8 or PeerKind.Int64 or PeerKind.Float64))
                    ? PeerKind.Utf8View
                    : PeerKind.Utf8);
                return true;
            case "chr":
                expressions.Set(call, PeerKind.Utf8);
                return true;
            case "~~" or "!~~" or "~~*" or "!~~*" when arguments.Count == 2:
                Like(call, name, arguments);
                return true;
            case "regexp_full_match" when arguments.Count == 2:
                // DuckDB's parser makes this of ~, where it matches the whole text and the peer any part of it.
                Rename(call, "regexp_matches");
                expressions.Set(call, PeerKind.Boolean);
                return true;
            case "~*" when arguments.Count == 2:
                expressions.Replace(call, Insensitive(call), PeerKind.Boolean);
                return true;
            case "!~*" when arguments.Count == 2:
                expressions.Replace(call, ParsedSql.Not(Insensitive(call)), PeerKind.Boolean);
                return true;
            case "regexp_like" when arguments.Count is 2 or 3:
                Rename(call, "regexp_matches");
                expressions.Set(call, PeerKind.Boolean);
                return true;
            case "regexp_replace":
                expressions.Set(call, first.Kind == PeerKind.Utf8 ? PeerKind.Utf8 : PeerKind.Utf8View);
                return true;
            case "regexp_count" when arguments.Count is >= 2 and <= 4:
                Count(call);
                return true;
            case "regexp_match" when arguments.Count is 2 or 3 && Expressions.TextOf(arguments[1]) is { } pattern:
                Match(call, pattern);
                return true;
            case "substr" or "substring" when arguments.Count == 3 && Expressions.NumberOf(arguments[1]) is { } start and < 1
                && Expressions.NumberOf(arguments[2]) is { } length:
                // Counted from before the text, not from its end.
                arguments[1] = ParsedSql.Literal(1);
                arguments[2] = ParsedSql.Literal(Math.Max(0, length + start - 1));
                expressions.HasChanged = true;
                expressions.Set(call, PeerKind.Utf8View);
                return true;
            case "substr" or "substring" when arguments.Count == 2 && Expressions.NumberOf(arguments[1]) < 1:
                arguments[1] = ParsedSql.Literal(1);
                expressions.HasChanged = true;
                expressions.Set(call, PeerKind.Utf8View);
                return true;
            case "encode" when arguments.Count == 2 && Expressions.TextOf(arguments[1]) is "hex" or "base64":
                Encode(call, first);
                return true;
            case "decode" when arguments.Count == 2 && Expressions.TextOf(arguments[1]) is "hex" or "base64":
                Decode(call);
                return true;
            case "sha256" when arguments.Count == 1:
                expressions.Replace(call, ParsedSql.Call("unhex", ParsedSql.Call("sha256", CallRewriter.Take(call))), PeerKind.Binary);
                return true;
            case "digest" when arguments.Count == 2 && Expressions.TextOf(arguments[1]) is "md5" or "sha256":
                JsonNode?[] digested = CallRewriter.Take(call);
                expressions.Replace(
                    call, ParsedSql.Call("unhex", ParsedSql.Call(Expressions.TextOf(digested[1])!, digested[0])), PeerKind.Binary);
                return true;
            case "lpad" or "rpad" when arguments.Count is 2 or 3 && Expressions.NumberOf(arguments[1]) is >= 0 and <= MaxPadding:
                return Pad(call, arguments, first, isLeft: name == "lpad");
            case "repeat" when arguments.Count == 2 && Expressions.NumberOf(arguments[1]) is { } times and >= 1 and <= MaxRepeats:
                JsonNode? repeated = CallRewriter.Take(call)[0];
                JsonNode?[] copies = [repeated, .. Enumerable.Range(1, (int)times - 1).Select(_ => expressions.Copy(repeated))];
                expressions.Replace(call, ParsedSql.Call("concat", copies), first);
                return true;
            case "find_in_set" when arguments.Count == 2:
                JsonNode?[] set = CallRewriter.Take(call);
                JsonObject position = ParsedSql.Call(
                    "list_position", ParsedSql.Call("string_split", set[1], ParsedSql.Literal(",")), set[0]);
                JsonObject found = ParsedSql.Operator("OPERATOR_COALESCE", position, ParsedSql.Literal(0));
                expressions.Replace(call, expressions.CastOf(found, PeerKind.Int32), PeerKind.Int32);
                return true;
            default:
                if (Views.Contains(name))
                    expressions.Set(call, PeerKind.Utf8View);
                return false;
        }
    }

    private void Rename(JsonObject call, string name)
    {
        CallRewriter.Rename(call, name);
        expressions.HasChanged = true;
    }

    /// <summary>The peer counts texts of stored columns in 64 bits and others in 32.</summary>
    private void Counted(JsonObject call, PeerType text)
    {
        expressions.Set(call, PeerKind.Int64);
        if (text.Kind != PeerKind.LargeUtf8)
            expressions.Cast(call, PeerKind.Int32);
    }

    private void Concatenated(JsonObject call, JsonArray arguments)
    {
        (PeerType l, PeerType r) = (expressions.TypeOf(arguments[0]), expressions.TypeOf(arguments[1]));
        if (l.Kind == PeerKind.List || r.Kind == PeerKind.List)
            return;
        PeerType text = l.IsText && r.IsText ? PeerType.Common(l, r) : l.IsText ? l : r.IsText ? r : PeerKind.Unknown;
        expressions.Set(call, text);
        if (text.IsText && (l.Kind == PeerKind.Null || r.Kind == PeerKind.Null))
            expressions.Cast(call, text);
    }

    /// <summary>In the peer a backslash in a pattern takes its meaning from what follows it.</summary>
    private void Like(JsonObject call, string name, JsonArray arguments)
    {
        expressions.Set(call, PeerKind.Boolean);
        if (Expressions.TextOf(arguments[1])?.Contains('\\', StringComparison.Ordinal) != true)
            return;
        arguments.Add(ParsedSql.Literal("\\"));
        Rename(call, name switch { "~~" => "like_escape", "!~~" => "not_like_escape", "~~*" => "ilike_escape", _ => "not_ilike_escape" });
    }

    private static JsonObject Insensitive(JsonObject call)
    {
        JsonNode?[] operands = CallRewriter.Take(call);
        return ParsedSql.Call("regexp_matches", operands[0], operands[1], ParsedSql.Literal("i"));
    }

    private void Count(JsonObject call)
    {
        JsonNode?[] arguments = CallRewriter.Take(call);
        JsonNode? text = arguments.Length > 2 && Expressions.NumberOf(arguments[2]) != 1
            ? ParsedSql.Call("substr", arguments[0], arguments[2])
            : arguments[0];
        JsonNode? pattern = arguments.Length > 3 && Expressions.TextOf(arguments[3]) is { Length: > 0 } flags
            ? ParsedSql.Infix("||", ParsedSql.Literal($"(?{flags})"), arguments[1])
            : arguments[1];
        expressions.Replace(call, ParsedSql.Call("len", ParsedSql.Call("regexp_extract_all", text, pattern)), PeerKind.Int64);
    }

    /// <summary>The groups of the first match, or the whole of it where there are none; NULL without a match.</summary>
    private void Match(JsonObject call, string pattern)
    {
        int groups = Groups(pattern);
        JsonNode?[] arguments = CallRewriter.Take(call);
        JsonNode?[] options = arguments.Length > 2 ? [arguments[2]] : [];
        var parts = new List<JsonNode?>();
        for (int group = groups == 0 ? 0 : 1; group <= groups; group++)
        {
            parts.Add(ParsedSql.Call(
                "regexp_extract",
                [expressions.Copy(arguments[0]), expressions.Copy(arguments[1]), ParsedSql.Literal(group), .. options.Select(expressions.Copy)]));
        }

        JsonObject matches = ParsedSql.Call("regexp_matches", arguments);
        expressions.Replace(call, ParsedSql.When(matches, ParsedSql.Call("list_value", [.. parts]), otherwise: null), PeerKind.List);
    }

    private static int Groups(string pattern)
    {
        int groups = 0;
        bool isInClass = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            ReadOnlySpan<char> rest = pattern.AsSpan(i);
            if (rest[0] == '\\')
                i++;
            else if (rest[0] is '[' or ']')
                isInClass = rest[0] == '[';
            else if (rest[0] == '(' && !isInClass && (!rest.StartsWith("(?") || rest.StartsWith("(?P<") || rest.StartsWith("(?<")))
                groups++;
        }

        return groups;
    }

    private void Encode(JsonObject call, PeerType type)
    {
        JsonNode?[] arguments = CallRewriter.Take(call);
        PeerType result = type.Kind is PeerKind.Utf8 or PeerKind.Binary ? PeerKind.Utf8 : PeerKind.LargeUtf8;
        JsonObject bytes = type.IsText ? ParsedSql.Call("encode", arguments[0]) : (JsonObject)arguments[0]!;
        JsonObject encoded = Expressions.TextOf(arguments[1]) == "hex"
            ? ParsedSql.Call("lower", ParsedSql.Call("hex", bytes))
            : ParsedSql.Call("rtrim", ParsedSql.Call("to_base64", bytes), ParsedSql.Literal("="));
        expressions.Replace(call, encoded, result);
    }

    private void Decode(JsonObject call)
    {
        JsonNode?[] arguments = CallRewriter.Take(call);
        if (Expressions.TextOf(arguments[1]) == "hex")
        {
            expressions.Replace(call, ParsedSql.Call("unhex", arguments[0]), PeerKind.Binary);
            return;
        }

        // The peer takes base 64 without its padding, DuckDB only with it.
        JsonNode? copy = expressions.Copy(arguments[0]);
        JsonObject rest = ParsedSql.Infix("%", ParsedSql.Call("strlen", copy), ParsedSql.Literal(4));
        JsonObject missing = ParsedSql.Infix("%", ParsedSql.Infix("-", ParsedSql.Literal(4), rest), ParsedSql.Literal(4));
        JsonObject padded = ParsedSql.Call("concat", arguments[0], ParsedSql.Call("left", ParsedSql.Literal("==="), missing));
        expressions.Replace(call, ParsedSql.Call("from_base64", padded), PeerKind.Binary);
    }

    /// <summary>
    /// Pads with a literal of the full length, so that the size of the result is plain to see: the functions themselves make a gigabyte
    /// of a number.
    /// </summary>
    private bool Pad(JsonObject call, JsonArray arguments, PeerType type, bool isLeft)
    {
        int length = (int)Expressions.NumberOf(arguments[1])!.Value;
        string? fill = arguments.Count == 3 ? Expressions.TextOf(arguments[2]) : " ";
        if (string.IsNullOrEmpty(fill) || fill.Length > MaxPadding || fill.Any(char.IsSurrogate))
            return false;
        string padding = string.Concat(Enumerable.Repeat(fill, (length / fill.Length) + 1))[..length];
        JsonNode? text = CallRewriter.Take(call)[0];
        JsonObject missing = ParsedSql.Infix("-", ParsedSql.Literal(length), ParsedSql.Call("length", expressions.Copy(text)));
        JsonObject filling = ParsedSql.Call("left", ParsedSql.Literal(padding), ParsedSql.Call("greatest", missing, ParsedSql.Literal(0)));
        JsonObject cut = ParsedSql.Call("left", text, ParsedSql.Literal(length));
        JsonObject padded = isLeft ? ParsedSql.Infix("||", filling, cut) : ParsedSql.Infix("||", cut, filling);
        expressions.Replace(call, padded, type);
        return true;
    }
}
