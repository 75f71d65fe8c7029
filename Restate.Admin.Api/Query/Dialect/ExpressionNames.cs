using System.Globalization;
using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>
/// The name of a result column that was given none, as the peer makes it: <c>count(*)</c>, <c>sum(state.value_length)</c>,
/// <c>t.a + Int64(1)</c>. Reads the statement before anything in it is rewritten.
/// </summary>
internal static class ExpressionNames
{
    private const int MaxLength = 4096;

    private static readonly Dictionary<string, string> Comparisons = new(StringComparer.Ordinal)
    {
        ["COMPARE_EQUAL"] = "=",
        ["COMPARE_NOTEQUAL"] = "!=",
        ["COMPARE_LESSTHAN"] = "<",
        ["COMPARE_LESSTHANOREQUALTO"] = "<=",
        ["COMPARE_GREATERTHAN"] = ">",
        ["COMPARE_GREATERTHANOREQUALTO"] = ">=",
    };

    private static readonly Dictionary<string, string> Functions = new(StringComparer.Ordinal)
    {
        ["substring"] = "substr",
        ["position"] = "strpos",
        ["list"] = "array_agg",
    };

    private static readonly Dictionary<string, string> Operators = new(StringComparer.Ordinal)
    {
        ["~~"] = "LIKE",
        ["!~~"] = "NOT LIKE",
        ["~~*"] = "ILIKE",
        ["!~~*"] = "NOT ILIKE",
    };

    /// <summary>The name; null when we do not know how the peer would write it.</summary>
    internal static string? Of(JsonObject expression, DialectScope scope)
    {
        try
        {
            string? name = Name(expression, scope);
            return name is { Length: > MaxLength } ? null : name;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException)
        {
            // A shape that is not known has no known name either.
            return null;
        }
    }

    private static string? Name(JsonNode? node, DialectScope scope) => node is not JsonObject expression
        ? null
        : expression.Text("class") switch
        {
            "COLUMN_REF" => Column(expression.Names("column_names"), scope),
            "CONSTANT" => Constant(expression.Object("value")),
            "FUNCTION" => Call(expression, scope),
            "CAST" => Cast(expression, scope),
            "COMPARISON" when Comparisons.TryGetValue(expression.Text("type"), out string? sign) =>
                Join($" {sign} ", scope, expression["left"], expression["right"]),
            "CONJUNCTION" => Join(
                expression.Text("type") == "CONJUNCTION_AND" ? " AND " : " OR ", scope, [.. expression.Items("children")]),
            "BETWEEN" => Join(" BETWEEN ", scope, expression["input"], expression["lower"]) is { } start
                && Name(expression["upper"], scope) is { } upper ? $"{start} AND {upper}" : null,
            "OPERATOR" => Operator(expression, scope),
            "CASE" => Case(expression, scope),
            "WINDOW" => Window(expression, scope),
            _ => null,
        };

    private static string? Join(string separator, DialectScope scope, params JsonNode?[] parts)
    {
        var names = new string[parts.Length];
        int length = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            if (Name(parts[i], scope) is not { } name || (length += name.Length) > MaxLength)
                return null;
            names[i] = name;
        }

        return string.Join(separator, names);
    }

    private static string? Column(string[] names, DialectScope scope)
    {
        if (names.Length > 1)
            return string.Join('.', names.Select(SqlNames.Fold));
        if (!scope.TryQualify(names[0], out string? qualifier))
            return null;
        string name = SqlNames.Fold(names[0]);
        return qualifier is null ? name : $"{SqlNames.Fold(qualifier)}.{name}";
    }

    private static string? Constant(JsonObject? value)
    {
        if (value is null || value.Object("type") is not { } type)
            return null;
        string id = type.Text("id");
        if (value.IsTrue("is_null"))
            return id == "NULL" ? "NULL" : null;
        return id switch
        {
            "INTEGER" or "BIGINT" => $"Int64({value["value"]!.ToJsonString()})",
            "HUGEINT" when value.Object("value") is { } words && words["upper"]!.ToJsonString() == "0" =>
                $"UInt64({words["lower"]!.ToJsonString()})",
            "DECIMAL" => Float((double)value["value"]!.GetValue<long>() / Math.Pow(10, type.Object("type_info")!["scale"]!.GetValue<int>())),
            "DOUBLE" => Float(value["value"]!.GetValue<double>()),
            "VARCHAR" => $"Utf8(\"{value.Text("value")}\")",
            _ => null,
        };
    }

    /// <summary>Without an exponent, which the peer never writes; numbers that would need one are left alone.</summary>
    private static string? Float(double value) => value == 0 || Math.Abs(value) is >= 1e-5 and < 1e15
        ? $"Float64({value.ToString("R", CultureInfo.InvariantCulture)})"
        : null;

    private static string? Cast(JsonObject cast, DialectScope scope)
    {
        JsonObject? child = cast.Object("child");
        string type = cast.Object("cast_type")?.Text("id") ?? "";

        // What the parser makes of true and false.
        if (type == "BOOLEAN" && child?.Object("value") is { } value && value.Text("value") is "t" or "f")
            return value.Text("value") == "t" ? "Boolean(true)" : "Boolean(false)";

        // The peer leaves casts out of names; of an interval literal it makes something of its own.
        return type == "INTERVAL" ? Interval(Expressions.TextOf(child)) : Name(child, scope);
    }

    /// <summary>An interval of one unit.</summary>
    private static string? Interval(string? text)
    {
        if (text?.Split(' ') is not [string count, string unit] || !int.TryParse(count, CultureInfo.InvariantCulture, out int number))
            return null;
        (int months, int days, long nanoseconds) = unit.ToUpperInvariant().TrimEnd('S') switch
        {
            "YEAR" => (12 * number, 0, 0L),
            "MONTH" => (number, 0, 0L),
            "WEEK" => (0, 7 * number, 0L),
            "DAY" => (0, number, 0L),
            "HOUR" => (0, 0, number * 3_600_000_000_000),
            "MINUTE" => (0, 0, number * 60_000_000_000),
            "SECOND" => (0, 0, number * 1_000_000_000L),
            _ => (0, 0, 0L),
        };
        return months == 0 && days == 0 && nanoseconds == 0
            ? null
            : $"IntervalMonthDayNano(\"IntervalMonthDayNano {{ months: {months}, days: {days}, nanoseconds: {nanoseconds} }}\")";
    }

    private static string? Operator(JsonObject expression, DialectScope scope)
    {
        JsonNode?[] parts = [.. expression.Items("children")];
        return expression.Text("type") switch
        {
            "OPERATOR_NOT" => Name(parts[0], scope) is { } operand ? $"NOT {operand}" : null,
            "OPERATOR_IS_NULL" => Name(parts[0], scope) is { } operand ? $"{operand} IS NULL" : null,
            "OPERATOR_IS_NOT_NULL" => Name(parts[0], scope) is { } operand ? $"{operand} IS NOT NULL" : null,
            "OPERATOR_COALESCE" => Join(",", scope, parts) is { } list ? $"coalesce({list})" : null,
            "COMPARE_IN" => In(" IN ", parts, scope),
            "COMPARE_NOT_IN" => In(" NOT IN ", parts, scope),
            _ => null,
        };
    }

    private static string? In(string word, JsonNode?[] parts, DialectScope scope) =>
        Name(parts[0], scope) is { } operand && Join(", ", scope, parts[1..]) is { } list ? operand + word + list : null;

    private static string? Case(JsonObject expression, DialectScope scope)
    {
        string text = "CASE";
        foreach (JsonNode? check in expression.Items("case_checks"))
        {
            if (Join(" THEN ", scope, check!["when_expr"], check["then_expr"]) is not { } branch)
                return null;
            text += $" WHEN {branch}";

            // Here and not at the end: what is put together is longer than the statement when its qualifiers are.
            if (text.Length > MaxLength)
                return null;
        }

        if (expression["else_expr"] is not JsonObject otherwise)
            return $"{text} END";
        if (otherwise.Object("value") is { } value && value.IsTrue("is_null"))
            return $"{text} END";
        return Name(otherwise, scope) is { } last ? $"{text} ELSE {last} END" : null;
    }

    private static string? Call(JsonObject call, DialectScope scope)
    {
        string name = SqlNames.Fold(call.Text("function_name"));
        JsonNode?[] arguments = [.. call.Items("children")];
        if (name == "->>")
            return AsWritten(call);
        if (call.IsTrue("is_operator"))
        {
            string sign = Operators.GetValueOrDefault(name, name);
            return arguments.Length switch
            {
                1 => Name(arguments[0], scope) is { } operand ? $"({name} {operand})" : null,
                2 => Join($" {sign} ", scope, arguments),
                _ => null,
            };
        }

        if (name == "regexp_full_match")
            return Join(" ~ ", scope, arguments);
        if (name == "count_star")
            return Tail("count(*)", call, scope);
        if (Join(",", scope, arguments) is not { } list)
            return null;
        return Tail($"{Functions.GetValueOrDefault(name, name)}({(call.IsTrue("distinct") ? "DISTINCT " : "")}{list})", call, scope);
    }

    private static string? Tail(string text, JsonObject call, DialectScope scope)
    {
        if (call.Object("filter") is { } filter)
        {
            if (Name(filter, scope) is not { } condition)
                return null;
            text += $" FILTER (WHERE {condition})";
        }

        JsonArray orders = call.Object("order_bys")?.Items("orders") ?? new JsonArray();
        return orders.Count == 0 ? text : Orders(orders, scope) is { } keys ? $"{text} ORDER BY [{keys}]" : null;
    }

    /// <summary>A call over a window, whose frame the peer always writes; known for the frames it takes where none is given.</summary>
    private static string? Window(JsonObject call, DialectScope scope)
    {
        JsonArray orders = call.Items("orders");
        bool hasFrame = call.Text("start") != "UNBOUNDED_PRECEDING" || call.Text("end") != "CURRENT_ROW_RANGE"
            || call.Text("exclude_clause") != "NO_OTHER" || call.IsTrue("ignore_nulls") || call["filter_expr"] is not null
            || call["offset_expr"] is not null || call["default_expr"] is not null;
        if (hasFrame || Join(",", scope, [.. call.Items("children")]) is not { } arguments)
            return null;
        string name = SqlNames.Fold(call.Text("function_name"));
        string text = name == "count_star" || (name == "count" && arguments.Length == 0)
            ? "count(*)"
            : $"{Functions.GetValueOrDefault(name, name)}({arguments})";
        if (call.Items("partitions") is { Count: > 0 } partitions)
        {
            if (Join(", ", scope, [.. partitions]) is not { } groups)
                return null;
            text += $" PARTITION BY [{groups}]";
        }

        if (orders.Count == 0)
            return $"{text} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";
        return Orders(orders, scope) is { } keys
            ? $"{text} ORDER BY [{keys}] RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
            : null;
    }

    /// <summary>What the peer names after its text: parts of JSON documents.</summary>
    private static string? AsWritten(JsonNode? node)
    {
        if (node is not JsonObject expression)
            return null;
        JsonNode?[] sides = expression.Text("class") == "LAMBDA" ? [expression["lhs"], expression["expr"]] : [.. expression.Items("children")];
        return expression.Text("class") switch
        {
            "COLUMN_REF" => string.Join('.', expression.Names("column_names")),
            "CONSTANT" => Expressions.TextOf(expression) is { } text ? $"'{text}'" : Expressions.NumberOf(expression)?.ToString(CultureInfo.InvariantCulture),
            "LAMBDA" or "FUNCTION" when sides.Length == 2 && AsWritten(sides[0]) is { } left && AsWritten(sides[1]) is { } right
                && (expression.Text("class") == "LAMBDA" || expression.Text("function_name") == "->>") =>
                $"{left} {(expression.Text("class") == "LAMBDA" ? "->" : "->>")} {right}",
            _ => null,
        };
    }

    private static string? Orders(JsonArray orders, DialectScope scope)
    {
        var keys = new List<string>();
        foreach (JsonNode? order in orders)
        {
            if (order is not JsonObject key || Name(key["expression"], scope) is not { } by)
                return null;
            bool isDescending = key.Text("type") == "DESCENDING";
            bool nullsFirst = key.Text("null_order") == "NULLS_FIRST" || (key.Text("null_order") == "ORDER_DEFAULT" && isDescending);
            keys.Add($"{by} {(isDescending ? "DESC" : "ASC")} NULLS {(nullsFirst ? "FIRST" : "LAST")}");
        }

        return string.Join(", ", keys);
    }
}
