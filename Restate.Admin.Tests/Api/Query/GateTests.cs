using System.Diagnostics;
using Restate.Admin.Api.Query;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

[Collection(QueryEngineCollection.Name)]
public sealed class GateTests : IAsyncLifetime
{
    private EngineUnderTest _under = null!;

    public ValueTask InitializeAsync()
    {
        _under = new EngineUnderTest(new FakeStateSource(4).Fill(20, 10));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _under.DisposeAsync();

    [Theory]
    [InlineData("select key ilike '%a%a%a%a%a%a%b' from state")]
    [InlineData("select key like '%a_%a_%a_%a_%b' from state")]
    [InlineData("select key like service_key from state")]
    [InlineData("select key like 'a' || '%' from state")]
    [InlineData("select key glob '*a?*a?*a?*b' from state")]
    [InlineData("select key not ilike '%a%b%' from state")]
    [InlineData("select key like '%a!%%b%c' escape '!' from state")]
    public async Task A_pattern_that_could_be_matched_for_ever_is_refused(string sql)
    {
        QueryException refused = await Assert.ThrowsAsync<QueryException>(() => _under.RowsAsync(sql));
        Assert.Contains("pattern", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"select count(*) from state where regexp_full_match(key, '(\pL|\pN|\pP){0,300}.{0,600}')")]
    [InlineData(@"select count(*) from state where key ~ '[\pL_]{100}'")]
    [InlineData(@"select regexp_extract(key, '((.{0,20}x){0,20}){0,10}') from state")]
    [InlineData(@"select regexp_extract(key, '\p{Gre' || 'ek}{0,9' || '9}') from state")]
    [InlineData(@"select regexp_split_to_array(key, 'a{1000}{30}') from state")]
    public async Task A_regular_expression_that_repeats_too_much_is_refused(string sql)
    {
        QueryException refused = await Assert.ThrowsAsync<QueryException>(() => _under.RowsAsync(sql));
        Assert.Contains("too large", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select count(*) from state where key like 'k%'")]
    [InlineData(@"select count(*) from state where key ~ '^\pL{1,20}[\w.-]*$' or key ~ '^.{1,200}$' or key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'")]
    [InlineData("select count(*) from state where key like '%a%b%c%d'")]
    [InlineData("select count(*) from state where key ilike '%K%'")]
    [InlineData("select count(*) from state where key not like 'x_y%'")]
    [InlineData("select count(*) from state where key glob 'k*'")]
    [InlineData("select replace(key, 'a', 'b'), concat_ws(',', service_name, service_key) from state limit 1")]
    public async Task A_pattern_of_every_day_is_not(string sql) => Assert.NotEmpty(await _under.RowsAsync(sql));

    [Theory]
    [InlineData("select instr(hay, needle) from (select string_agg(key, '') hay from state), (select string_agg(key, '') needle from state)")]
    [InlineData("select string_agg(key, '') || 'x' from state")]
    public async Task What_is_collected_from_rows_may_not_grow_or_be_searched_for(string sql)
    {
        QueryException refused = await Assert.ThrowsAsync<QueryException>(() => _under.RowsAsync(sql));
        Assert.Equal(QueryFailure.Invalid, refused.Failure);
    }

    [Fact]
    public async Task Rows_that_would_become_too_wide_are_refused()
    {
        string wide = string.Join(", ", Enumerable.Range(0, 100).Select(i => $"length(key || value_utf8 || '{i}')"));
        QueryException refused = await Assert.ThrowsAsync<QueryException>(() => _under.RowsAsync($"select {wide} from state"));
        Assert.Contains("too wide", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select * from read_text('/etc/passwd')", "read_text")]
    [InlineData("select * from read_blob('/etc/passwd')", "read_blob")]
    [InlineData("select * from read_csv('/etc/passwd')", "read_csv")]
    [InlineData("select * from read_json_auto('/etc/passwd')", "read_json_auto")]
    [InlineData("select * from read_parquet('/x')", "read_parquet")]
    [InlineData("select * from '/etc/passwd'", "/etc/passwd")]
    [InlineData("select * from 'x.parquet'", "x.parquet")]
    [InlineData("select * from glob('/*')", "glob")]
    [InlineData("select * from \"READ_TEXT\"('/etc/passwd')", "READ_TEXT")]
    [InlineData("from read_text('/etc/passwd')", "read_text")]
    [InlineData("select (select content from read_text('/etc/passwd'))", "read_text")]
    [InlineData("with a as (select * from read_text('/etc/passwd')) select 1", "read_text")]
    [InlineData("select 1 where exists (select * from glob('/*'))", "glob")]
    [InlineData("select * from state order by (select max(content) from read_text('/etc/passwd'))", "read_text")]
    [InlineData("select sum(1) over (order by (select 1 from glob('/*'))) from state", "glob")]
    [InlineData("select * from state limit (select count(*) from glob('/*'))", "glob")]
    [InlineData("select * from state, lateral (select * from read_text(key))", "read_text")]
    [InlineData("select * from state join glob('/*') g on g.file = key", "glob")]
    [InlineData("select * from (values ((select 1 from glob('/*')))) v", "glob")]
    [InlineData("select case when true then (select 1 from glob('/*')) end", "glob")]
    [InlineData("select * replace ((select 1 from glob('/*')) as key) from state", "glob")]
    [InlineData("select 1 union all (select 1 from glob('/*'))", "glob")]
    [InlineData("select * from enable_logging(storage='file', storage_path='/tmp/x')", "enable_logging")]
    [InlineData("select * from disable_logging()", "disable_logging")]
    [InlineData("select * from force_checkpoint()", "force_checkpoint")]
    [InlineData("select * from duckdb_settings()", "duckdb_settings")]
    [InlineData("select * from duckdb_secrets()", "duckdb_secrets")]
    [InlineData("select * from duckdb_functions()", "duckdb_functions")]
    [InlineData("select * from duckdb_views", "duckdb_views")]
    [InlineData("select * from pragma_version()", "pragma_version")]
    [InlineData("select * from pragma_database_size()", "pragma_database_size")]
    [InlineData("select * from pg_catalog.pg_class", "pg_class")]
    [InlineData("select * from information_schema.tables", "tables")]
    [InlineData("select * from sqlite_master", "sqlite_master")]
    [InlineData("select * from query('select 1')", "query")]
    [InlineData("select * from query_table('state')", "query_table")]
    [InlineData("select * from json_execute_serialized_sql('x')", "json_execute_serialized_sql")]
    [InlineData("select json_serialize_sql('select 1')", "json_serialize_sql")]
    [InlineData("select current_setting('temp_directory')", "current_setting")]
    [InlineData("select getvariable('x')", "getvariable")]
    [InlineData("select write_log('x')", "write_log")]
    [InlineData("select sleep_ms(100000)", "sleep_ms")]
    [InlineData("select pg_sleep(100)", "pg_sleep")]
    [InlineData("select nextval('x')", "nextval")]
    [InlineData("select system.main.pg_sleep(1)", "pg_sleep")]
    [InlineData("select \"getenv\"('HOME')", "getenv")]
    [InlineData("select ('x').repeat(100000000)", "repeat")]
    [InlineData("select len(range(50000000))", "range")]
    [InlineData("select * from range(1000000000)", "range")]
    [InlineData("select unnest(range(100000000)) limit 5", "range")]
    [InlineData("select * from generate_series(1, 1000000000)", "generate_series")]
    [InlineData("select length(repeat('x', 400000000))", "repeat")]
    [InlineData("select length(lpad('x', 1000000000, 'y'))", "lpad")]
    [InlineData("select length(rpad('x', 1000000000, 'y'))", "rpad")]
    [InlineData("select format('{:>1000000000}', 'x')", "format")]
    [InlineData("select printf('%1000000000d', 1)", "printf")]
    [InlineData("select bar(1, 0, 2, 1000000000)", "bar")]
    [InlineData("select list_resize([1], 1000000000)", "list_resize")]
    [InlineData("select levenshtein(value_utf8, value_utf8) from state", "levenshtein")]
    [InlineData("select [x for x in [1,2]]", "list_apply")]
    [InlineData("select list_transform([1,2], x -> x)", "list_transform")]
    [InlineData("select list(key) over (rows between unbounded preceding and current row) from state", "list")]
    [InlineData("select min(key) over (order by key rows 9 preceding exclude ties) from state", "EXCLUDE TIES")]
    [InlineData("select max(key) over w from state window w as (order by key rows 9 preceding exclude ties)", "EXCLUDE TIES")]
    [InlineData("select max(key, 999999) from state", "max")]
    [InlineData("select 'x'::int[100000]", "ARRAY")]
    [InlineData("select cast([1] as int[][99999])", "ARRAY")]
    [InlineData("select 'x'::varbit", "varbit")]
    [InlineData("select try(1/0)", "OPERATOR_TRY")]
    [InlineData("select key collate nocase from state", "COLLATE")]
    [InlineData("select $1", "placeholder")]
    [InlineData("select ?", "placeholder")]
    [InlineData("select * from state using sample 10%", "SAMPLE")]
    [InlineData("select * from state tablesample reservoir(1000000000)", "SAMPLE")]
    [InlineData("select * from nope", "nope")]
    [InlineData("select * from other.state", "other.state")]
    [InlineData("with duckdb_settings as (select 1 x) select (select count(*) from (with y as (select 1) select * from z))", "z")]
    [InlineData("with a as (select * from b), b as (select 1) select * from a", "b")]
    [InlineData("select (with t as (select 1) select * from t), (select * from t)", "t")]
    [InlineData("select * from state group by cube(partition_key, scope, service_name, service_key, key, key_length, value_utf8)", "grouping sets")]
    public async Task Refuses(string sql, string named)
    {
        QueryException failure = await _under.FailsAsync(sql);
        Assert.Equal(QueryFailure.Invalid, failure.Failure);
        Assert.Contains(named, failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("""{"x":1}""", await _under.RowsAsync("select 1 as x"));
        _under.AssertIdle();
    }

    [Theory]
    [InlineData("selec 1")]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData(";")]
    [InlineData("-- nothing")]
    [InlineData("/* nothing */")]
    [InlineData("select 1; select 2")]
    [InlineData("select 1; drop view state")]
    [InlineData("create table x(a int)")]
    [InlineData("create view x as select 1")]
    [InlineData("drop view state")]
    [InlineData("insert into state values (1)")]
    [InlineData("update state set key = 'x'")]
    [InlineData("delete from state")]
    [InlineData("copy state to '/tmp/x.csv'")]
    [InlineData("copy (select 1) to '/tmp/x.csv'")]
    [InlineData("export database '/tmp/x'")]
    [InlineData("attach ':memory:' as x")]
    [InlineData("attach '/tmp/x.db'")]
    [InlineData("detach memory")]
    [InlineData("use memory")]
    [InlineData("set memory_limit = '100GB'")]
    [InlineData("set global temp_directory = '/tmp'")]
    [InlineData("reset memory_limit")]
    [InlineData("set variable x = 1")]
    [InlineData("pragma version")]
    [InlineData("pragma database_list")]
    [InlineData("pragma enable_profiling")]
    [InlineData("pragma memory_limit = '1GB'")]
    [InlineData("install httpfs")]
    [InlineData("load json")]
    [InlineData("load '/tmp/x.duckdb_extension'")]
    [InlineData("call pragma_version()")]
    [InlineData("checkpoint")]
    [InlineData("vacuum")]
    [InlineData("begin")]
    [InlineData("commit")]
    [InlineData("prepare x as select 1")]
    [InlineData("execute x")]
    [InlineData("deallocate x")]
    [InlineData("explain create table x as select 1")]
    [InlineData("explain analyze insert into state values (1)")]
    [InlineData("explain select 1; drop view state")]
    [InlineData("explain (format json) select 1")]
    [InlineData("explain analyze analyze")]
    [InlineData("analyze select 1")]
    [InlineData("show tables")]
    [InlineData("show all tables")]
    [InlineData("describe state")]
    [InlineData("summarize state")]
    [InlineData("pivot state on key using count(*)")]
    [InlineData("select 1 into x")]
    [InlineData("create secret x (type s3)")]
    [InlineData("comment on view state is 'x'")]
    public async Task Refuses_what_is_not_one_select(string sql)
    {
        Assert.Equal(QueryFailure.Invalid, (await _under.FailsAsync(sql)).Failure);
        Assert.Equal("""{"c":200}""", await _under.RowsAsync("select count(*) c from state"));
    }

    [Fact]
    public async Task Refuses_inner_names()
    {
        // Whoever learns them may not call them either.
        QueryException failure = await _under.FailsAsync("select no_such_column from state");
        Assert.DoesNotContain("rs_", failure.Message, StringComparison.Ordinal);
        Assert.Equal(QueryFailure.Invalid, failure.Failure);
        Assert.DoesNotContain("rs_", await _under.RowsAsync("select sum(value_length), length(key) from state group by key"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_long_lists_and_refuses_too_many_tokens()
    {
        string list = string.Join(",", Enumerable.Range(0, 4000).Select(i => $"'obj-{i}'"));
        Assert.Equal("""{"c":200}""", await _under.RowsAsync($"select count(*) c from state where service_key in ({list})"));
        string terms = string.Join(" and ", Enumerable.Repeat("key = 'a'", 15_000));
        Assert.Equal(QueryFailure.TooLarge, (await _under.FailsAsync($"select 1 from state where {terms}")).Failure);
        Assert.Equal(QueryFailure.TooLarge, (await _under.FailsAsync($"select '{new string('x', 300_000)}'")).Failure);
        Assert.Equal(QueryFailure.TooLarge, (await _under.FailsAsync($"select '{new string('x', 20_000)}'")).Failure);
        Assert.Equal(QueryFailure.Invalid, (await _under.FailsAsync("select 1\0")).Failure);
    }

    public static TheoryData<string> Bombs()
    {
        string doubled = string.Join(", ", Enumerable.Range(0, 40).Select(i => $"a{i}+a{i} as a{i + 1}"));
        string nested = Enumerable.Range(0, 40).Aggregate("(select value_length a from state)", (inner, _) => $"(select a+a as a from {inner})");
        string stars = Enumerable.Range(0, 12).Aggregate("(select * from state)", (inner, _) => $"(select *, * from {inner})");
        string tables = string.Join(", ", Enumerable.Range(0, 20).Select(i => $"t{i + 1} as (select a.* from t{i} a, t{i} b)"));
        string text = Enumerable.Range(0, 40).Aggregate("(select 'abcdefgh' x)", (inner, _) => $"(select x||x as x from {inner})");
        string hex = Enumerable.Range(0, 40).Aggregate("'abc'", (inner, _) => $"hex({inner})");
        return
        [
            $"select 1 as a0, {doubled}",
            $"select * from {nested} where a = 3",
            $"select * from {stars}",
            $"with t0 as (select * from state), {tables} select count(*) from t20",
            $"select length(x) from {text}",
            $"select length({hex})",
            $"select length(replace('{new string('a', 9000)}', 'a', '{new string('b', 9000)}'))",
            "with recursive t(x) as (select 'a' union all select x||x from t where length(x) < 1000000000000) select max(length(x)) from t",
            "with recursive t(x) as (select ['a'] union all select list_concat(x, x) from t) select max(len(x)) from t",
            "with recursive t(x) as (select '\"' union all select to_json(x)::varchar from t) select max(length(x)) from t",
            $"select {new string('(', 5000)}1{new string(')', 5000)}",
            $"select {string.Concat(Enumerable.Repeat("- ", 5000))} value_length from state",
            $"select {string.Concat(Enumerable.Repeat("not ", 5000))} true",
            $"select {string.Join("+", Enumerable.Repeat("1", 4900))}",
            $"select {string.Concat(Enumerable.Repeat("case when true then ", 1000))} 1 {string.Concat(Enumerable.Repeat("end ", 1000))}",
            string.Join(" union all ", Enumerable.Repeat("select 1", 3000)),
            $"select * from {string.Join(", ", Enumerable.Range(0, 200).Select(i => $"state s{i}"))}",
            $"select {new string('[', 1000)}1{new string(']', 1000)}",
            $"select 1{string.Concat(Enumerable.Repeat("::int", 3000))}",
            $"select {string.Concat(Enumerable.Repeat("(select ", 190))}1{new string(')', 190)}",
        ];
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task Refuses_what_grows_when_it_is_expanded(string sql)
    {
        long started = Stopwatch.GetTimestamp();
        QueryException failure = await _under.FailsAsync(sql);
        Assert.Contains(failure.Failure, new[] { QueryFailure.Invalid, QueryFailure.TooLarge });
        TestContext.Current.TestOutputHelper?.WriteLine($"{Stopwatch.GetElapsedTime(started)}: {failure.Message}");
        _under.AssertIdle();
    }

    [Theory]
    [InlineData("select sum(x) over () s from (values (1::bigint), (2), (4)) v(x) limit 1", """{"s":7}""")]
    [InlineData("select sum(x::double) over (order by x rows between unbounded preceding and unbounded following) s from (values (1::bigint), (2), (4)) v(x) limit 1", """{"s":7.0}""")]
    [InlineData("select max(s) s from (select sum(x) over (partition by x > 1) s from (values (1::bigint), (2), (4)) v(x))", """{"s":6}""")]
    [InlineData("select sum(x) over w s from (values (1::ubigint), (2), (4)) v(x) window w as (order by x range between unbounded preceding and unbounded following) limit 1", """{"s":7}""")]
    [InlineData("select sum(x) over () from (values (1::bigint), (2)) v(x) limit 1", """{"sum(v.x) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING":3}""")]
    public async Task A_sum_over_the_whole_partition_is_a_sum(string sql, string rows) => Assert.Equal(rows, await _under.RowsAsync(sql));

    [Theory]
    [InlineData("select lead(key, -9223372036854775808) over () from state", "lead")]
    [InlineData("select lag(key, 9223372036854775807) over () from state", "lag")]
    [InlineData("select lead(key, key_length - 9223372036854775808) over () from state", "lead")]
    [InlineData("select t from (select string_agg(key, '') t from state), state", "len()")]
    [InlineData("select length(t) from (select string_agg(key, '') t from state) a join state on true", "len()")]
    [InlineData("select (select max(length(t)) from state) from (select string_agg(key, '') t from state)", "len()")]
    [InlineData("select t, unnest([1, 2]) from (select string_agg(key, '') t from state)", "len()")]
    [InlineData("select list_sort(l) from (select list(key) l from state), state", "len()")]
    [InlineData("select * from (select list(key) l from state), state", "len()")]
    public async Task Refuses_what_ends_or_fills_the_process(string sql, string named)
    {
        QueryException failure = await _under.FailsAsync(sql);
        Assert.Equal(QueryFailure.Invalid, failure.Failure);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select lead(key, 2, 'none') over (order by key), lag(key, -1) over (order by key) from state limit 1")]
    [InlineData("select service_name, string_agg(key, ',') t, list(key) l from state group by 1 order by t")]
    [InlineData("select len(l), service_name from (select service_name, list(key) l from state group by 1) join sys_service on name = service_name")]
    [InlineData("select unnest(l) from (select list(key) l from state) limit 1")]
    [InlineData("select u from (select list(key) l from state) x, unnest(x.l) y(u) limit 1")]
    [InlineData("select string_agg(a.key, ',') t from state a join sys_service s on s.name = a.service_name having length(t) > 1")]
    public async Task Takes_what_looks_alike(string sql) => Assert.NotEmpty(await _under.RowsAsync(sql));
}
