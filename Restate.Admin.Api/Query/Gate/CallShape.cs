using System.Text.Json;
using System.Text.RegularExpressions;

namespace Restate.Admin.Api.Query.Gate;

/// <summary>What the arguments of a call say of its result, where their sizes do not.</summary>
internal static partial class CallShape
{
    /// <summary>Bytes of a list of matches for every byte that is searched: a header of 16 for an element of one.</summary>
    private const int MatchFactor = 17;

    /// <summary>
    /// True when an operand of an addition is no list: a number, a cast to a plain type, or a call whose result is small. Then the others
    /// are none either, or DuckDB refuses the statement.
    /// </summary>
    internal static bool AddsNumbers(JsonElement operands) =>
        operands.GetArrayLength() < 2 || operands.EnumerateArray().Any(operand => Text(operand, "class") switch
        {
            "CONSTANT" => Literal(operand) is null,
            "CAST" => Text(operand.GetProperty("cast_type"), "id") is not ("LIST" or "MAP" or "STRUCT" or "UNBOUND" or "VARCHAR"),
            "FUNCTION" => FunctionList.Find(Text(operand, "function_name").ToLowerInvariant()) is { Growth: Growth.Fixed },
            _ => false,
        });

    /// <summary>
    /// Refuses windows for which DuckDB goes through the whole frame anew for every row, deaf to interrupts for a vector of rows: arguments in
    /// an order of their own, and distinct values where rows are excluded or what the aggregate keeps grows with the frame. And those with
    /// EXCLUDE TIES, after which DuckDB 1.5 forgets to free texts and lists that <c>min</c> and <c>max</c> hold: a value for every row, for good.
    /// </summary>
    internal static void CheckWindow(JsonElement call, string name)
    {
        if (Text(call, "exclude_clause") == "TIES")
            throw QueryException.Invalid("EXCLUDE TIES is not available; EXCLUDE CURRENT ROW and EXCLUDE GROUP are");
        if (call.TryGetProperty("arg_orders", out JsonElement orders) && orders.ValueKind == JsonValueKind.Array && orders.GetArrayLength() > 0)
            throw QueryException.Invalid($"ORDER BY among the arguments of '{name}' is not available with OVER");
        if (!IsDistinct(call))
            return;
        if (Text(call, "exclude_clause") is not ("" or "NO_OTHER"))
            throw QueryException.Invalid($"DISTINCT in '{name}' is not available with OVER and EXCLUDE");
        if (name is not ("count" or "sum" or "avg" or "min" or "max"))
            throw QueryException.Invalid($"DISTINCT in '{name}' is not available with OVER; it is in count, sum, avg, min and max");
    }

    /// <summary>
    /// Bytes that a window takes for every row, in one go and deaf to interrupts, when the last has been read: for distinct values DuckDB
    /// builds a tree of sorted runs over all rows of a partition, 176 bytes a row where they are counted, and 253 where they are summed
    /// (measured with a million; others are taken for as large). None where rows are partitioned: how large a partition is nobody knows here.
    /// </summary>
    internal static long FrameBytes(JsonElement call, string name)
    {
        const int Counted = 176;
        const int Summed = 253;
        bool isPartitioned = call.TryGetProperty("partitions", out JsonElement keys) && keys.ValueKind == JsonValueKind.Array
            && !keys.EnumerateArray().All(IsConstant);
        return !IsDistinct(call) || isPartitioned ? 0 : name == "count" ? Counted : Summed;
    }

    /// <summary>True for literals, and for what DuckDB makes of literals before it reads the first row.</summary>
    internal static bool IsConstant(JsonElement expression) => Text(expression, "class") switch
    {
        "CONSTANT" => true,
        "CAST" => IsConstant(expression.GetProperty("child")),
        "FUNCTION" => Text(expression, "function_name") is "||" or "concat" or "lower" or "upper" or "replace" or "regexp_escape"
            && expression.GetProperty("children").EnumerateArray().All(IsConstant),
        _ => false,
    };

    /// <summary>The text of all literals in a constant expression, one after the other.</summary>
    internal static string LiteralText(JsonElement expression) => Text(expression, "class") switch
    {
        "CONSTANT" => Literal(expression) ?? "",
        "CAST" => LiteralText(expression.GetProperty("child")),
        "FUNCTION" => string.Concat(expression.GetProperty("children").EnumerateArray().Select(LiteralText)),
        _ => "",
    };

    /// <summary>Bytes of the names that a call gives to fields: they come out again when a struct is made text.</summary>
    internal static long FieldNames(JsonElement arguments) => arguments.EnumerateArray().Sum(argument => (long)Text(argument, "alias").Length);

    /// <summary>By how much what a path finds in a value may be larger than the value.</summary>
    /// <param name="arguments">The value and the path.</param>
    /// <exception cref="QueryException">The path could find the same parts many times over, or cannot be known.</exception>
    internal static int PathFactor(JsonElement arguments)
    {
        if (arguments.GetArrayLength() < 2)
            return 1;
        JsonElement path = arguments[1];
        switch (Text(path, "class"))
        {
            case "CONSTANT":
                return PathFactor(Literal(path));
            case "FUNCTION" when Text(path, "function_name") is "list_value" or "list_pack":
                JsonElement paths = path.GetProperty("children");
                if (paths.EnumerateArray().All(item => Text(item, "class") == "CONSTANT" && PathFactor(Literal(item)) == 1))
                    return Math.Max(1, paths.GetArrayLength());
                break;

            // DuckDB computes a path without a column in advance and lets it have wildcards then; one with a column may have none.
            default:
                if (HasColumn(path))
                    return 1;
                break;
        }

        throw QueryException.Invalid("a JSON path must be a literal, a list of literals without wildcards, or made of a column");
    }

    private static int PathFactor(string? path)
    {
        if (path is null || !path.StartsWith('$'))
            return 1;

        // Dots and stars of a quoted key are its own. A key is quoted only from its first character on, and escapes are not followed.
        string bare = path.Contains('\\', StringComparison.Ordinal) ? path : QuotedKey().Replace(path, ".key");
        if (bare.Contains("..", StringComparison.Ordinal))
            throw QueryException.Invalid($"the JSON path '{path}' may not hold '..', which finds parts of parts again");
        return bare.Contains('*', StringComparison.Ordinal) ? MatchFactor : 1;
    }

    [GeneratedRegex("\\.\"[^\"]*\"")]
    private static partial Regex QuotedKey();

    private static bool IsDistinct(JsonElement call) =>
        call.TryGetProperty("distinct", out JsonElement distinct) && distinct.ValueKind == JsonValueKind.True;

    private static bool HasColumn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().Any(HasColumn),
        JsonValueKind.Object => Text(element, "class") == "COLUMN_REF" || element.EnumerateObject().Any(property => HasColumn(property.Value)),
        _ => false,
    };

    /// <summary>The text of a literal; null for one that is a number, and for NULL.</summary>
    private static string? Literal(JsonElement constant) =>
        constant.GetProperty("value").TryGetProperty("value", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
