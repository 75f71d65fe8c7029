using System.Diagnostics;
using Restate.Admin.Api.Query;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>What is rewritten for the sake of types: the values, and that it makes neither a way past the gate nor much of little.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class TypedDialectTests : IAsyncLifetime
{
    private EngineUnderTest _under = null!;

    public ValueTask InitializeAsync()
    {
        _under = new EngineUnderTest(new FakeStateSource(4).Fill(20, 10));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _under.DisposeAsync();

    /// <summary>DuckDB's sum of decimals may end at the one number that has no absolute value.</summary>
    [Theory]
    [InlineData("sum(x) / 1")]
    [InlineData("avg(x)")]
    public async Task A_sum_past_all_digits_is_an_error_and_no_more(string call)
    {
        const string Half = "select '-85070591730234615865843651857942052864'::decimal(38,0) as x";
        await _under.FailsAsync($"select {call} as q from ({Half} union all {Half}) t");
        Assert.Equal("""{"q":1}""", await _under.RowsAsync("select 1 as q"));
    }

    [Fact]
    public async Task An_inner_name_that_leaked_is_of_no_use()
    {
        string name = _under.Engine.InnerPrefix + "sum";
        foreach (string sql in new[] { $"select {name}(1)", $"select \"{name.ToUpperInvariant()}\"(1)", $"select 1 as {name}" })
        {
            QueryException refused = await _under.FailsAsync(sql);
            Assert.Contains("the server's own", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("select 7 / 2 as a, -7 / 2 as b, 7.0 / 2 as c, -7 % 3 as d", """{"a":3,"b":-3,"c":3.5,"d":-1}""")]
    [InlineData("select sum(x / y) as s, count(x / y) as n from (values (7, 2), (null, 2), (3, null)) t(x, y)", """{"s":3,"n":1}""")]
    [InlineData("select x / y as q from (values (1.0, 0.0)) t(x, y)", """{"q":null}""")]
    [InlineData("select key_length / 4 as q, key_length * 2 as p, key_length - 5 as d from state where service_key = 'obj-1' and key = 'k1'", """{"q":0.5000,"p":4,"d":-3}""")]
    [InlineData("select key_length / 3 / 3 as q, avg(key_length / 3) as a from state where service_key = 'obj-1' and key = 'k1' group by key_length", """{"q":0.22220000,"a":0.66660000}""")]
    [InlineData("select cast(2.5 as int) as a, cast(-2.5 as bigint) as b, '7'::int as c", """{"a":2,"b":-2,"c":7}""")]
    [InlineData("select 0.1 + 0.2 as s, 18446744073709551615 as u, 1e3 as e", """{"s":0.30000000000000004,"u":18446744073709551615,"e":1000.0}""")]
    [InlineData("select arrow_typeof(key_length / 2) as a, arrow_typeof(max(key)) as b from state group by key_length", """{"a":"Decimal128(24, 4)","b":"LargeUtf8"}""")]
    [InlineData("select json_get_str('{\"a\":{\"b\":\"x\"}}', 'a', 'b') as a, '{\"a\":[5]}' -> 'a' ->> 0 as b, json_get_int('no json', 'a') as c", """{"a":"x","b":"5"}""")]
    [InlineData("select 'a%' like 'a\\%' as a, 'ab' like 'a\\%' as b, 'a_' ilike 'A\\_' as c", """{"a":true,"b":false,"c":true}""")]
    [InlineData("select '2024-03-05T10:11:12+02:00'::timestamp as t, cast(timestamp '2024-03-05 10:11:12.5' as varchar) as v", """{"t":"2024-03-05T08:11:12","v":"2024-03-05T10:11:12.500"}""")]
    [InlineData("select * from (values (1, 'a'))", """{"column1":1,"column2":"a"}""")]
    public async Task Values_are_the_peers(string sql, string row) => Assert.Equal(row, await _under.RowsAsync(sql));

    [Theory]
    [InlineData("select 1 / 0", "Divide by zero")]
    [InlineData("select key_length / (key_length - key_length) from state", "Divide by zero")]
    [InlineData("select key_length % (key_length - key_length) from state", "Divide by zero")]
    [InlineData("select x / -1 from (values (-9223372036854775808)) t(x)", "Overflow")]
    [InlineData("select x / y from (values (-9223372036854775808, -1)) t(x, y)", "does not fit")]
    [InlineData("select -key_length from state", "unsigned")]
    public async Task What_has_no_value_is_an_error(string sql, string named) =>
        Assert.Contains(named, (await _under.FailsAsync(sql)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("select json_get_str((select max(content) from read_text('/etc/passwd')), 'a')", "read_text")]
    [InlineData("select (select max(file) from glob('/*')) -> 'a' ->> 'b'", "glob")]
    [InlineData("select date_bin(interval '1 hour', (select max(last_modified) from read_text('/*')))", "read_text")]
    [InlineData("select lpad((select max(file) from glob('/*')), 5, 'x')", "glob")]
    [InlineData("select 1 / (select count(*) from glob('/*'))", "glob")]
    [InlineData("select arrow_typeof((select count(*) from glob('/*')))", "glob")]
    [InlineData("select cast((select 1.5 from glob('/*')) as int)", "glob")]
    [InlineData("select regexp_match((select max(file) from glob('/*')), '(a)(b)')", "glob")]
    [InlineData("select json_get_str('{}', '\" from read_text(''/etc/passwd'') --')", "quote")]
    [InlineData("select repeat('x', 1000000000)", "repeat")]
    [InlineData("select lpad('x', 1000000000)", "lpad")]
    [InlineData("select rpad('x', 5, repeat('x', 1000000))", "repeat")]
    [InlineData("select rpad('x', 5, key) from state", "rpad")]
    [InlineData("describe nothing", "SELECT")]
    [InlineData("describe select * from glob('/*')", "SELECT")]
    [InlineData("show databases", "SELECT")]
    public async Task The_rewrite_lets_nothing_through(string sql, string named)
    {
        QueryException failure = await _under.FailsAsync(sql);
        Assert.Equal(QueryFailure.Invalid, failure.Failure);
        Assert.Contains(named, failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("rs_", failure.Message, StringComparison.Ordinal);
        _under.AssertIdle();
    }

    [Theory]
    [InlineData("select max(s) as m, count(*) as n from (select sum(key_length) over () as s from state)", """{"m":400,"n":200}""")]
    [InlineData("select max(s) as m from (select sum(key_length) over (partition by service_key order by key rows between unbounded preceding and unbounded following) as s from state)", """{"m":20}""")]
    [InlineData("select sum(key_length order by key) as s, sum(distinct key_length order by key_length) as d from state", """{"s":400,"d":2}""")]
    [InlineData("select max(s) as m from (select sum(key_length) filter (where key > 'k1') over (order by key) as s from state)", """{"m":320}""")]
    [InlineData("select max(s) as m from (select sum(key_length / 2) over () as s from state)", """{"m":200.0000}""")]
    public async Task Sums_over_many_rows_at_once_are_sums(string sql, string row)
    {
        // The first ended the process, not at once but in the end: DuckDB hands over one state for all rows.
        for (int i = 0; i < 20; i++)
            Assert.Equal(row, await _under.RowsAsync(sql));
    }

    [Theory]
    [InlineData("nanvl(", "1.5", ", 2.5)")]
    [InlineData("repeat(", "'x'", ", 32)")]
    [InlineData("lpad(", "'x'", ", 1000, 'ab')")]
    [InlineData("json_length(", "'[]'", ")")]
    [InlineData("json_get(", "'[]'", ", 0)")]
    [InlineData("arrow_typeof(", "1", ")")]
    [InlineData("cast(date_trunc('day', timestamp ", "'2024-01-01'", ") as varchar)")]
    public async Task Functions_in_functions_end_soon(string open, string inside, string close)
    {
        string sql = $"select {string.Concat(Enumerable.Repeat(open, 150))}{inside}{string.Concat(Enumerable.Repeat(close, 150))} as x";
        long started = Stopwatch.GetTimestamp();
        try
        {
            await _under.RowsAsync(sql);
        }
        catch (QueryException e)
        {
            Assert.Equal(QueryFailure.Invalid, e.Failure);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 30);
        _under.AssertIdle();
    }
}
