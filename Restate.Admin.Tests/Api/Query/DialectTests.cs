using System.Diagnostics;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Tables;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>The peer's SQL where DuckDB's is another, and what must not come through by it.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class DialectTests : IAsyncLifetime
{
    private EngineUnderTest _under = null!;

    public ValueTask InitializeAsync()
    {
        var columns = new MemoryTable(
            "information_schema.columns",
            [new("table_name", SqlType.Utf8), new("column_name", SqlType.Utf8)],
            () => [["state", "key"], ["sys_service", "name"]]);
        _under = new EngineUnderTest(new FakeStateSource(4).Fill(20, 10), more: [columns]);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _under.DisposeAsync();

    [Theory]
    [InlineData("depth")]
    [InlineData("names")]
    [InlineData("comments")]
    [InlineData("nested comments")]
    [InlineData("nested calls")]
    [InlineData("operators")]
    public async Task A_statement_that_makes_much_of_little_is_refused_soon(string what)
    {
        // Each took minutes, or ended in an error of ours, before it was bounded.
        (string sql, QueryFailure failure) = what switch
        {
            "depth" => ($"select 'a'{Repeat(" !~* 'a'", 900)}", QueryFailure.Invalid),
            "names" => ($"select x.nothing, case {Repeat("when a then a ", 2400)} end from (values (true)) {new string('q', 1900)}(a)", QueryFailure.Invalid),
            "comments" => ($"select {Repeat("/**/", 60_000)} 1", QueryFailure.TooLarge),
            "nested comments" => ($"select {Repeat("/*", 120_000)} 1", QueryFailure.TooLarge),
            "operators" => ($"select 1{Repeat("+1", 990)}", QueryFailure.Invalid),
            _ => ($"select {Repeat("nth_value(", 150)}greatest({Repeat("key,", 4000)}key){Repeat(",1)", 150)}, x.nothing from state", QueryFailure.Invalid),
        };
        long start = Stopwatch.GetTimestamp();
        QueryException refusal = await Assert.ThrowsAsync<QueryException>(() => _under.RowsAsync(sql));
        Assert.Equal(failure, refusal.Failure);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), $"{Stopwatch.GetElapsedTime(start)}");
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    [Theory]
    [InlineData("select count(*), count(1), COUNT(key), count(distinct service_name) from state", """{"count(*)":200,"count(Int64(1))":200,"count(state.key)":200,"count(DISTINCT state.service_name)":2}""")]
    [InlineData("select max(key), min(s.key_length) from state s", """{"max(s.key)":"k9","min(s.key_length)":2}""")]
    [InlineData("select 1, 'x', 1.5, true, -1", """{"Int64(1)":1,"Utf8(\"x\")":"x","Float64(1.5)":1.5,"Boolean(true)":true,"Int64(-1)":-1}""")]
    [InlineData("select count(*) as N, count(*) as \"M\" from state", """{"n":200,"M":200}""")]
    [InlineData("select * from (select count(*) from state)", """{"count(*)":200}""")]
    [InlineData("select count(*) as n from (select '{\"k9\":5}' ->> lower(key) from state)", """{"n":200}""")]
    [InlineData("select \"count(*)\" + 1 as n from (select count(*) from state)", """{"n":201}""")]
    [InlineData("select * from (select count(1) from state) t", """{"count(Int64(1))":200}""")]
    [InlineData("select FIRST_VALUE(key order by key desc) as f, last_value(key order by key desc) as l, Nth_Value(key, 2 order by key) as n from state where service_key = 'obj-1'", """{"f":"k9","l":"k0","n":"k1"}""")]
    [InlineData("select first_value(key order by key) from state where service_key = 'obj-1'", """{"first_value(state.key) ORDER BY [state.key ASC NULLS LAST]":"k0"}""")]
    [InlineData("select first_value(key) over (order by key) as f from state where service_key = 'obj-1' limit 1", """{"f":"k0"}""")]
    [InlineData("select first_value(scope order by key) is null as isnull from state", """{"isnull":true}""")]
    [InlineData("select 'abc' ~ 'b' as a, 'abc' ~ '^b' as b, 'abc' !~ 'b' as c, 'ABC' ~* 'b' as d, 'ABC' !~* 'b' as e", """{"a":true,"b":false,"c":false,"d":true,"e":false}""")]
    [InlineData("select arrow_cast(1, 'UInt32') as n, arrow_cast('7', 'Int64') + 1 as m", """{"n":1,"m":8}""")]
    [InlineData("select count(*) as n from \"restate\".\"public\".\"state\"", """{"n":200}""")]
    [InlineData("select count(*) as n from Public.State where public.state.service_key = 'obj-1'", """{"n":10}""")]
    [InlineData("with state as (select 1 as x) select count(*) as n from public.state", """{"n":200}""")]
    [InlineData("with state as (select 1 as x) select count(*) as n from state", """{"n":1}""")]
    [InlineData("select count(*) from information_schema.columns where table_name = 'state'", """{"count(*)":1}""")]
    [InlineData("select columns.column_name from restate.INFORMATION_SCHEMA.COLUMNS where columns.table_name == 'state'", """{"column_name":"key"}""")]
    [InlineData("select count(*) as n from information_schema.columns c join state on c.table_name = 'state' and c.column_name = 'key'", """{"n":200}""")]
    [InlineData("select count(*) as n -- all\n from state /* of\n them */ ;", """{"n":200}""")]
    public async Task Answers_as_the_peer(string sql, string row) => Assert.Equal(row, await _under.RowsAsync(sql));

    [Theory]
    [InlineData("select count(*) as n from (select * from state inv limit 50000) where inv.service_key in ('obj-1')", 10)]
    [InlineData("select count(*) as n from (select * from state) where state.service_key = 'obj-1'", 10)]
    [InlineData("select count(state.key) as n from (select key from state)", 200)]
    [InlineData("select count(*) as n from (select * from (select * from state inv)) where INV.Service_Key = 'obj-1'", 10)]
    [InlineData("select count(*) as n from (select inv.* from state inv) where inv.service_key = 'obj-1'", 10)]
    [InlineData("select count(*) as n from (select s.*, v.* from state s join sys_service v on s.service_name = v.name) where s.service_key = 'obj-2' and v.ty = 'virtual_object'", 10)]
    [InlineData("select count(*) as n from (select * from state a) join (select * from state b) on a.service_key = b.service_key and a.key = b.key", 200)]
    [InlineData("select count(*) as n from (select * from state a) where exists (select 1 from sys_service v where v.name = a.service_name and a.service_key = 'obj-2')", 10)]
    [InlineData("select count(*) as n from (select * from state a) where a.service_key in (select a.service_key from state a where a.service_key = 'obj-3')", 10)]
    [InlineData("with c as (select * from state) select count(*) as n from (select * from c) where c.service_key = 'obj-1'", 10)]
    [InlineData("select sum(n) as n from (select count(*) as n, inv.key from (select * from state inv) group by inv.key order by inv.key)", 200)]
    [InlineData("select count(*) as n from (select y.* from (select * from state y)) where y.service_key = 'obj-1'", 10)]
    public async Task A_qualifier_goes_through_unnamed_subqueries(string sql, long count) =>
        Assert.Equal($$"""{"n":{{count}}}""", await _under.RowsAsync(sql));

    [Theory]
    [InlineData("select count(state.key) from (select * from state) as t")]
    [InlineData("select inv.k2 from (select key as k2 from state inv)")]
    [InlineData("select inv.key from (select inv.key || 'x' as key from state inv)")]
    [InlineData("select nope.key from (select * from state inv)")]
    [InlineData("select b.key from (select a.key, b.key from state a join state b on a.key = b.key)")]
    [InlineData("select inv.key from (select key from state inv union all select key from state inv)")]
    [InlineData("select \"ſtate\".key from (select * from state)")]
    public async Task A_qualifier_that_goes_nowhere_is_refused(string sql) =>
        Assert.Equal(QueryFailure.Invalid, (await _under.FailsAsync(sql)).Failure);

    [Fact]
    public async Task A_qualifier_means_the_innermost_that_has_the_name()
    {
        // Both have the name s; the inner one has no row that equals a service of the outer.
        Assert.Equal(
            """{"n":0}""",
            await _under.RowsAsync("select count(*) as n from (select * from state s) where exists (select 1 from (select 'x' as service_name) s where s.service_name = 'Cart')"));

        // A column alias that equals the qualifier does not take its place.
        Assert.Equal(
            """{"inv":"k1"}""",
            await _under.RowsAsync("select inv.key as inv from (select * from state inv) where inv.key = 'k1' and inv.service_key = 'obj-1'"));
    }

    [Theory]
    [InlineData("select * from main.state", "main.state")]
    [InlineData("select * from memory.main.state", "memory.main.state")]
    [InlineData("select * from system.main.duckdb_settings", "duckdb_settings")]
    [InlineData("select * from other.public.state", "other.public.state")]
    [InlineData("select * from restate.state", "restate.state")]
    [InlineData("select * from information_schema.tables", "information_schema.tables")]
    [InlineData("select * from system.information_schema.columns", "system.information_schema.columns")]
    [InlineData("select * from temp.information_schema.columns", "temp.information_schema.columns")]
    [InlineData("select * from \"information_schema\".\"schemata\"", "information_schema.schemata")]
    [InlineData("select * from public.\"information_schema.columns\"", "information_schema.columns")]
    [InlineData("select * from public.duckdb_settings", "duckdb_settings")]
    [InlineData("select * from pg_catalog.pg_class", "pg_class")]
    [InlineData("select * from (select * from pg_catalog.pg_tables t) where t.tablename = 'x'", "pg_tables")]
    [InlineData("select first_value(content) from read_text('/etc/passwd')", "read_text")]
    [InlineData("select first_value(key order by (select max(content) from read_text('/etc/passwd'))) from state", "read_text")]
    [InlineData("select inv.key from (select * from state inv, read_text('/etc/passwd')) where inv.key = 'a'", "read_text")]
    [InlineData("select nth_value(key, (select 1 from glob('/*'))) from state", "glob")]
    [InlineData("select arrow_cast((select 1 from glob('/*')), 'Int64')", "glob")]
    [InlineData("select arrow_cast(1, 'Dictionary(Int32, Utf8)')", "arrow_cast")]
    [InlineData("select 'a' ~* (select max(file) from glob('/*'))", "glob")]
    [InlineData("select evil.sum(1)", "qualified")]
    [InlineData("select sum(x) from (select 1 as \"x\"\") from read_text('/etc/passwd') --\")", "x")]
    [InlineData("select sum(1) as \"a\"\" from glob('/*') --\", (select 1 from glob('/*'))", "glob")]
    [InlineData("select sum(1), {'a'' := (select 1 from glob(''/*''))': pg_sleep(1)}", "pg_sleep")]
    public async Task The_rewrite_lets_nothing_through(string sql, string named)
    {
        QueryException failure = await _under.FailsAsync(sql);
        Assert.Equal(QueryFailure.Invalid, failure.Failure);
        Assert.Contains(named, failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("rs_", failure.Message, StringComparison.Ordinal);
        _under.AssertIdle();
    }

    [Theory]
    [InlineData("select sum(1) as \"a\"\" from state --\"", """{"a\" from state --":1}""")]
    [InlineData("select sum(1) as n, 'it''s' as \"é\"\"☃\", E'a\\n\\'b' as c, $$x'y$$ as d, '\U0001F600' as e", """{"n":1,"é\"☃":"it's","c":"a\n'b","d":"x'y","e":"😀"}""")]
    [InlineData("select sum(x.\"a b\") as \"Sum Of\" from (select 2 as \"a b\") \"x\"", """{"Sum Of":2}""")]
    [InlineData("select sum(case when key = 'k1' then 1 else 0 end) filter (where service_key in ('obj-1', 'obj-2')) as n from state", """{"n":2}""")]
    [InlineData("with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select sum(n) as s from t", """{"s":15}""")]
    [InlineData("select sum(a) as s from (values (1, 'x'), (2, 'y')) v(a, b)", """{"s":3}""")]
    [InlineData("select sum(n) over (order by n rows between 1 preceding and current row) as s from (values (1), (2), (3)) v(n) order by s desc limit 1", """{"s":5}""")]
    [InlineData("select sum(1) as s, interval '1 hour' > interval '1 minute' as i, timestamp '2026-01-01' < now() as t", """{"s":1,"i":true,"t":true}""")]
    [InlineData("select key, sum(value_length) > 0 as some from state where service_key = 'obj-1' group by grouping sets ((key), ()) having grouping(key) = 0 order by key desc nulls last limit 1 offset 1", """{"key":"k8","some":true}""")]
    [InlineData("(select sum(1) as s) union all (select 2) except (select 2) order by s", """{"s":1}""")]
    [InlineData("select sum(b.x) as s from (select 1 as x) a, lateral (select a.x + 1 as x) b", """{"s":2}""")]
    [InlineData("select sum(distinct x) as s, 5 / 2 as d, -5 % 3 as m, 1e3 as e from unnest([1, 1, 2]) t(x)", """{"s":3,"d":2,"m":-2,"e":1000.0}""")]
    public async Task Printing_a_rewritten_statement_keeps_its_meaning(string sql, string row) =>
        Assert.Equal(row, await _under.RowsAsync(sql));

    [Fact]
    public async Task A_rewritten_lookup_still_reads_one_object()
    {
        _under.State.Restart();
        await _under.RowsAsync("select sum(value_length), first_value(key order by key) from (select * from public.state inv) where inv.service_key = 'obj-3'");
        Assert.Equal(10, _under.State.RowsRead);
    }

    [Theory]
    [InlineData("select count(*) from (select *, * from ", ")", 180)]
    [InlineData("select count(t.key) from (select * from state t, ", ")", 90)]
    [InlineData("select first_value(x) from (select first_value(key) as x from ", " group by key)", 150)]
    public async Task Deep_statements_end_soon(string open, string close, int depth)
    {
        string sql = $"{string.Concat(Enumerable.Repeat(open, depth))}state{string.Concat(Enumerable.Repeat(close, depth))}";
        long started = Stopwatch.GetTimestamp();
        await _under.FailsAsync(sql);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 30);
        _under.AssertIdle();
    }
}
