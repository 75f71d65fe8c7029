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
    /// Deepest nesting of calls, operators included. DuckDB binds nested calls in more than quadratic time, in a call that no interrupt
    /// reaches: 100 powers in a row take it a quarter of a second, 190 nearly one, 990 additions half a minute.
    /// </summary>
    internal const int MaxCallDepth = 100;

    /// <summary>Levels of nesting that cost nothing extra; what everyday statements have.</summary>
    private const int FreeDepth = 8;

    /// <summary>What each level below those adds to the cost of every expression on it: binding takes quadratic time.</summary>
    private const int DepthCost = 2;

    /// <summary>Farthest row of <c>lead</c> and <c>lag</c>.</summary>
    internal const long MaxRowOffset = 1_000_000_000;

    /// <summary>Most steps of a search of one value in another, by the estimates: a fraction of a second.</summary>
    private const long MaxSearchSteps = 64L << 20;

    /// <summary>What a regular expression costs: compiling one takes up to 10 ms, in a call that no interrupt reaches. About a hundred fit.</summary>
    private const int CompileWeight = 200;

    private static readonly FrozenSet<string> Classes = FrozenSet.Create(
        "COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "BETWEEN", "CASE", "CAST", "FUNCTION", "WINDOW", "OPERATOR",
        "SUBQUERY", "STAR", "LAMBDA", "POSITIONAL_REFERENCE");

    /// <summary>Functions that can tell how a key starts.</summary>
    private static readonly FrozenSet<string> Prefixes = FrozenSet.Create(
        "~~", "^@", "starts_with", "prefix", "like_escape", "regexp_matches", "regexp_full_match");

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
    private int _depth;
    private int _comparisons;
    private int _lengths;

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
    internal bool HasCondition { get; private set; }

    /// <summary>Aggregates seen.</summary>
    internal int Aggregates { get; private set; }

    /// <summary>Bytes that the windows seen will take for every row, all at once when the last has been read.</summary>
    internal long FrameBytesPerRow { get; private set; }

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
                ExpressionFacts column = scope.FindName(name) ?? ExpressionFacts.Column;
                NoteWide(column);
                if (_lengths == 0 && scope.IsRepeated(name))
                    throw Repeated();
                return column;
            case "CONSTANT":
                int length = expression.GetProperty("value").TryGetProperty("value", out JsonElement value)
                    && value.ValueKind == JsonValueKind.String ? value.GetRawText().Length : ScalarBytes;
                if (length > ScalarBytes && _comparisons == 0)
                    Grow(length);
                return new ExpressionFacts(1, length);
            case "OPERATOR" when !Operators.Contains(type):
                throw QueryException.Invalid($"the operator {type} is not supported");
            case "SUBQUERY":
                HasCondition = true;
                break;
            default:
                HasCondition |= kind is "COMPARISON" or "BETWEEN" || type == "COMPARE_IN"
                    || (kind == "FUNCTION" && Prefixes.Contains(Text(expression, "function_name")));
                break;
        }

        bool isCall = kind is "FUNCTION" or "WINDOW";
        if (isCall && ++_callDepth > MaxCallDepth)
            throw QueryException.Invalid($"the query nests functions or operators deeper than {MaxCallDepth}");

        // What is only compared is never copied for every row.
        bool isComparison = kind is "COMPARISON" or "BETWEEN" || type is "COMPARE_IN" or "COMPARE_NOT_IN";
        _comparisons += isComparison ? 1 : 0;
        bool isLength = isCall && Text(expression, "function_name") is "len" or "array_length" or "cardinality";
        _lengths += isLength ? 1 : 0;
        _depth++;
        (long weight, long sum, long largest, long product) = Children(expression, scope);
        weight = Saturate(weight + (DepthCost * Math.Max(0, _depth - FreeDepth)));
        _depth--;
        _comparisons -= isComparison ? 1 : 0;
        _lengths -= isLength ? 1 : 0;
        if (isCall)
            _callDepth--;

        if (type == "CONJUNCTION_OR" && expression.GetProperty("children") is { ValueKind: JsonValueKind.Array } terms)
            weight = Saturate(weight + AlternativeCost(terms));

        // An arrow may be a lambda or a JSON path: DuckDB binds what is left of it for each.
        if (kind == "LAMBDA")
            weight = Saturate(weight * 2);
        return kind switch
        {
            "FUNCTION" or "WINDOW" => Call(expression, kind, weight, sum, largest, product),
            "CAST" => Cast(expression, weight, largest),
            "COMPARISON" or "CONJUNCTION" or "BETWEEN" => new ExpressionFacts(weight, ScalarBytes),
            _ => new ExpressionFacts(weight, Math.Max(largest, ScalarBytes)),
        };
    }

    internal static QueryException Repeated() => QueryException.Invalid(
        "a value collected from rows (string_agg, list and the like) may not be repeated by a join, an unnest or a subquery: join first and collect last, or use its len()");

    /// <summary>Counts a mention of a named value with the rest of the row, where it is wider than a plain column.</summary>
    internal void NoteWide(ExpressionFacts named)
    {
        if (named.Bytes > ExpressionFacts.Column.Bytes && named.Bytes < MaxValueBytes && _comparisons == 0)
            Grow(named.Bytes);
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

                // DuckDB binds a subquery again when it fails alone, for it may refer to the query around it; and so at every level.
                Subqueries.Cost = Saturate(Subqueries.Cost + (2 * relation.Cost));
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

    /// <summary>The name of one of our own functions as it stands on the list.</summary>
    private string Plain(string name)
    {
        if (name == _sumName)
            return "sum";
        string prefix = _sumName[..^"sum".Length];
        return prefix.Length > 0 && (name == $"{prefix}mod" || name.StartsWith($"{prefix}div", StringComparison.Ordinal))
            ? "divide"
            : name;
    }

    private ExpressionFacts Call(JsonElement call, string kind, long weight, long sum, long largest, long product)
    {
        string name = Text(call, "function_name").ToLowerInvariant();
        string schema = Text(call, "schema");
        string catalog = Text(call, "catalog");
        if (catalog is not ("" or "system") || schema is not ("" or "main"))
            throw QueryException.Invalid($"function '{name}' may not be qualified with '{(catalog.Length > 0 ? catalog : schema)}'");
        FunctionRule rule = FunctionList.Find(Plain(name))
            ?? throw QueryException.Invalid($"function '{name}' is not available");
        if (name == _sumName && (kind == "WINDOW" || call.GetProperty("order_bys").GetProperty("orders").GetArrayLength() > 0))
            throw QueryException.Invalid("function 'sum' is not available with OVER or ORDER BY here");
        if (kind == "WINDOW" ? !rule.Use.HasFlag(FunctionUse.Window) : rule.Use == FunctionUse.Window)
        {
            throw QueryException.Invalid(
                kind == "WINDOW" ? $"function '{name}' is not available with OVER" : $"function '{name}' needs an OVER clause");
        }

        if (kind == "WINDOW")
        {
            CallShape.CheckWindow(call, name);
            FrameBytesPerRow += CallShape.FrameBytes(call, name);
        }

        if (kind == "FUNCTION" && rule.Use.HasFlag(FunctionUse.Aggregate))
            Aggregates++;
        if (name is "lead" or "lag" && !IsSmallOffset(call))
            throw QueryException.Invalid($"the offset of '{name}' must be a whole number from {-MaxRowOffset} to {MaxRowOffset}");
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
        if (rule.Growth is Growth.Sum or Growth.Product || (rule.Growth == Growth.Lists && bytes > SumBytes))
            Grow(bytes);
        if (rule.Cost == FunctionCost.Search && product > MaxSearchSteps)
            throw QueryException.Invalid($"function '{name}' would search one large value in another: shorten its arguments");
        if (rule.Cost == FunctionCost.Pattern && !IsCheapPattern(name, arguments))
        {
            throw QueryException.Invalid(
                $"the pattern of '{name}' must be a literal such as 'a%', '%a', '%a%' or 'a%b' (with LIKE any number of %): use regexp_matches for others");
        }

        if (rule.Cost == FunctionCost.Regexp)
        {
            if (arguments.GetArrayLength() < 2 || !CallShape.IsConstant(arguments[1]))
                throw QueryException.Invalid($"the pattern of '{name}' must be a literal: one that differs from row to row would be compiled for each");
            if (RegexpSize.Estimate(CallShape.LiteralText(arguments[1])) > RegexpSize.Max)
                throw QueryException.Invalid($"the pattern of '{name}' is too large: repeat less, or a narrower class of characters");
            weight += CompileWeight;
        }

        return new ExpressionFacts(Saturate(weight * rule.Copies), bytes);
    }

    /// <summary>False for offsets DuckDB could overflow at: it then reads rows that are not there, and the process ends.</summary>
    private static bool IsSmallOffset(JsonElement call)
    {
        if (!call.TryGetProperty("offset_expr", out JsonElement offset) || offset.ValueKind == JsonValueKind.Null)
            return true;
        if (Text(offset, "function_name") == "-" && offset.GetProperty("children") is { } operands && operands.GetArrayLength() == 1)
            offset = operands[0];
        return Text(offset, "class") == "CONSTANT" && offset.GetProperty("value").TryGetProperty("value", out JsonElement value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long rows) && rows is >= -MaxRowOffset and <= MaxRowOffset;
    }

    /// <summary>DuckDB looks for what alternatives have in common by comparing each with each: 400 pairs take it most of a second.</summary>
    private static long AlternativeCost(JsonElement terms)
    {
        long conjunctions = terms.EnumerateArray().LongCount(term => Text(term, "type") == "CONJUNCTION_AND");
        return conjunctions * conjunctions / 10;
    }

    /// <summary>Counts what every row has anew, or a copy of: DuckDB copies whole vectors of rows between its threads and us.</summary>
    private void Grow(long bytes)
    {
        if ((_grownBytes += bytes) > _maxRowBytes)
            throw QueryException.Invalid("the rows of the query could become too wide: use fewer or shorter literals and expressions that put text together, or raise admin.query-engine.memory-size");
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
