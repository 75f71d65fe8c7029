using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>
/// Walks a parsed statement with the names that are in sight, and changes what the peer means otherwise than DuckDB: qualifiers that
/// go through unnamed subqueries, schemas, functions, names of columns.
/// </summary>
/// <remarks>
/// Nothing here decides what is allowed: the gate looks at the statement after the rewrite. A statement of a shape that is not known
/// is left as it is.
/// </remarks>
internal sealed class DialectRewriter
{
    /// <summary>Most columns that are followed; what is wider is taken as not known.</summary>
    private const int MaxColumns = 1024;

    private readonly DialectTables _tables;
    private readonly Expressions _expressions = new();
    private readonly ExpressionRewriter _rewriter;
    private readonly string _aliasPrefix;
    private readonly Dictionary<JsonObject, string> _aliases = new(ReferenceEqualityComparer.Instance);

    /// <param name="tables">The tables there are.</param>
    /// <param name="innerPrefix">Start of names no statement can guess.</param>
    /// <param name="sumName">The aggregate that stands for <c>sum</c>.</param>
    internal DialectRewriter(DialectTables tables, string innerPrefix, string sumName)
    {
        _tables = tables;
        _rewriter = new ExpressionRewriter(_expressions, innerPrefix, sumName);
        _aliasPrefix = $"{innerPrefix}q";
    }

    /// <summary>True once something was changed.</summary>
    internal bool HasChanged
    {
        get => _expressions.HasChanged;
        private set => _expressions.HasChanged = value;
    }

    /// <summary>Names of the statement's result columns; null as a whole where their number is not known, and for each that keeps its own.</summary>
    internal IReadOnlyList<string?>? ResultNames { get; private set; }

    /// <summary>Types of the statement's result columns in the peer; null where their number is not known.</summary>
    internal IReadOnlyList<PeerType>? ResultTypes { get; private set; }

    /// <summary>Rewrites a whole statement in place.</summary>
    internal void Statement(JsonObject node)
    {
        HasChanged |= ShowStatements.Rewrite(node, _tables);
        Query(node, new DialectScope(null), QueryPlace.Top);
    }

    private IReadOnlyList<OutputColumn>? Query(JsonObject node, DialectScope outer, QueryPlace place)
    {
        var scope = new DialectScope(outer);
        foreach (JsonNode? entry in node.Object("cte_map")?.Items("map") ?? new JsonArray())
        {
            if (entry is not JsonObject common || common.Object("value") is not { } value || value.Object("query")?.Object("node") is not { } inner)
                continue;
            IReadOnlyList<OutputColumn>? columns = Query(inner, scope, QueryPlace.From);
            scope.AddCommonTable(common.Text("key"), Renamed(Requalified(columns, null), value.Names("aliases"), null));
        }

        switch (node.Text("type"))
        {
            case "SELECT_NODE":
                return Select(node, scope, place);
            case "SET_OPERATION_NODE":
                IReadOnlyList<OutputColumn>? first = SetOperation(node, scope, place);
                Walk(node["modifiers"], scope);
                return Requalified(first, null);
            case "RECURSIVE_CTE_NODE":
                if (node.Object("left") is not { } left || node.Object("right") is not { } right)
                    return null;
                IReadOnlyList<OutputColumn>? start = Requalified(Query(left, scope, place), null);
                var recursive = new DialectScope(scope);
                recursive.AddCommonTable(node.Text("cte_name"), Renamed(start, node.Names("aliases"), null));
                Query(right, recursive, place);
                Walk(node["modifiers"], scope);
                return start;
            default:
                return null;
        }
    }

    private IReadOnlyList<OutputColumn>? SetOperation(JsonObject node, DialectScope scope, QueryPlace place)
    {
        List<JsonObject> sides = [.. node.Items("children").OfType<JsonObject>()];
        if (sides.Count == 0)
            sides = [.. new[] { node.Object("left"), node.Object("right") }.OfType<JsonObject>()];
        IReadOnlyList<OutputColumn>? first = null;
        for (int i = 0; i < sides.Count; i++)
        {
            // The first side names the columns.
            QueryPlace inside = i > 0 ? QueryPlace.Expression : place == QueryPlace.Top ? QueryPlace.TopSide : place;
            IReadOnlyList<OutputColumn>? columns = Query(sides[i], scope, inside);
            first = i == 0 ? columns : Combined(first, columns);
        }

        if (place == QueryPlace.Top)
            ResultTypes = first?.Select(column => column.Type).ToArray();
        return first;
    }

    private static IReadOnlyList<OutputColumn>? Combined(IReadOnlyList<OutputColumn>? first, IReadOnlyList<OutputColumn>? next) =>
        first is null || next is null || first.Count != next.Count
            ? first?.Select(column => column with { Type = PeerKind.Unknown }).ToArray()
            : [.. first.Select((column, i) => column with { Type = PeerType.Common(column.Type, next[i].Type) })];

    private List<OutputColumn>? Select(JsonObject node, DialectScope scope, QueryPlace place)
    {
        if (node.Object("from_table") is { } from)
            From(from, scope);
        List<OutputColumn>? outputs = [];
        List<string?>? names = [];
        var items = new List<(int Output, JsonObject Item)>();
        foreach (JsonObject item in node.Items("select_list").OfType<JsonObject>())
        {
            if (item.Text("class") == "STAR")
            {
                IReadOnlyList<OutputColumn>? columns = Star(item, scope);
                outputs = columns is null || outputs is null || outputs.Count + columns.Count > MaxColumns ? null : [.. outputs, .. columns];
                names = columns is null || names is null || outputs is null ? null : [.. names, .. columns.Select(_ => (string?)null)];
                continue;
            }

            OutputColumn output = Item(item, scope, place, out string? name);
            items.Add((outputs?.Count ?? 0, item));
            outputs?.Add(output);
            names?.Add(name);
        }

        if (place is QueryPlace.Top or QueryPlace.TopSide)
            ResultNames = names;
        foreach (string clause in (ReadOnlySpan<string>)["select_list", "where_clause", "group_expressions", "having", "qualify", "modifiers"])
            Walk(node[clause], scope);
        if (outputs is null or { Count: > MaxColumns })
            return null;
        foreach ((int output, JsonObject item) in items)
            outputs[output] = outputs[output] with { Type = Result(item, node, place) };
        if (place == QueryPlace.Top)
            ResultTypes = outputs.ConvertAll(column => column.Type);
        return outputs;
    }

    /// <summary>Makes an item of a select list what others see of it, and gives its type.</summary>
    private PeerType Result(JsonObject item, JsonObject node, QueryPlace place)
    {
        if (place != QueryPlace.Top)
        {
            _expressions.Widen(item);
        }
        else if (!node.Items("modifiers").OfType<JsonObject>().Any(modifier => modifier.Text("type") == "DISTINCT_MODIFIER"))
        {
            // With DISTINCT what it is ordered by has to be found again among the items.
            _rewriter.Finish(item);
        }

        if (_expressions.TypeOf(item).Kind == PeerKind.UInt64)
            _expressions.Widen(item);

        return _expressions.TypeOf(item);
    }

    private OutputColumn Item(JsonObject item, DialectScope scope, QueryPlace place, out string? name)
    {
        name = null;
        if (item.Text("alias") is { Length: > 0 } alias)
            return new OutputColumn(null, alias);
        if (item.Text("class") == "COLUMN_REF")
        {
            string[] path = item.Names("column_names");
            if (path.Length > 1)
                return new OutputColumn(path[^2], path[^1]);
            return new OutputColumn(scope.TryQualify(path[0], out string? qualifier) ? qualifier : null, path[0]);
        }

        if (place == QueryPlace.Expression || ExpressionNames.Of(item, scope) is not { } known)
            return new OutputColumn(null, "");
        name = known;
        if (place == QueryPlace.From)
        {
            // Whoever reads the subquery may name the column so, and * shows it.
            item["alias"] = known;
            HasChanged = true;
        }

        return new OutputColumn(null, known);
    }

    private IReadOnlyList<OutputColumn>? Star(JsonObject star, DialectScope scope)
    {
        foreach (string list in (ReadOnlySpan<string>)["exclude_list", "replace_list", "rename_list", "qualified_exclude_list"])
        {
            if (star.Items(list).Count > 0)
                return null;
        }

        if (star.IsTrue("columns") || star["expr"] is not null)
            return null;
        string relation = star.Text("relation_name");
        if (relation.Length == 0)
        {
            if (scope.From.Any(item => item.Columns is null) || scope.HasMergedColumns)
                return null;
            return [.. scope.From.SelectMany(item => item.Columns!).Take(MaxColumns + 1)];
        }

        if (scope.From.Where(item => item.Alias is not null && SqlNames.Same(item.Alias, relation)).ToArray() is [FromItem named])
            return named.Columns;
        if (scope.From.Where(item => item.Alias is null && item.Has(relation)).ToArray() is [FromItem unnamed]
            && unnamed.Columns!.All(column => column.Qualifier is not null && SqlNames.Same(column.Qualifier, relation)))
        {
            star["relation_name"] = AliasOf(unnamed);
            HasChanged = true;
            return unnamed.Columns;
        }

        return null;
    }

    private void From(JsonObject table, DialectScope scope)
    {
        string alias = table.Text("alias");
        string[] renamed = table.Names("column_name_alias");
        switch (table.Text("type"))
        {
            case "BASE_TABLE":
                BaseTable(table, scope, alias, renamed);
                break;
            case "SUBQUERY":
                IReadOnlyList<OutputColumn>? columns = table.Object("subquery")?.Object("node") is { } node
                    ? Query(node, scope, QueryPlace.From)
                    : null;
                string? name = alias.Length > 0 ? alias : null;
                scope.From.Add(new FromItem(name, table, Renamed(name is null ? columns : Requalified(columns, name), renamed, name)));
                break;
            case "JOIN":
                if (table.Object("left") is { } left)
                    From(left, scope);
                if (table.Object("right") is { } right)
                    From(right, scope);
                scope.HasMergedColumns |= table.Items("using_columns").Count > 0 || table.Text("ref_type") == "NATURAL";
                Walk(table["condition"], scope);
                break;
            case "EMPTY":
                break;
            case "EXPRESSION_LIST":
                Walk(table["values"], scope);
                scope.From.Add(new FromItem(alias.Length > 0 ? alias : "valueslist", table, Values(table, alias, renamed)));
                break;
            default:
                Walk(table["function"], scope);
                scope.From.Add(new FromItem(alias.Length > 0 ? alias : table.Object("function")?.Text("function_name") ?? "", table, null));
                break;
        }
    }

    private List<OutputColumn> Values(JsonObject table, string alias, string[] renamed)
    {
        JsonArray rows = table.Items("values");
        int width = Math.Min(rows is [JsonArray first, ..] ? first.Count : 0, MaxColumns);
        string? qualifier = alias.Length > 0 ? alias : null;
        var columns = new List<OutputColumn>(width);
        for (int i = 0; i < width; i++)
        {
            PeerType type = PeerKind.Null;
            foreach (JsonArray row in rows.OfType<JsonArray>().Where(row => row.Count > i))
            {
                _expressions.Widen(row[i]);
                type = PeerType.Common(type, _expressions.TypeOf(row[i]));
            }

            columns.Add(new OutputColumn(qualifier, i < renamed.Length ? renamed[i] : $"column{i + 1}", type));
        }

        if (width > 0 && renamed.Length == 0)
        {
            table["expected_names"] = new JsonArray([.. columns.Select(column => JsonValue.Create(column.Name))]);
            HasChanged = true;
        }

        return columns;
    }

    private void BaseTable(JsonObject table, DialectScope scope, string alias, string[] renamed)
    {
        string name = table.Text("table_name");
        string written = _tables.Resolve(table, out bool hasChanged);
        HasChanged |= hasChanged;
        IReadOnlyList<OutputColumn>? columns;
        if (written == name && scope.TryFindCommonTable(name, out IReadOnlyList<OutputColumn>? common))
            columns = common;
        else
            columns = _tables.Columns(table.Text("table_name"));
        string visible = alias.Length > 0 ? alias : name;
        string qualifier = alias.Length > 0 ? alias : written;
        scope.From.Add(new FromItem(visible, table, Renamed(Requalified(columns, qualifier), renamed, qualifier)));
    }

    private static IReadOnlyList<OutputColumn>? Requalified(IReadOnlyList<OutputColumn>? columns, string? qualifier) =>
        columns is null ? null : [.. columns.Select(column => column with { Qualifier = qualifier })];

    private static IReadOnlyList<OutputColumn>? Renamed(IReadOnlyList<OutputColumn>? columns, string[] names, string? qualifier) =>
        columns is null || names.Length == 0
            ? columns
            : [.. columns.Select((column, i) => i < names.Length ? new OutputColumn(qualifier, names[i], column.Type) : column)];

    /// <summary>Rewrites every expression and query below a place.</summary>
    private void Walk(JsonNode? node, DialectScope scope)
    {
        switch (node)
        {
            case JsonArray array:
                foreach (JsonNode? item in array)
                    Walk(item, scope);
                break;
            case JsonObject expression:
                if (expression.Object("node") is { } query)
                {
                    IReadOnlyList<OutputColumn>? columns = Query(query, scope, QueryPlace.Expression);
                    _expressions.Set(expression, columns is [OutputColumn only] ? only.Type : PeerKind.Unknown);
                    break;
                }

                foreach ((string property, JsonNode? child) in expression)
                {
                    if (property is not ("cast_type" or "value"))
                        Walk(child, scope);
                }

                string kind = expression.Text("class");
                if (kind == "COLUMN_REF")
                    HasChanged |= Reference(expression, scope);
                if (kind == "SUBQUERY")
                    _expressions.Set(expression, expression.Text("subquery_type") == "SCALAR" ? _expressions.TypeOf(expression["subquery"]) : PeerKind.Boolean);
                else if (kind.Length > 0)
                    _rewriter.Rewrite(expression, scope);
                break;
        }
    }

    private bool Reference(JsonObject reference, DialectScope scope)
    {
        string[] path = reference.Names("column_names");
        string[] shortened = _tables.Shorten(path);
        bool hasChanged = shortened.Length != path.Length;
        if (shortened.Length > 1 && scope.FindUnnamed(shortened[0], shortened[1]) is { } unnamed)
        {
            shortened[0] = AliasOf(unnamed);
            hasChanged = true;
        }

        if (hasChanged)
            reference["column_names"] = new JsonArray([.. shortened.Select(name => JsonValue.Create(name))]);
        return hasChanged;
    }

    /// <summary>The alias of an unnamed subquery, which gets one now if it has none yet.</summary>
    private string AliasOf(FromItem unnamed)
    {
        if (_aliases.TryGetValue(unnamed.Table, out string? alias))
            return alias;
        alias = $"{_aliasPrefix}{_aliases.Count + 1}";
        _aliases.Add(unnamed.Table, alias);
        unnamed.Table["alias"] = alias;
        return alias;
    }

    private enum QueryPlace
    {
        /// <summary>The statement itself.</summary>
        Top,

        /// <summary>The first side of a statement that is a set operation.</summary>
        TopSide,

        /// <summary>Its columns are read by name: in FROM or a common table expression.</summary>
        From,

        /// <summary>Its columns have no names that matter.</summary>
        Expression,
    }
}
