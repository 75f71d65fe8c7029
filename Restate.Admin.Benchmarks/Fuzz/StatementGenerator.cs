namespace Restate.Admin.Benchmarks.Fuzz;

/// <summary>
/// Makes statements at random out of DuckDB's grammar: most are one SELECT, many of them valid, some are other statements, and some are
/// broken on purpose. The same seed and functions give the same statements.
/// </summary>
/// <param name="seed">Seed.</param>
/// <param name="functions">Names of every function DuckDB knows.</param>
/// <param name="allowed">Names of those that statements may call; they are tried more often.</param>
internal sealed partial class StatementGenerator(int seed, IReadOnlyList<string> functions, IReadOnlyList<string> allowed)
{
    private const int MaxDepth = 5;

    private static readonly string[] Tables =
    [
        "state", "state", "state", "sys_service", "sys_invocation_status", "sys_partition_memory", "sys_queries", "information_schema.columns",
        "STATE", "main.state", "memory.main.state", "\"state\"",
    ];

    private static readonly string[] OddTables =
    [
        "duckdb_tables", "sqlite_master", "pg_catalog.pg_class", "information_schema.schemata", "'/etc/passwd'", "\"/etc/passwd\"", "'x.parquet'",
        "nope", "rs_0_state_0", "state_0", "temp.main.state", "system.main.duckdb_views", "other.state", "$$x.csv$$", "'s3://a/b.csv'",
    ];

    private static readonly string[] Columns =
    [
        "partition_key", "service_name", "service_key", "key", "value", "value_utf8", "value_length", "key_length", "name", "revision", "a", "b",
        "t.key", "u.key", "t.value_length", "u.value_utf8", "c0", "c1", "rowid", "nope", "t", "state.key",
    ];

    private static readonly string[] Literals =
    [
        "0", "1", "-1", "2", "7", "0.5", "1e10", "1e308", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
        "170141183460469231731687303715884105727", "99999999999999999999999999999999999999", "null", "true", "false", "''", "'a'", "'k0'",
        "'Cart'", "'obj-1'", "'[1,2]'", "'{\"a\":{\"b\":1}}'", "'$.a'", "'%a%'", "'a_b%c%'", "'(a|b)*c{1,9}'", "'\\\\0\\\\0'", "'2024-02-29'",
        "'infinity'", "'nan'", "'\U0001F600'", "'e\u0301'", "E'\\x41'", "$$q$$", "$t$q$t$", "x'ff00'", "date '2024-01-31'",
        "timestamp '1970-01-01'", "timestamptz '2000-01-01 00:00:00+02'", "interval 1 day", "interval '1 month'", "interval 99999999 years",
        "now()", "current_date", "[1,2,3]", "['a',null]", "[]", "{'a':1,'b':'x'}", "map{'a':1}", "row(1,'a')", "[[1],[2]]", "1000000", "?", "$1", "$n",
        "default", "#1", "*", "random()",
    ];

    private static readonly string[] Types =
    [
        "int", "bigint", "hugeint", "ubigint", "double", "float", "decimal(38,10)", "decimal(4,2)", "varchar", "blob", "date", "time", "timestamp",
        "timestamptz", "interval", "uuid", "boolean", "int[]", "varchar[][]", "struct(a int, b varchar)", "map(varchar, int)", "json", "bit", "int[3]",
        "enum('a','b')", "union(a int, b varchar)", "timestamp_ns", "utinyint", "nope", "int[100000]", "variant", "bignum", "time_ns",
    ];

    private static readonly string[] Binary =
    [
        "+", "-", "*", "/", "//", "%", "**", "^", "||", "=", "<>", "!=", "<", "<=", ">", ">=", "and", "or", "&", "|", "<<", ">>", "->", "->>", "~", "!~",
        "~*", "like", "not like", "ilike", "glob", "similar to", "is distinct from", "is not distinct from", "^@", "@>", "<@", "&&", "==", ":=", "=>",
        "collate", "~~~", "!~~*", "<->", "<=>", "between 1 and", "is null and", "at time zone",
    ];

    private static readonly string[] Unary = ["-", "+", "not", "~", "@", "exists", "all", "any", "distinct", "try", "!", "lambda x:", "x ->", "grouping"];

    private static readonly string[] Others =
    [
        "create table x as ", "create view x as ", "create or replace view state as ", "insert into state ", "copy (", "explain ", "explain analyze ",
        "prepare p as ", "execute p", "summarize ", "describe ", "pivot state on key using count(*) ", "set threads = 1", "pragma version",
        "call pragma_version()", "attach 'x' as y", "load json", "install json", "checkpoint", "vacuum", "begin; ", "drop view state", "use memory",
        "show tables", "export database 'x'", "update state set key = 'a' where ", "delete from state where ", "merge into state using ",
        "create macro m(a) as ", "alter view state rename to x", "reset threads", "deallocate p", "analyze ", "comment on view state is ", "from ",
        "table state", "values (1)", "unpivot state on key", "select 1; ", "select 1 union ", "with a as (", "load '/tmp/x'", "detach memory",
    ];

    private readonly Random _random = new(seed);

    /// <summary>The next statement.</summary>
    internal string Next()
    {
        int kind = _random.Next(100);
        if (kind < 70)
            return Query(0);
        if (kind < 78)
            return Pick(Others) + (Chance(70) ? Query(2) : Expression(2)) + (Chance(20) ? ")" : "");
        return kind < 90 ? Mutated(Query(1)) : Stretched();
    }

    /// <summary>A query with one of its parts said many times.</summary>
    private string Stretched()
    {
        int times = 1 << _random.Next(2, 12);
        string part = Expression(3);
        string text = _random.Next(12) switch
        {
            0 => $"select {Many(times, part, ", ")} from state t",
            1 => $"select 1 from state t where {Many(times, part, Chance(50) ? " and " : " or ")}",
            2 => $"select {Many(times, "(", "")}{part}{Many(times, ")", "")} from state t",
            3 => $"select * from {string.Join(", ", Enumerable.Range(0, times).Select(i => $"{Pick(Tables)} t{i}"))} where {part}",
            4 => Many(times, $"select {part} from state t", Chance(50) ? " union all " : " union "),
            5 => $"select {part} in ({Many(times, Expression(4), ", ")}) from state t",
            6 => $"select case {Many(times, $"when {part} then {Expression(4)}", " ")} end from state t",
            7 => $"select {Many(times, Pick(functions) + "(", "")}{part}{Many(times, ")", "")} from state t",
            8 => $"{Many(times, "select * from (", "")}select {part} c0 from state t{Many(times, ")", "")}",
            9 => $"select count(*) from state t group by {Pick(["cube", "rollup", "grouping sets"])} ({Many(times, part, ", ")})",
            10 => $"select {part} from state t order by {Many(times, Expression(4), ", ")}",
            _ => $"with t0 as (select {part} a, key b from state t){string.Concat(Enumerable.Range(0, times).Select(i => $", t{i + 1} as (select x.a, y.b from t{i} x, t{i} y)"))} select * from t{times}",
        };
        return Chance(20) ? Mutated(text) : text;
    }

    /// <summary>The text with characters removed, put in, doubled, or parts changed with others.</summary>
    private string Mutated(string text)
    {
        for (int i = _random.Next(1, 5); i > 0 && text.Length > 1; i--)
        {
            int at = _random.Next(text.Length);
            int end = Math.Min(text.Length, at + _random.Next(1, 20));
            text = _random.Next(6) switch
            {
                0 => text[..at] + text[end..],
                1 => text[..at] + (char)_random.Next(1, 128) + text[at..],
                2 => text[..end] + text[at..],
                3 => text[..at] + Pick(["/*", "*/", "--", "'", "\"", "$$", ";", "\\", "(", ")", "[", "{", "}", "\u0000", "\ud83d", "\u200b", "\u00a0", "E'", "::", "..", "=>", "\n"]) + text[at..],
                4 => text[..at] + text[at..end].ToUpperInvariant() + text[end..],
                _ => text[..at] + Pick(Others) + text[at..],
            };
        }

        return text;
    }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private string Pick(IReadOnlyList<string> items) => items[_random.Next(items.Count)];

    private string Function() => Chance(75) ? Pick(allowed) : Pick(functions);

    private static string Many(int times, string text, string between) => string.Join(between, Enumerable.Repeat(text, times));

    private string List(int most, Func<string> one) => string.Join(", ", Enumerable.Range(0, _random.Next(1, most + 1)).Select(_ => one()));
}
