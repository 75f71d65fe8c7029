using System.Collections.Frozen;
using System.Text.Json;

namespace Restate.Admin.Api.Query.Gate;

/// <summary>Checks the expressions of one statement. Everything that is not known is refused.</summary>
internal sealed class ExpressionGate
{
    /// <summary>Most bytes of a value that a growing function may make, by the estimates.</summary>
    internal const int MaxValueBytes = 1 << 20;

    private const int ScalarBytes = 64;

    /// <summary>An addition past this is one of lists, or of more columns than people add: it counts as growing.</summary>
    private const int SumBytes = 4096;

    private const int NestedCastFactor = 17;

    /// <summary>
    /// Deepest nesting of calls, operators included, as of brackets. DuckDB binds nested calls in more than quadratic time, in a call that
    /// no interrupt reaches: 990 additions in a row took it half a minute.
    /// </summary>
    private const int MaxCallDepth = SqlText.MaxNesting;

    /// <summary>Most steps of a search of one value in another, by the estimates: a fraction of a second.</summary>
    private const long MaxSearchSteps = 64L << 20;

    private static readonly FrozenSet<string> Classes = FrozenSet.Create(
        "COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "BETWEEN", "CASE", "CAST", "FUNCTION", "WINDOW", "OPERATOR",
        "SUBQUERY", "STAR", "LAMBDA", "POSITIONAL_REFERENCE");

    private static readonly FrozenSet<string> Operators = FrozenSet.Create(
        "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE", "COMPARE_IN", "COMPARE_NOT_IN",
        "ARRAY_EXTRACT", "ARRAY_SLICE", "STRUCT_EXTRACT", "GROUPING_FUNCTION");

    private static readonly FrozenSet<string> Types = FrozenSet.Create(
        "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
        "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "BLOB", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS",
        "TIMESTAMP WITH TIME ZONE", "INTERVAL", "UUID", "LIST", "STRUCT", "MAP");

    private readonly Func<JsonElement, GateScope, RelationFacts> _subquery;
    private readonly long _maxRowBytes;
    private readonly string _sumName;
    private long _grownBytes;
    private int _callDepth;

    /// <param name="subquery">Checks a query inside an expression.</param>
    /// <param name="maxRowBytes">
    /// Most bytes that the growing expressions of one row may make together: DuckDB keeps the results of all of them for a whole vector
    /// of rows, in buffers that its limit does not count and in calls that no interrupt reaches.
    /// </param>
    /// <param name="sumName">Our own name of <c>sum</c>.</param>
    internal ExpressionGate(Func<JsonElement, GateScope, RelationFacts> subquery, long maxRowBytes, string sumName)
    {
        _sumName = sumName;
        _subquery = subquery;
        _maxRowBytes = maxRowBytes;
    }

    /// <summary>True once a condition was seen that could narrow a scan.</summary>
    internal bool HasEquality { get; private set; }

    /// <summary>More than 0 inside a recursive common table expression, where every growth would repeat.</summary>
    internal int RecursionDepth { get; set; }

    /// <summary>Weight and table mentions of all subqueries seen since the last reset of the caller.</summary>
    internal RelationFacts Subqueries { get; set; } = new();

    /// <summary>Checks an expression.</summary>
    /// <exception cref="QueryException">It holds something that is not allowed.</exception>
    internal ExpressionFacts Check(JsonElement expression, GateScope scope)
    {
        string kind = Text(expression, "class");
        string type = Text(expression, "type");
        if (!Classes.Contains(kind))
            throw kind == "PARAMETER"
                ? QueryException.Invalid($"placeholder '${Text(expression, "identifier")}' was not provided a value")
                : QueryException.Invalid($"{kind} expressions are not supported");
        switch (kind)
        {
            case "COLUMN_REF":
                JsonElement names = expression.GetProperty("column_names");
                string name = names[names.GetArrayLength() - 1].GetString() ?? "";
                return scope.FindName(name) ?? ExpressionFacts.Column;
            case "CONSTANT":
                return new ExpressionFacts(1, expression.GetProperty("value").TryGetProperty("value", out JsonElement value)
                    && value.ValueKind == JsonValueKind.String ? value.GetRawText().Length : ScalarBytes);
            case "OPERATOR" when !Operators.Contains(type):
                throw QueryException.Invalid($"the operator {type} is not supported");
            case "SUBQUERY":
                HasEquality = true;
                break;
            default:
                HasEquality |= type is "COMPARE_EQUAL" or "COMPARE_IN";
                break;
        }

        bool isCall = kind is "FUNCTION" or "WINDOW";
        if (isCall && ++_callDepth > MaxCallDepth)
            throw QueryException.Invalid($"the query nests functions or operators deeper than {MaxCallDepth}");
        (long weight, long sum, long largest, long product) = Children(expression, scope);
        if (isCall)
            _callDepth--;
        return kind switch
        {
            "FUNCTION" or "WINDOW" => Call(expression, kind, weight, sum, largest, product),
            "CAST" => Cast(expression, weight, largest),
            "COMPARISON" or "CONJUNCTION" or "BETWEEN" => new ExpressionFacts(weight, ScalarBytes),
            _ => new ExpressionFacts(weight, Math.Max(largest, ScalarBytes)),
        };
    }

    /// <summary>Checks every expression and query below <paramref name="element"/>, however it is held.</summary>
    internal (long Weight, long Sum, long Largest, long Product) Children(JsonElement element, GateScope scope)
    {
        long weight = 1;
        long sum = 0;
        long largest = 0;
        long product = 1;
        foreach (JsonElement child in Nested(element))
        {
            ExpressionFacts facts;
            if (child.TryGetProperty("class", out _))
            {
                facts = Check(child, scope);
            }
            else
            {
                RelationFacts relation = _subquery(child.GetProperty("node"), scope);
                Subqueries.Cost += relation.Cost;
                Subqueries.Tables += relation.Tables;
                facts = relation.Worst() with { Weight = 1 };
            }

            weight = Saturate(weight + facts.Weight);
            sum = Saturate(sum + facts.Bytes);
            largest = Math.Max(largest, facts.Bytes);
            product = Saturate(product * Math.Max(1, facts.Bytes));
        }

        return (weight, sum, largest, product);
    }

    /// <summary>The nearest expressions and queries below an element, which itself is neither or has been dealt with.</summary>
    private static IEnumerable<JsonElement> Nested(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                foreach (JsonElement found in Here(item))
                    yield return found;
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                // Types hold no expressions; they are looked at where a cast is.
                if (property.Name == "cast_type")
                    continue;
                foreach (JsonElement found in Here(property.Value))
                    yield return found;
            }
        }
    }

    private static IEnumerable<JsonElement> Here(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && (element.TryGetProperty("class", out _) || element.TryGetProperty("node", out _))
            ? [element]
            : Nested(element);

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static long Saturate(long value) => value is < 0 or > int.MaxValue ? int.MaxValue : value;

    private ExpressionFacts Call(JsonElement call, string kind, long weight, long sum, long largest, long product)
    {
        string name = Text(call, "function_name").ToLowerInvariant();
        string schema = Text(call, "schema");
        string catalog = Text(call, "catalog");
        if (catalog is not ("" or "system") || schema is not ("" or "main"))
            throw QueryException.Invalid($"function '{name}' may not be qualified with '{(catalog.Length > 0 ? catalog : schema)}'");
        if (name == _sumName)
            name = "sum";
        FunctionRule rule = FunctionList.Find(name)
            ?? throw QueryException.Invalid($"function '{name}' is not available");
        if (kind == "WINDOW" ? !rule.Use.HasFlag(FunctionUse.Window) : rule.Use == FunctionUse.Window)
        {
            throw QueryException.Invalid(
                kind == "WINDOW" ? $"function '{name}' is not available with OVER" : $"function '{name}' needs an OVER clause");
        }

        if (call.GetProperty("children").GetArrayLength() > rule.MaxArguments)
            throw QueryException.Invalid($"function '{name}' takes at most {rule.MaxArguments} argument(s) here");
        JsonElement arguments = call.GetProperty("children");
        if (rule.Cost == FunctionCost.Path && CallShape.PathFactor(arguments) is > 1 and int matches)
            rule = rule with { Growth = Growth.Sum, Factor = rule.Factor * matches };
        if (rule.Growth == Growth.Lists && CallShape.AddsNumbers(arguments))
            rule = rule with { Growth = Growth.Fixed };
        if (RecursionDepth > 0 && rule.Growth == Growth.Lists)
            throw QueryException.Invalid($"'{name}' puts lists together too, and in a recursive query those could grow without end: cast one side to a number");
        if (RecursionDepth > 0 && (rule.Growth is Growth.Sum or Growth.Product || rule.Use == FunctionUse.Aggregate))
            throw QueryException.Invalid($"function '{name}' is not available in a recursive query, where its result could grow without end");
        if (kind == "FUNCTION")
            sum = Saturate(sum + CallShape.FieldNames(arguments));
        long bytes = rule.Growth switch
        {
            Growth.Fixed => ScalarBytes,
            Growth.Same => Math.Max(largest, ScalarBytes),
            Growth.Sum => Saturate(Math.Max(sum, ScalarBytes) * rule.Factor),
            Growth.Collected => MaxValueBytes,
            Growth.Lists => sum,
            _ => product,
        };
        if (rule.Growth is Growth.Sum or Growth.Product or Growth.Lists && bytes > MaxValueBytes)
            throw QueryException.Invalid($"the result of function '{name}' could become too large: shorten its arguments or nest it less");
        bool isGrown = rule.Growth is Growth.Sum or Growth.Product || (rule.Growth == Growth.Lists && bytes > SumBytes);
        if (isGrown && (_grownBytes += bytes) > _maxRowBytes)
            throw QueryException.Invalid("the rows of the query could become too wide: use fewer or shorter expressions that put text together, or raise admin.query-engine.memory-size");
        if (rule.Cost == FunctionCost.Search && product > MaxSearchSteps)
            throw QueryException.Invalid($"function '{name}' would search one large value in another: shorten its arguments");
        if (rule.Cost == FunctionCost.Pattern && !IsCheapPattern(name, arguments))
        {
            throw QueryException.Invalid(
                $"the pattern of '{name}' must be a literal such as 'a%', '%a', '%a%' or 'a%b' (with LIKE any number of %): use regexp_matches for others");
        }

        return new ExpressionFacts(Saturate(weight * rule.Copies), bytes);
    }

    /// <summary>
    /// True for patterns that DuckDB matches in time proportional to value times pattern. Its matcher tries every place for every wildcard
    /// but the last; for LIKE with % only it has another one, which does not go back.
    /// </summary>
    private static bool IsCheapPattern(string name, JsonElement arguments)
    {
        if (arguments.GetArrayLength() < 2 || Text(arguments[1], "class") != "CONSTANT"
            || !arguments[1].GetProperty("value").TryGetProperty("value", out JsonElement value) || value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        string pattern = value.GetString()!;
        char many = name == "~~~" ? '*' : '%';
        int wildcards = pattern.AsSpan().Count(many);
        bool onlyMany = !pattern.AsSpan().ContainsAny('_', '[') && !pattern.Contains('?', StringComparison.Ordinal);
        if (name is "~~" or "!~~" && onlyMany)
            return true;
        return wildcards <= 1 || (wildcards == 2 && pattern[0] == many && pattern[^1] == many);
    }

    private static ExpressionFacts Cast(JsonElement cast, long weight, long largest)
    {
        bool isNested = CheckType(cast.GetProperty("cast_type"));
        return new ExpressionFacts(weight, Saturate(Math.Max(largest, ScalarBytes) * (isNested ? NestedCastFactor : 1)));
    }

    /// <summary>Refuses types a value could be made huge by, such as arrays of fixed length; true for lists and the like.</summary>
    private static bool CheckType(JsonElement type)
    {
        string id = Text(type, "id");
        bool hasInfo = type.TryGetProperty("type_info", out JsonElement info) && info.ValueKind == JsonValueKind.Object;
        if (id == "UNBOUND" && hasInfo && Text(info, "name").Equals("json", StringComparison.OrdinalIgnoreCase))
            return false;
        if (!Types.Contains(id))
            throw QueryException.Invalid($"a cast to the type {(id == "UNBOUND" && hasInfo ? Text(info, "name") : id)} is not supported");
        if (!hasInfo || id is not ("LIST" or "STRUCT" or "MAP"))
            return false;
        if (info.TryGetProperty("child_type", out JsonElement child))
            CheckType(child);
        if (info.TryGetProperty("child_types", out JsonElement children))
        {
            foreach (JsonElement field in children.EnumerateArray())
                CheckType(field.GetProperty("second"));
        }

        return true;
    }
}
