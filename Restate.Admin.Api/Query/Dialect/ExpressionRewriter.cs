using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>
/// Makes one expression, whose parts are done, mean in DuckDB what it means to the peer, and finds out its type there: literals of 64
/// bits, decimals that are doubles, quotients of mixed integers, casts that cut off. Where a type is not known nothing is changed for it.
/// </summary>
/// <param name="expressions">The expressions of the statement.</param>
/// <param name="innerPrefix">Start of the names of our own functions.</param>
/// <param name="sumName">The aggregate that stands for <c>sum</c>.</param>
internal sealed class ExpressionRewriter(Expressions expressions, string innerPrefix, string sumName)
{
    private readonly CallRewriter _calls = new(expressions, innerPrefix, sumName);

    /// <summary>Rewrites an expression.</summary>
    internal void Rewrite(JsonObject expression, DialectScope scope)
    {
        switch (expression.Text("class"))
        {
            case "COLUMN_REF":
                expressions.Set(expression, Column(expression, scope));
                break;
            case "CONSTANT":
                Constant(expression);
                break;
            case "COMPARISON" or "CONJUNCTION" or "BETWEEN":
                expressions.Set(expression, PeerKind.Boolean);
                break;
            case "CASE":
                Case(expression);
                break;
            case "CAST":
                Cast(expression);
                break;
            case "OPERATOR":
                Operator(expression);
                break;
            case "LAMBDA":
                // What the parser makes of ->.
                _calls.Json.Arrow(expression);
                break;
            case "FUNCTION" or "WINDOW":
                _calls.Rewrite(expression);
                break;
        }
    }

    /// <summary>Brings results to the type they have there, where ours is another and was left so inside the statement.</summary>
    internal void Finish(JsonObject item)
    {
        PeerType type = expressions.TypeOf(item);
        if (type is not { Kind: PeerKind.Timestamp, IsZoned: false } || item.Text("function_name") == "make_timestamp_ns")
            return;

        // By way of a timestamp without a zone, as which there is no cast from one with.
        JsonObject inner = expressions.CastOf(expressions.Detached(item), PeerType.Timestamp(6));
        expressions.Replace(item, expressions.CastOf(inner, type), type);
    }

    private static PeerType Column(JsonObject reference, DialectScope scope)
    {
        string[] path = reference.Names("column_names");
        PeerType type = scope.TypeOf(path);
        if (type.Kind != PeerKind.Unknown || path.Length != 1)
            return type;
        return SqlNames.Fold(path[0]) switch
        {
            "current_timestamp" => PeerType.Timestamp(),
            "current_date" => PeerKind.Date,
            _ => PeerKind.Unknown,
        };
    }

    private void Constant(JsonObject constant)
    {
        JsonObject? value = constant.Object("value");
        JsonObject? type = value?.Object("type");
        if (value is null || type is null)
            return;
        switch (type.Text("id"))
        {
            case "NULL":
                expressions.Set(constant, PeerKind.Null);
                break;
            case "BOOLEAN":
                expressions.Set(constant, PeerKind.Boolean);
                break;
            case "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT":
                expressions.Set(constant, PeerKind.Int64);
                break;
            case "HUGEINT" when value.Object("value") is { } words && words["upper"]?.ToJsonString() == "0":
                expressions.Set(constant, PeerKind.UInt64);
                break;
            case "DECIMAL" or "HUGEINT" or "DOUBLE":
                // Printed and read again 1e3 is a decimal too.
                expressions.Cast(constant, PeerKind.Float64);
                break;
            case "VARCHAR":
                expressions.Set(constant, PeerKind.Utf8);
                break;
        }
    }

    private void Case(JsonObject expression)
    {
        var results = new List<JsonNode?>();
        foreach (JsonObject check in expression.Items("case_checks").OfType<JsonObject>())
            results.Add(check["then_expr"]);
        results.Add(expression["else_expr"]);
        OneOf(expression, results);
    }

    /// <summary>An expression that gives one of several values.</summary>
    private void OneOf(JsonObject expression, List<JsonNode?> results)
    {
        foreach (JsonNode? result in results)
            expressions.Widen(result);
        PeerType[] types = [.. results.OfType<JsonNode>().Select(expressions.TypeOf)];
        PeerType common = types.Aggregate(new PeerType(PeerKind.Null), PeerType.Common);
        expressions.Set(expression, common);
        if (common.IsNumber && types.Any(type => type != common && type.Kind != PeerKind.Null))
            expressions.Cast(expression, common);
    }

    private void Operator(JsonObject expression)
    {
        switch (expression.Text("type"))
        {
            case "OPERATOR_COALESCE":
                OneOf(expression, [.. expression.Items("children")]);
                break;
            case "GROUPING_FUNCTION":
                expressions.Cast(expression, PeerKind.Int32);
                break;
            case "OPERATOR_NOT" or "OPERATOR_IS_NULL" or "OPERATOR_IS_NOT_NULL" or "COMPARE_IN" or "COMPARE_NOT_IN":
                expressions.Set(expression, PeerKind.Boolean);
                break;
        }
    }

    private void Cast(JsonObject cast)
    {
        bool isTry = cast.IsTrue("try_cast");
        if (cast["child"] is not JsonObject child || Target(cast.Object("cast_type")) is not { } target)
            return;
        PeerType from = expressions.TypeOf(child);
        expressions.Set(cast, target);
        if (from.Kind == PeerKind.Json)
        {
            _calls.Json.Cast(cast, child, target);
        }
        else if (target.IsInteger && (from.IsFloat || from.Kind == PeerKind.Decimal))
        {
            // The peer cuts off what is behind the point, DuckDB rounds.
            JsonObject inner = expressions.Detached(child);
            expressions.Replace(child, ParsedSql.Call("trunc", inner), from);
        }
        else if (target.IsInteger && from.Kind == PeerKind.Timestamp)
        {
            cast["child"] = null;
            string function = from.Scale switch { 0 => "epoch", 3 => "epoch_ms", 6 => "epoch_us", _ => "epoch_ns" };
            expressions.Replace(cast, expressions.CastOf(ParsedSql.Call(function, child), target, isTry), target);
        }
        else if (target.Kind == PeerKind.Timestamp)
        {
            Timestamp(cast, child, from, isTry);
        }
        else if (target.IsText && from.Kind == PeerKind.Timestamp)
        {
            cast["child"] = null;
            expressions.Replace(cast, TimeCalls.Text(child, from), PeerKind.Utf8View);
        }
    }

    /// <summary>A cast to a timestamp, which in the peer has no zone: what has one is brought to UTC.</summary>
    private void Timestamp(JsonObject cast, JsonObject child, PeerType from, bool isTry)
    {
        if (from.Kind is not (PeerKind.Timestamp or PeerKind.Utf8 or PeerKind.LargeUtf8 or PeerKind.Utf8View))
            return;
        var plain = PeerType.Timestamp(6);
        cast["child"] = null;
        JsonObject zoned = expressions.CastOf(child, new PeerType(PeerKind.Timestamp, Scale: 3, IsZoned: true), isTry);
        expressions.Replace(cast, expressions.CastOf(zoned, plain), PeerType.Timestamp());
    }

    /// <summary>The peer's type of a cast.</summary>
    private static PeerType? Target(JsonObject? type) => type?.Text("id") switch
    {
        "BOOLEAN" => PeerKind.Boolean,
        "TINYINT" => PeerKind.Int8,
        "SMALLINT" => PeerKind.Int16,
        "INTEGER" => PeerKind.Int32,
        "BIGINT" => PeerKind.Int64,
        "UTINYINT" => PeerKind.UInt8,
        "USMALLINT" => PeerKind.UInt16,
        "UINTEGER" => PeerKind.UInt32,
        "UBIGINT" => PeerKind.UInt64,
        "FLOAT" => PeerKind.Float32,
        "DOUBLE" => PeerKind.Float64,
        "DECIMAL" when type.Object("type_info") is { } info =>
            PeerType.Decimal(info["width"]!.GetValue<int>(), info["scale"]!.GetValue<int>()),
        "VARCHAR" => PeerKind.Utf8View,
        "BLOB" => PeerKind.Binary,
        "DATE" => PeerKind.Date,
        "TIME" => PeerKind.Time,
        "TIMESTAMP" or "TIMESTAMP WITH TIME ZONE" => PeerType.Timestamp(),
        "INTERVAL" => PeerKind.Interval,
        _ => null,
    };
}
