using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>Aggregates and window functions.</summary>
/// <param name="expressions">The expressions of the statement.</param>
/// <param name="arithmetic">Divides as the peer does.</param>
/// <param name="sumName">The aggregate that stands for <c>sum</c>.</param>
internal sealed class AggregateCalls(Expressions expressions, ArithmeticCalls arithmetic, string sumName)
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["var"] = "var_samp",
        ["var_sample"] = "var_samp",
        ["var_population"] = "var_pop",
        ["covar"] = "covar_samp",
        ["percentile_cont"] = "quantile_cont",
        ["mean"] = "avg",
    };

    private static readonly HashSet<string> Floats = new(StringComparer.Ordinal)
    {
        "stddev", "stddev_pop", "stddev_samp", "var_pop", "var_samp", "variance", "corr", "covar_pop", "covar_samp", "regr_slope", "regr_avgx",
        "regr_avgy", "regr_intercept", "regr_r2", "regr_sxx", "regr_syy", "regr_sxy", "percent_rank", "cume_dist",
    };

    /// <summary>Rewrites a call, if it is one of these.</summary>
    internal bool Rewrite(JsonObject call, string name)
    {
        bool isPlain = call.Text("class") == "FUNCTION";
        JsonArray arguments = call.Items("children");
        if (Names.TryGetValue(name, out string? other))
        {
            CallRewriter.Rename(call, other);
            expressions.HasChanged = true;
            name = other;
        }

        PeerType first = arguments.Count > 0 ? expressions.TypeOf(arguments[0]) : PeerKind.Unknown;
        switch (name)
        {
            case "sum":
                Sum(call, isPlain, arguments, first);
                return true;
            case "avg":
                Average(call, isPlain, arguments, first);
                return true;
            case "count" or "count_star":
                expressions.Set(call, PeerKind.Int64);
                return true;
            case "row_number" or "rank" or "dense_rank" or "ntile":
                expressions.Cast(call, PeerKind.UInt64);
                return true;
            case "regr_count":
                expressions.Cast(call, PeerKind.UInt64);
                return true;
            case "first_value" when isPlain && arguments.Count == 1:
                Renamed(call, "first", first);
                return true;
            case "last_value" when isPlain && arguments.Count == 1:
                Renamed(call, "last", first);
                return true;
            case "nth_value" when isPlain && arguments.Count == 2:
                Nth(call, arguments, first);
                return true;
            case "min" or "max" or "first" or "last" or "any_value" or "first_value" or "last_value" or "nth_value" or "lag" or "lead"
                or "bit_and" or "bit_or" or "bit_xor":
                foreach (JsonNode? argument in arguments.Take(1))
                    expressions.Widen(argument);
                expressions.Set(call, first);
                return true;
            case "bool_and" or "bool_or":
                expressions.Set(call, PeerKind.Boolean);
                return true;
            case "median" when arguments.Count == 1:
                expressions.Set(call, PeerKind.Float64);
                if (first.Kind == PeerKind.Decimal)
                    expressions.Cast(call, first);
                return true;
            case "quantile_cont":
                expressions.Set(call, PeerKind.Float64);
                return true;
            case "approx_distinct" when arguments.Count == 1:
                // Exactly, as the peer's is for numbers that people look at; DuckDB's estimate is far off already there.
                Renamed(call, "count", PeerKind.Int64);
                call["distinct"] = true;
                expressions.Cast(call, PeerKind.UInt64);
                return true;
            case "approx_median" when arguments.Count == 1:
                arguments.Add(ParsedSql.Literal("0.5"));
                Quantile(call, arguments);
                return true;
            case "approx_percentile_cont" when arguments.Count is 2 or 3:
                while (arguments.Count > 2)
                    arguments.RemoveAt(2);
                Quantile(call, arguments);
                return true;
            case "array_agg" or "list":
                foreach (JsonNode? argument in arguments)
                    expressions.Widen(argument);
                expressions.Set(call, PeerKind.List);
                return true;
            case "string_agg":
                expressions.Set(call, first.IsText ? first : PeerKind.Unknown);
                return true;
            default:
                if (!Floats.Contains(name))
                    return false;
                expressions.Set(call, PeerKind.Float64);
                return true;
        }
    }

    private void Renamed(JsonObject call, string name, PeerType type)
    {
        CallRewriter.Rename(call, name);
        expressions.Set(call, type);
        expressions.HasChanged = true;
    }

    private void Sum(JsonObject call, bool isPlain, JsonArray arguments, PeerType type)
    {
        PeerType result = type.Kind == PeerKind.Decimal ? PeerType.Decimal(type.Precision + 10, type.Scale)
            : type.IsSigned ? PeerKind.Int64
            : type.IsUnsigned ? PeerKind.UInt64
            : type.IsFloat ? PeerKind.Float64
            : PeerKind.Unknown;

        // Over windows and with an order DuckDB hands an aggregate of ours one state for many rows, but no sign that it is one: reading
        // the others would end the process. Its own sum knows; what is too wide of it is cast.
        bool isOurs = isPlain && type.Kind != PeerKind.Decimal && (call.Object("order_bys")?.Items("orders").Count ?? 0) == 0;
        foreach (JsonNode? argument in arguments)
            expressions.Widen(argument);
        if (isOurs)
            Renamed(call, sumName, result);
        else if (result.Kind is PeerKind.Unknown or PeerKind.Float64)
            expressions.Set(call, result);
        else
            expressions.Cast(call, result);
    }

    /// <summary>The peer's average of decimals is one, cut off after four digits more.</summary>
    private void Average(JsonObject call, bool isPlain, JsonArray arguments, PeerType type)
    {
        expressions.Set(call, type.IsInteger || type.IsFloat ? PeerKind.Float64 : PeerKind.Unknown);
        if (type.Kind != PeerKind.Decimal || !isPlain || arguments.Count != 1 || type.Scale > 8)
            return;
        JsonObject count = (JsonObject)expressions.Copy(call)!;
        CallRewriter.Rename(count, "count");
        count["alias"] = "";
        JsonObject sum = expressions.Detached(call);
        CallRewriter.Rename(sum, "sum");
        PeerType result = PeerType.Decimal(type.Precision + 4, type.Scale + 4);
        JsonObject quotient = arithmetic.Quotient(sum, count, PeerType.Decimal(PeerType.MaxPrecision, type.Scale), PeerKind.Int64);
        expressions.Replace(call, expressions.CastOf(quotient, result), result);
    }

    private void Quantile(JsonObject call, JsonArray arguments)
    {
        JsonObject operand = (JsonObject)arguments[0]!;
        expressions.Cast(operand, PeerKind.Float64);
        JsonNode? share = arguments[1];
        arguments[1] = null;
        arguments[1] = expressions.CastOf(share, PeerKind.Float32);
        Renamed(call, "approx_quantile", PeerKind.Float64);
    }

    private void Nth(JsonObject call, JsonArray arguments, PeerType type)
    {
        JsonNode? position = arguments[1];
        arguments.RemoveAt(1);

        // Moved and not copied: each level of nested calls would copy all below it.
        JsonObject list = expressions.Detached(call);
        CallRewriter.Rename(list, "list");
        expressions.Replace(call, ParsedSql.Call("list_extract", list, position), type);
    }
}
