using System.Text.Json;
using Restate.Admin.Api.Query.Pushdown;

namespace Restate.Admin.Api.Query.Gate;

/// <summary>
/// Decides over the parsed statement, as DuckDB itself serialises it: one SELECT, over tables of ours, calling functions that are
/// on the list, and small enough after names are expanded. Runs before anything is bound, because binding already folds constants.
/// </summary>
internal sealed partial class StatementGate
{
    /// <summary>
    /// Most copies of expressions that binding may make. Aliases used twice each double their expression; at 131,000 copies
    /// DuckDB takes 3.5 s that nothing interrupts, and four times as long for every doubling.
    /// </summary>
    internal const int MaxCost = 20_000;

    /// <summary>Most mentions of tables; the time to find a join order grows faster than their number.</summary>
    internal const int MaxTables = 100;

    /// <summary>Most columns of any part of a statement.</summary>
    internal const int MaxColumns = 1024;

    /// <summary>
    /// Most tables of one FROM, plain subqueries in it counted in: the search for a join order takes a third of a second for 25, one to two
    /// seconds for 50, in a call that no interrupt reaches.
    /// </summary>
    internal const int MaxJoined = 32;

    /// <summary>
    /// Most aggregations inside each other: DuckDB's optimizer takes twice as long for each, 10 ms for 14 and half a second for 20.
    /// </summary>
    internal const int MaxAggregateDepth = 12;

    internal const int MaxGroupingSets = 64;

    /// <summary>Nesting of the serialised statement; two levels for one of an expression.</summary>
    private const int MaxDepth = 2000;

    private readonly IReadOnlyDictionary<string, int> _tables;
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly ExpressionGate _expressions;

    private StatementGate(IReadOnlyDictionary<string, int> tables, long maxRowBytes, string sumName)
    {
        _tables = tables;
        _expressions = new ExpressionGate((node, scope) => Query(node, scope), maxRowBytes, sumName);
    }

    /// <summary>Checks a statement.</summary>
    /// <param name="serialized">What <c>json_serialize_sql</c> made of it.</param>
    /// <param name="tables">Number of columns by table name, lower case.</param>
    /// <param name="maxRowBytes">Most bytes that the growing expressions of one row may make together.</param>
    /// <param name="sumName">Our own name of <c>sum</c>, lower case.</param>
    /// <exception cref="QueryException">The statement is not allowed.</exception>
    internal static GateResult Check(string serialized, IReadOnlyDictionary<string, int> tables, long maxRowBytes, string sumName)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(serialized, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException e)
        {
            throw new QueryException(QueryFailure.Invalid, "the query is nested too deeply, or holds a number out of range", e);
        }

        using (document)
        {
            JsonElement root = document.RootElement;
            if (root.GetProperty("error").GetBoolean())
                throw Refused(root);
            JsonElement statements = root.GetProperty("statements");
            if (statements.GetArrayLength() != 1)
                throw QueryException.Invalid(statements.GetArrayLength() == 0
                    ? "no SQL statement was provided"
                    : "only a single SQL statement is supported");
            try
            {
                JsonElement node = statements[0].GetProperty("node");
                var gate = new StatementGate(tables, maxRowBytes, sumName);
                gate.Query(node, new GateScope(null));
                return new GateResult(
                    gate._used,
                    gate._expressions.HasCondition,
                    Origins(node),
                    StatementCondition.Read(serialized, node),
                    gate._expressions.FrameBytesPerRow);
            }
            catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
            {
                // A shape of statement we do not know is one we cannot vouch for.
                throw new QueryException(QueryFailure.Invalid, "the statement is not supported", e);
            }
        }
    }

    private static void CheckSize(RelationFacts facts)
    {
        if (facts.Cost > MaxCost)
            throw QueryException.Invalid("the query is too large once its aliases and subqueries are expanded");
        if (facts.Tables > MaxTables)
            throw QueryException.Invalid($"the query mentions more than {MaxTables} tables, common table expressions expanded");
        if (facts.Joined > MaxJoined)
            throw QueryException.Invalid($"the query joins more than {MaxJoined} tables at once");
        if (facts.AggregateDepth > MaxAggregateDepth)
            throw QueryException.Invalid($"the query nests aggregations deeper than {MaxAggregateDepth}");
        if (facts.Columns > MaxColumns)
            throw QueryException.Invalid($"a part of the query has more than {MaxColumns} columns");
    }

    private RelationFacts Query(JsonElement node, GateScope outer)
    {
        var scope = new GateScope(outer);
        if (node.TryGetProperty("cte_map", out JsonElement map))
        {
            // In order: an expression sees those before it only, so that no name is taken for one that stands elsewhere.
            foreach (JsonElement entry in map.GetProperty("map").EnumerateArray())
                scope.CommonTables[entry.GetProperty("key").GetString()!] = CommonTable(entry.GetProperty("value"), scope);
        }

        RelationFacts facts = node.GetProperty("type").GetString() switch
        {
            "SELECT_NODE" => Select(node, scope),
            "SET_OPERATION_NODE" => SetOperation(node, scope),
            "RECURSIVE_CTE_NODE" => Recursive(node, scope),
            string other => throw QueryException.Invalid($"{other} is not supported"),
            null => throw QueryException.Invalid("the statement is not supported"),
        };
        Modifiers(node, scope, facts);
        CheckSize(facts);
        return facts;
    }

    private RelationFacts CommonTable(JsonElement entry, GateScope scope) =>
        Renamed(Query(entry.GetProperty("query").GetProperty("node"), scope), entry.GetProperty("aliases"));

    private RelationFacts Select(JsonElement node, GateScope scope)
    {
        RefuseSample(node);
        RelationFacts from = Table(node.GetProperty("from_table"), scope);
        CheckSize(from);
        NoteNames(from, scope);
        scope.Repeats = IsJoin(node.GetProperty("from_table"));
        int aggregates = _expressions.Aggregates;
        var facts = new RelationFacts { Tables = from.Tables, Cost = from.Cost, Joined = from.Joined };
        bool repeats = scope.Repeats || IsRepeated(node);
        foreach (JsonElement item in node.GetProperty("select_list").EnumerateArray())
        {
            ExpressionFacts itemFacts = Expression(item, scope, facts);
            bool isStar = item.GetProperty("class").GetString() == "STAR" || Contains(item, "STAR");
            if (repeats && itemFacts.Bytes >= ExpressionGate.MaxValueBytes && !IsUnnest(item) && ShowsCollected(item, scope))
                throw ExpressionGate.Repeated();
            facts.Columns += isStar ? Math.Max(1, from.Columns) : 1;
            facts.Cost += isStar ? from.Columns * itemFacts.Weight : 0;
            if (isStar)
            {
                foreach ((string name, ExpressionFacts named) in from.Names)
                {
                    facts.Note(name, named);
                    _expressions.NoteWide(named);
                    if (repeats && named.Bytes >= ExpressionGate.MaxValueBytes)
                        throw ExpressionGate.Repeated();
                }
            }

            string alias = item.GetProperty("alias").GetString() ?? "";
            if (alias.Length == 0 && item.TryGetProperty("column_names", out JsonElement names))
                alias = names[names.GetArrayLength() - 1].GetString() ?? "";
            if (alias.Length > 0)
            {
                facts.Note(alias, itemFacts);

                // Later expressions of the same SELECT may use it.
                scope.Names[alias] = scope.Names.TryGetValue(alias, out ExpressionFacts known)
                    ? ExpressionFacts.Max(known, itemFacts)
                    : itemFacts;
            }
        }

        if (node.GetProperty("group_sets").GetArrayLength() > MaxGroupingSets)
            throw QueryException.Invalid($"more than {MaxGroupingSets} grouping sets are not supported");
        foreach (string clause in (ReadOnlySpan<string>)["where_clause", "group_expressions", "having", "qualify"])
        {
            JsonElement element = node.GetProperty(clause);
            if (element.ValueKind != JsonValueKind.Null)
                Expression(element, scope, facts);
        }

        bool isGrouped = node.GetProperty("group_sets").GetArrayLength() > 0 || _expressions.Aggregates > aggregates;
        facts.AggregateDepth = from.AggregateDepth + (isGrouped ? 1 : 0);
        if (isGrouped)
            facts.Joined = 1;
        return facts;
    }

    private RelationFacts SetOperation(JsonElement node, GateScope scope)
    {
        RelationFacts[] sides = node.TryGetProperty("children", out JsonElement children) && children.ValueKind == JsonValueKind.Array
            ? [.. children.EnumerateArray().Select(child => Query(child, scope))]
            : [Query(node.GetProperty("left"), scope), Query(node.GetProperty("right"), scope)];
        return Stacked(sides);
    }

    private RelationFacts Recursive(JsonElement node, GateScope scope)
    {
        RelationFacts start = Query(node.GetProperty("left"), scope);
        var inner = new GateScope(scope);
        inner.CommonTables[node.GetProperty("cte_name").GetString()!] = start;
        _expressions.RecursionDepth++;
        RelationFacts step = Query(node.GetProperty("right"), inner);
        _expressions.RecursionDepth--;
        if (node.TryGetProperty("key_targets", out JsonElement keys))
            Expression(keys, inner, step);
        return Stacked([start, step]);
    }

    /// <summary>Rows of several queries one after the other: as many columns as the widest, each named as in the first.</summary>
    private static RelationFacts Stacked(RelationFacts[] sides)
    {
        var facts = new RelationFacts
        {
            Columns = sides.Max(side => side.Columns),
            Tables = sides.Sum(side => side.Tables),
            Joined = 1,
            AggregateDepth = sides.Max(side => side.AggregateDepth),
            Cost = sides.Sum(side => side.Cost),
        };
        ExpressionFacts worst = sides.Select(side => side.Worst()).Aggregate(ExpressionFacts.Max);
        foreach (string name in sides.SelectMany(side => side.Names.Keys))
            facts.Note(name, worst with { Weight = 1 });
        return facts;
    }

    private void Modifiers(JsonElement node, GateScope scope, RelationFacts facts)
    {
        foreach ((string name, ExpressionFacts named) in facts.Names)
            scope.Names.TryAdd(name, named);
        if (node.TryGetProperty("modifiers", out JsonElement modifiers))
            Expression(modifiers, scope, facts);
    }

    /// <summary>Checks the expressions in an element and charges them to <paramref name="facts"/>.</summary>
    private ExpressionFacts Expression(JsonElement element, GateScope scope, RelationFacts facts)
    {
        RelationFacts outer = _expressions.Subqueries;
        _expressions.Subqueries = new RelationFacts();
        ExpressionFacts result;
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("class", out _))
        {
            result = _expressions.Check(element, scope);
        }
        else
        {
            (long weight, _, long largest, _) = _expressions.Children(element, scope);
            result = new ExpressionFacts(weight, largest);
        }

        facts.Cost += result.Weight + _expressions.Subqueries.Cost;
        facts.Tables += _expressions.Subqueries.Tables;
        _expressions.Subqueries = outer;
        return result;
    }

    private RelationFacts Table(JsonElement table, GateScope scope)
    {
        RefuseSample(table);
        string type = table.GetProperty("type").GetString() ?? "";
        RelationFacts facts = type switch
        {
            "EMPTY" => new RelationFacts { Tables = 1, Joined = 1 },
            "BASE_TABLE" => BaseTable(table, scope),
            "SUBQUERY" => Query(table.GetProperty("subquery").GetProperty("node"), scope),
            "JOIN" => Join(table, scope),
            "TABLE_FUNCTION" => TableFunction(table, scope),
            "EXPRESSION_LIST" => Values(table, scope),
            "SHOW_REF" => throw QueryException.Invalid("only SELECT statements are supported"),
            _ => throw QueryException.Invalid($"{type} is not supported in FROM"),
        };
        return table.TryGetProperty("column_name_alias", out JsonElement aliases) ? Renamed(facts, aliases) : facts;
    }

    private RelationFacts BaseTable(JsonElement table, GateScope scope)
    {
        string schema = table.GetProperty("schema_name").GetString() ?? "";
        string catalog = table.GetProperty("catalog_name").GetString() ?? "";
        string name = table.GetProperty("table_name").GetString() ?? "";
        if (table.TryGetProperty("at_clause", out JsonElement at) && at.ValueKind != JsonValueKind.Null)
            throw QueryException.Invalid("AT is not supported");
        if (schema.Length == 0 && catalog.Length == 0 && scope.FindCommonTable(name) is { } common)
        {
            var copy = new RelationFacts();
            copy.Add(common);
            return copy;
        }

        string folded = name.ToLowerInvariant();
        if (schema is not ("" or "main") || catalog is not ("" or "memory") || !_tables.TryGetValue(folded, out int columns))
        {
            string full = string.Join('.', new[] { catalog, schema, name }.Where(part => part.Length > 0));
            throw QueryException.Invalid(
                $"table '{full}' not found; the tables are {string.Join(", ", _tables.Keys.Order(StringComparer.Ordinal))}");
        }

        _used.Add(folded);
        return new RelationFacts { Columns = columns, Tables = 1, Joined = 1 };
    }

    private RelationFacts Join(JsonElement join, GateScope scope)
    {
        RelationFacts facts = Table(join.GetProperty("left"), scope);

        // A lateral right side sees the names of the left one.
        var lateral = new GateScope(scope);
        NoteNames(facts, lateral);
        facts.Add(Table(join.GetProperty("right"), lateral));
        NoteNames(facts, lateral);
        lateral.Repeats = true;
        if (join.TryGetProperty("condition", out JsonElement condition) && condition.ValueKind != JsonValueKind.Null)
            Expression(condition, lateral, facts);
        return facts;
    }

    private static void NoteNames(RelationFacts from, GateScope scope)
    {
        foreach ((string name, ExpressionFacts named) in from.Names)
        {
            scope.Names[name] = named;
            if (named.Bytes >= ExpressionGate.MaxValueBytes)
                scope.Collected.Add(name);
        }
    }

    private RelationFacts TableFunction(JsonElement table, GateScope scope)
    {
        JsonElement function = table.GetProperty("function");
        string name = function.GetProperty("function_name").GetString() ?? "";
        if (!name.Equals("unnest", StringComparison.OrdinalIgnoreCase))
            throw QueryException.Invalid($"table function '{name}' is not available");
        var facts = new RelationFacts { Columns = 1, Tables = 1, Joined = 1 };
        Expression(function, scope, facts);
        return facts;
    }

    private RelationFacts Values(JsonElement table, GateScope scope)
    {
        JsonElement rows = table.GetProperty("values");
        var facts = new RelationFacts { Tables = 1, Joined = 1 };
        foreach (JsonElement row in rows.EnumerateArray())
            facts.Columns = Math.Max(facts.Columns, row.GetArrayLength());
        Expression(rows, scope, facts);
        return facts;
    }

    private static void RefuseSample(JsonElement element)
    {
        if (element.TryGetProperty("sample", out JsonElement sample) && sample.ValueKind != JsonValueKind.Null)
            throw QueryException.Invalid("SAMPLE is not supported");
    }

    /// <summary>The relation under new column names: which is which is not followed, so each takes the worst.</summary>
    private static RelationFacts Renamed(RelationFacts facts, JsonElement aliases)
    {
        if (aliases.ValueKind != JsonValueKind.Array || aliases.GetArrayLength() == 0)
            return facts;
        ExpressionFacts worst = facts.Worst();
        foreach (JsonElement alias in aliases.EnumerateArray())
            facts.Note(alias.GetString() ?? "", worst);
        return facts;
    }
}
