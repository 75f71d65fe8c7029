namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>Everything that nests: past the limit it is refused, just below it must still be done in time.</summary>
internal static class NestingAttempts
{
    private const string Kind = "nesting";

    /// <summary>Opening, core, closing.</summary>
    private static readonly (string Name, string Open, string Core, string Close, int TokensPerLevel)[] Shapes =
    [
        ("brackets", "(", "value_length", ")", 2),
        ("abs", "abs(", "value_length", ")", 3),
        ("coalesce", "coalesce(null, ", "value_length", ")", 5),
        ("case", "case when value_length > 1 then ", "1", " end", 7),
        ("case in when", "case when ", "true", " then true else false end", 7),
        ("case in brackets", "(case value_length when 1 then 2 else ", "3", " end)", 9),
        ("scalar subqueries", "(select ", "value_length", ")", 3),
        ("exists", "exists (select 1 where ", "true", ")", 6),
        ("in subquery", "1 in (select value_length from state where ", "true", ")", 9),
        ("lists", "[", "value_length", "]", 2),
        ("structs", "{'a': ", "value_length", "}", 5),
        ("maps", "map {'a': ", "value_length", "}", 6),
        ("rows", "row(", "value_length", ")", 3),
        ("minus", "- ", "value_length", "", 1),
        ("plus", "+ ", "value_length", "", 1),
        ("not", "not ", "true", "", 1),
        ("bit not", "~ ", "value_length", "", 1),
        ("casts", "", "value_length", "::bigint", 2),
        ("cast calls", "cast(", "value_length", " as bigint)", 5),
        ("additions", "1 + ", "value_length", "", 2),
        ("powers", "1 ^ ", "value_length", "", 2),
        ("additions in brackets", "(1 + ", "value_length", ")", 4),
        ("text put together", "key || ", "key", "", 2),
        ("and or", "key = 'a' and (key = 'b' or ", "true", ")", 9),
        ("comparisons", "(1 = ", "1", ")", 4),
        ("is null", "", "value_length", " is null", 2),
        ("between", "", "1", " between 0 and 2", 4),
        ("like", "", "key", " like 'a'", 2),
        ("extract", "", "value_utf8", "['a']", 3),
        ("json arrow", "", "value_utf8", " -> 'a'", 2),
        ("json text arrow", "", "value_utf8", " ->> 'a'", 2),
        ("dots", "", "key", ".lower()", 4),
        ("field", "", "key", ".a", 2),
        ("slice", "", "key", "[1:2]", 5),
        ("interval", "", "now()", " + interval 1 day", 4),
        ("at time zone", "", "now()", " at time zone 'UTC'", 4),
        ("collate", "", "key", " collate nocase", 2),
        ("replace", "replace(", "key", ", 'a', 'b')", 7),
        ("greatest", "greatest(1, ", "value_length", ")", 5),
        ("lambda", "list_transform([1], x -> ", "1", ")", 8),
        ("list comprehension", "[x for x in ", "[1]", "]", 6),
        ("window in subquery", "(select sum(", "1", ") over ())", 8),
    ];

    /// <summary>All of them.</summary>
    internal static IEnumerable<Attempt> All => [.. Shapes.SelectMany(Depths), .. Relations()];

    private static IEnumerable<Attempt> Depths((string Name, string Open, string Core, string Close, int TokensPerLevel) shape)
    {
        int most = 9_900 / shape.TokensPerLevel;
        yield return Attempt.BoundedLong(Kind, $"{shape.Name}, {most} levels", $"select {Nested(shape, most)} from state");
        foreach (int depth in (int[])[95, 190])
            yield return Attempt.BoundedLong(Kind, $"{shape.Name}, {depth} levels", $"select {Nested(shape, depth)} from state");
    }

    private static IEnumerable<Attempt> Relations()
    {
        foreach (int depth in (int[])[60, 99, 190])
        {
            yield return Attempt.BoundedLong(Kind, $"{depth} subqueries in from", Wrap(depth, "select * from (", "select * from state", ") x"));
            yield return Attempt.BoundedLong(Kind, $"{depth} subqueries with where", Wrap(depth, "select * from (", "select * from state", ") x where key > 'a'"));
            yield return Attempt.BoundedLong(Kind, $"{depth} subqueries with distinct", Wrap(depth, "select distinct * from (", "select * from state", ") x"));
            yield return Attempt.BoundedLong(Kind, $"{depth} subqueries with order by", Wrap(depth, "select * from (", "select * from state", ") x order by all limit 10"));
            yield return Attempt.BoundedLong(Kind, $"{depth} subqueries with group by", Wrap(depth, "select key, count(*) value_length from (", "select key, value_length from state", ") x group by key"));
            yield return Attempt.BoundedLong(Kind, $"{depth} subqueries with window", Wrap(depth, "select key, row_number() over (order by key) r from (", "select key from state", ") x"));
            yield return Attempt.BoundedLong(Kind, $"{depth} unions in brackets", Wrap(depth, "select 1 union all (", "select 1", ")"));
            yield return Attempt.BoundedLong(Kind, $"{depth} unions distinct", string.Join(" union ", Enumerable.Repeat("select key from state", depth)));
            yield return Attempt.BoundedLong(Kind, $"{depth} intersects", string.Join(" intersect ", Enumerable.Repeat("select key from state", depth)));
            yield return Attempt.BoundedLong(Kind, $"{depth} excepts", string.Join(" except ", Enumerable.Repeat("select key from state", depth)));
            yield return Attempt.BoundedLong(Kind, $"{depth} common tables in a chain", Chain(depth, "select * from t{0}"));
            yield return Attempt.BoundedLong(Kind, $"{depth} materialised common tables", Chain(depth, "select * from t{0}").Replace(" as (", " as materialized (", StringComparison.Ordinal));
            yield return Attempt.BoundedLong(Kind, $"{depth} lateral joins", "select count(*) from state t0" + string.Concat(Enumerable.Range(0, depth).Select(i => $", lateral (select t{i}.key) t{i + 1}(key)")));
            yield return Attempt.BoundedLong(Kind, $"{depth} correlated subqueries inside each other", Correlated(depth));
            yield return Attempt.BoundedLong(Kind, $"{depth} correlated exists", Exists(depth));
        }

        yield return Attempt.RefusedLong(Kind, "30 common tables, each twice the one before", Chain(30, "select a.* from t{0} a, t{0} b"));
        yield return Attempt.RefusedLong(Kind, "30 common tables, each united with itself", Chain(30, "select * from t{0} union all select * from t{0}"));
        yield return Attempt.BoundedLong(Kind, "30 materialised common tables, each twice the one before", Chain(30, "select a.* from t{0} a, t{0} b").Replace(" as (", " as materialized (", StringComparison.Ordinal));
        yield return Attempt.BoundedLong(Kind, "5 common tables, each twice the one before", Chain(5, "select a.* from t{0} a, t{0} b"));
        yield return Attempt.BoundedLong(Kind, "5 materialised common tables, each twice the one before", Chain(5, "select a.* from t{0} a, t{0} b").Replace(" as (", " as materialized (", StringComparison.Ordinal));
        yield return Attempt.RefusedLong(Kind, "40 aliases, each twice the one before", $"select 1 a0, {string.Join(", ", Enumerable.Range(0, 40).Select(i => $"a{i} + a{i} a{i + 1}"))}", "could become too");
        yield return Attempt.RefusedLong(Kind, "12 stars doubled", Wrap(12, "select *, * from (", "select * from state", ")"), "columns");
        yield return Attempt.RefusedLong(Kind, "40 subqueries, each twice the text before", Wrap(40, "select x || x x from (", "select 'abcdefgh' x", ")"));
    }

    private static string Nested((string Name, string Open, string Core, string Close, int TokensPerLevel) shape, int depth) =>
        string.Concat(Enumerable.Repeat(shape.Open, depth)) + shape.Core + string.Concat(Enumerable.Repeat(shape.Close, depth));

    private static string Wrap(int depth, string open, string core, string close) =>
        string.Concat(Enumerable.Repeat(open, depth)) + core + string.Concat(Enumerable.Repeat(close, depth));

    private static string Chain(int depth, string step) =>
        "with t0 as (select * from state)"
        + string.Concat(Enumerable.Range(0, depth).Select(i => $", t{i + 1} as ({step.Replace("{0}", $"{i}", StringComparison.Ordinal)})"))
        + $" select count(*) from t{depth}";

    private static string Correlated(int depth)
    {
        string inner = $"t{depth}.key";
        for (int i = depth; i > 0; i--)
            inner = $"(select max({inner}) from state t{i} where t{i}.key = t{i - 1}.key)";
        return $"select {inner} from state t0";
    }

    private static string Exists(int depth)
    {
        string inner = "true";
        for (int i = depth; i > 0; i--)
            inner = $"exists (select 1 from state t{i} where t{i}.key = t{i - 1}.key and {inner})";
        return $"select count(*) from state t0 where {inner}";
    }
}
