using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>Operators and functions on numbers.</summary>
/// <param name="expressions">The expressions of the statement.</param>
/// <param name="innerPrefix">Start of the names of our own functions.</param>
internal sealed class ArithmeticCalls(Expressions expressions, string innerPrefix)
{
    private static readonly HashSet<string> Floats = new(StringComparer.Ordinal)
    {
        "sqrt", "cbrt", "exp", "ln", "log", "log2", "log10", "sin", "cos", "tan", "cot", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
        "acosh", "atanh", "degrees", "radians", "pi", "random", "power", "pow",
    };

    private static readonly HashSet<string> Booleans = new(StringComparer.Ordinal)
    {
        "isnan", "~~", "!~~", "~~*", "!~~*", "starts_with", "ends_with", "contains", "regexp_matches",
    };

    /// <summary>Rewrites a call, if it is one of these.</summary>
    internal bool Rewrite(JsonObject call, string name)
    {
        JsonArray arguments = call.Items("children");
        switch (name)
        {
            case "+" or "-" or "*" or "/" or "%" when arguments.Count == 2:
                Infix(call, name, arguments);
                return true;
            case "-" when arguments.Count == 1 && expressions.TypeOf(arguments[0]).IsUnsigned:
                // DuckDB would give the number modulo 2^64.
                throw QueryException.Invalid("an unsigned number cannot be negated: cast it to BIGINT first");
            case "-" or "+" when arguments.Count == 1:
                expressions.Widen(arguments[0]);
                expressions.Set(call, expressions.TypeOf(arguments[0]));
                return true;
            case "abs" when arguments.Count == 1:
                expressions.Widen(arguments[0]);
                expressions.Set(call, expressions.TypeOf(arguments[0]));
                return true;
            case "floor" or "ceil" or "ceiling" or "round" or "trunc" when arguments.Count is 1 or 2:
                Rounded(call, arguments);
                return true;
            case "signum" when arguments.Count == 1:
                CallRewriter.Rename(call, "sign");
                expressions.Cast(call, PeerKind.Float64);
                return true;
            case "gcd" or "lcm" when arguments.Count == 2:
                expressions.Widen(arguments[0]);
                expressions.Widen(arguments[1]);
                expressions.Set(call, PeerKind.Int64);
                return true;
            case "factorial" when arguments.Count == 1:
                expressions.Cast(call, PeerKind.Int64);
                return true;
            case "iszero" when arguments.Count == 1:
                expressions.Replace(
                    call, ParsedSql.Compare("COMPARE_EQUAL", CallRewriter.Take(call)[0], ParsedSql.Literal(0)), PeerKind.Boolean);
                return true;
            case "nanvl" when arguments.Count == 2:
                JsonNode?[] operands = CallRewriter.Take(call);
                JsonNode? copy = expressions.Copy(operands[0]);
                expressions.Replace(call, ParsedSql.When(ParsedSql.Call("isnan", copy), operands[1], operands[0]), PeerKind.Float64);
                return true;
            case "greatest" or "least" or "nullif":
                Chosen(call, arguments);
                return true;
            case "nvl" or "ifnull" when arguments.Count == 2:
                PeerType either = CommonOf(arguments, out bool isMixed);
                JsonObject coalesce = ParsedSql.Operator("OPERATOR_COALESCE", CallRewriter.Take(call));
                expressions.Replace(call, isMixed ? expressions.CastOf(coalesce, either) : coalesce, either.IsText ? PeerKind.Utf8View : either);
                return true;
            case "nvl2" when arguments.Count == 3:
                JsonNode?[] three = CallRewriter.Take(call);
                expressions.Widen(three[1]);
                expressions.Widen(three[2]);
                PeerType result = PeerType.Common(expressions.TypeOf(three[1]), expressions.TypeOf(three[2]));
                expressions.Replace(
                    call,
                    ParsedSql.When(ParsedSql.Operator("OPERATOR_IS_NOT_NULL", three[0]), three[1], three[2]),
                    result.Kind == PeerKind.Utf8 ? PeerKind.LargeUtf8 : result);
                return true;
            case "to_hex" when arguments.Count == 1:
                JsonObject hex = ParsedSql.Call("to_hex", CallRewriter.Take(call));
                expressions.Replace(call, ParsedSql.Call("lower", hex), PeerKind.Utf8);
                return true;
            default:
                if (Booleans.Contains(name))
                    expressions.Set(call, PeerKind.Boolean);
                else if (Floats.Contains(name))
                    expressions.Set(call, PeerKind.Float64);
                return false;
        }
    }

    /// <summary>A quotient as the peer computes it: integers and decimals cut off, with an error where the divisor is zero.</summary>
    internal JsonObject Quotient(JsonNode? left, JsonNode? right, PeerType l, PeerType r)
    {
        PeerType common = PeerType.Arithmetic("/", l, r);
        if (common.Kind != PeerKind.Decimal)
            return Checked("div", left, right, common.IsUnsigned ? PeerKind.UInt64 : PeerKind.Int64, common);
        (int leftScale, int rightScale) = (Stored(l.AsDecimal().Scale), Stored(r.AsDecimal().Scale));
        JsonObject call = ParsedSql.Call(
            $"{innerPrefix}div{leftScale}{rightScale}",
            expressions.CastOf(left, PeerType.Decimal(PeerType.MaxPrecision, leftScale)),
            expressions.CastOf(right, PeerType.Decimal(PeerType.MaxPrecision, rightScale)));
        return expressions.CastOf(call, common);
    }

    private JsonObject Checked(string function, JsonNode? left, JsonNode? right, PeerType width, PeerType result)
    {
        JsonObject call = ParsedSql.Call($"{innerPrefix}{function}", expressions.CastOf(left, width), expressions.CastOf(right, width));
        return result == width ? call : expressions.CastOf(call, result);
    }

    /// <summary>The scale of the divisions we have that holds one of the statement's.</summary>
    private static int Stored(int scale) => (scale + 3) / 4 * 4;

    private void Infix(JsonObject call, string sign, JsonArray arguments)
    {
        (PeerType l, PeerType r) = (expressions.TypeOf(arguments[0]), expressions.TypeOf(arguments[1]));
        if (!l.IsNumber || !r.IsNumber)
        {
            expressions.Set(call, TimeCalls.Arithmetic(sign, l, r));
            if (expressions.TypeOf(call).Kind == PeerKind.Date && (l.Kind == PeerKind.Interval || r.Kind == PeerKind.Interval))
                expressions.Cast(call, PeerKind.Date);
            return;
        }

        expressions.Widen(arguments[0]);
        expressions.Widen(arguments[1]);
        PeerType type = PeerType.Arithmetic(sign, l, r);
        expressions.Set(call, type);
        bool isConstant = Expressions.NumberOf(arguments[1]) is not (null or 0);
        if (type.IsFloat)
        {
            // With its setting for integers DuckDB gives NULL here too, where the peer has infinity.
            if (sign == "/" && !isConstant)
            {
                JsonNode?[] parts = CallRewriter.Take(call);
                expressions.Replace(call, Checked("div", parts[0], parts[1], PeerKind.Float64, type), type);
            }

            return;
        }

        if (sign == "/" && (type.Kind == PeerKind.Decimal ? l.AsDecimal().Scale <= 8 && r.AsDecimal().Scale <= 8 : !isConstant))
        {
            JsonNode?[] operands = CallRewriter.Take(call);
            expressions.Replace(call, Quotient(operands[0], operands[1], l, r), type);
        }
        else if (sign == "%" && type.Kind != PeerKind.Decimal && !isConstant)
        {
            JsonNode?[] operands = CallRewriter.Take(call);
            expressions.Replace(call, Checked("mod", operands[0], operands[1], type.IsUnsigned ? PeerKind.UInt64 : PeerKind.Int64, type), type);
        }
        else if (type.Kind == PeerKind.Decimal && sign != "/")
        {
            Decimals(call, arguments, l, r, type);
        }
    }

    private void Decimals(JsonObject call, JsonArray arguments, PeerType l, PeerType r, PeerType type)
    {
        foreach ((JsonNode? operand, PeerType own) in (ReadOnlySpan<(JsonNode?, PeerType)>)[(arguments[0], l), (arguments[1], r)])
        {
            if (own.Kind != PeerKind.Decimal)
                expressions.Cast((JsonObject)operand!, own.AsDecimal());
        }

        expressions.Cast(call, type);
    }

    private void Rounded(JsonObject call, JsonArray arguments)
    {
        PeerType type = expressions.TypeOf(arguments[0]);
        if (type.IsInteger)
        {
            expressions.Cast((JsonObject)arguments[0]!, PeerKind.Float64);
            expressions.Set(call, PeerKind.Float64);
        }
        else
        {
            expressions.Set(call, type);
            if (type.Kind == PeerKind.Decimal)
            {
                string name = SqlNames.Fold(call.Text("function_name"));
                expressions.Cast(call, name == "round" && arguments.Count == 1 ? PeerType.Decimal(type.Precision, 0) : type);
            }
        }
    }

    private void Chosen(JsonObject call, JsonArray arguments)
    {
        PeerType common = CommonOf(arguments, out bool isMixed);
        expressions.Set(call, common);
        if (isMixed)
            expressions.Cast(call, common);
    }

    private PeerType CommonOf(JsonArray arguments, out bool isMixed)
    {
        foreach (JsonNode? argument in arguments)
            expressions.Widen(argument);
        PeerType[] types = [.. arguments.OfType<JsonNode>().Select(expressions.TypeOf)];
        PeerType common = types.Aggregate(new PeerType(PeerKind.Null), PeerType.Common);
        isMixed = common.IsNumber && types.Any(type => type != common && type.Kind != PeerKind.Null);
        return common;
    }
}
