using System.Text.RegularExpressions;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Gate;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>Every function of the DuckDB that is linked is admitted or refused for a reason: a new version brings none that nobody has judged.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed partial class FunctionJudgementTests
{
    /// <summary>What the issue asks for.</summary>
    private const int LeastAdmitted = 250;

    /// <summary>Names that the parser or the binder knows without a function: they are not in DuckDB's list.</summary>
    private static readonly string[] BuiltIn = ["!", "unnest"];

    private static readonly IReadOnlyList<CatalogueFunction> Catalogue = FunctionCatalogue.Read();

    [Fact]
    public void Every_function_is_admitted_or_refused_for_a_reason()
    {
        string[] unjudged = [.. Catalogue.Select(function => function.Name)
            .Where(name => FunctionList.Find(name) is null && RefusedFunctions.ReasonOf(name) is null)];
        Assert.True(unjudged.Length == 0, $"judge these, in {nameof(FunctionList)} or in {nameof(RefusedFunctions)}: {string.Join(' ', unjudged)}");
    }

    [Fact]
    public void None_is_both_and_no_judgement_is_of_a_function_that_does_not_exist()
    {
        string[] both = [.. FunctionList.All.Select(function => function.Key).Where(name => RefusedFunctions.ReasonOf(name) is not null)];
        string[] idle = [.. RefusedFunctions.Patterns.Where(pattern => !Catalogue.Any(function => RefusedFunctions.Matches(pattern, function.Name)))];
        string[] unknown = [.. FunctionList.All.Select(function => function.Key).Except(Catalogue.Select(function => function.Name)).Except(BuiltIn)];
        Assert.True(both.Length == 0, $"admitted and refused: {string.Join(' ', both)}");
        Assert.True(idle.Length == 0, $"refused and not in DuckDB: {string.Join(' ', idle)}");
        Assert.True(unknown.Length == 0, $"admitted and not in DuckDB: {string.Join(' ', unknown)}");
    }

    [Fact]
    public void As_many_named_functions_are_admitted_as_an_analyst_expects() => Assert.InRange(
        FunctionList.All.Count(function => char.IsAsciiLetter(function.Key[0]) && function.Value.Use != FunctionUse.Window), LeastAdmitted, int.MaxValue);

    [Fact]
    public void A_macro_that_uses_an_argument_several_times_counts_as_several_copies()
    {
        var wrong = new List<string>();
        foreach (MacroFunction macro in FunctionCatalogue.ReadMacros())
        {
            if (FunctionList.Find(macro.Name) is not { } rule)
                continue;
            int uses = macro.Parameters.Select(parameter => Words().Matches(macro.Body).Count(word => word.Groups[1].Value == parameter)).DefaultIfEmpty(1).Max();
            if (uses > rule.Copies)
                wrong.Add($"{macro.Name} uses an argument {uses} times and has {rule.Copies} copies: {macro.Body}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("nullif({0}, 3)")]
    [InlineData("fmod({0}, 3)")]
    [InlineData("round_even({0}, 0)")]
    [InlineData("roundbankers({0}, 0)")]
    [InlineData("split_part({0}::varchar, 'a', 1)")]
    [InlineData("array_to_string([{0}], ',')")]
    [InlineData("array_pop_back([{0}])[1]")]
    [InlineData("json_extract('[[[1]]]', '$..*')")]
    [InlineData("json_extract(value_utf8, concat('$', '..*'))")]
    [InlineData("json_extract_string(value_utf8, string_split('$,$,$', ','))")]
    [InlineData("json_extract_string(value_utf8, ['$..a'])")]
    [InlineData("json_extract(value_utf8, '$.a\"..b\"')")]
    [InlineData("json_extract(value_utf8, '$.\"a\\\"\"..*')")]
    [InlineData("json_merge_patch('[]', value_utf8)")]
    public async Task What_makes_much_of_little_is_refused(string call)
    {
        // Deep enough for a macro to make more copies than memory holds; the others do not nest.
        string nested = call.Contains("{0}", StringComparison.Ordinal)
            ? Enumerable.Range(0, 40).Aggregate("value_length", (inner, _) => call.Replace("{0}", inner, StringComparison.Ordinal))
            : call;
        await RefusesAsync($"select {nested} as v from state");
    }

    [Theory]
    [InlineData("with recursive t(x) as (select ['a'] union all select x + x from t) select max(len(x)) as l from t")]
    [InlineData("with recursive t(x) as (select ['a'] union all select add(x, x) from t) select max(len(x)) as l from t")]
    [InlineData("with recursive t(x) as (select ['a'] union all select list_append(x, x[1]) from t) select max(len(x)) as l from t")]
    [InlineData("select replace(x, 'a', x) as l from (select typeof({'aaaaaaaaaaaaaaaa': 1}) as x)")]
    [InlineData("select replace(x, 'a', x) as l from (select list_first([repeated]) as x from (select list(key)::varchar as repeated from state))")]
    public Task What_would_grow_unseen_is_refused(string sql) => RefusesAsync(sql);

    [Theory]
    [InlineData("with recursive t(d) as (select date '2026-01-01' union all select d + interval 1 day from t where d < date '2026-02-01') select count(*) as n from t", """{"n":32}""")]
    [InlineData("with recursive t(n) as (select 1 union all select n + 1 from t where n < 10) select max(n) as n from t", """{"n":10}""")]
    [InlineData("with recursive t(a, b) as (select 1, 1 union all select b, a + b::int from t where a < 100) select max(a) as n from t", """{"n":144}""")]
    [InlineData("select [1] + [2] as l", """{"l":[1,2]}""")]
    [InlineData("select nullif(nullif(key_length, 0), 1) as n from state limit 1", """{"n":2}""")]
    [InlineData("select json_extract_string(value_utf8, '$.' || 'text') is null as n from state limit 1", null)]
    [InlineData("select json_extract('[[1]]', case when key_length > 0 then '$..*' end) is null as n from state limit 1", null)]
    [InlineData("select json_extract_string('{\"k0\":1}', '$.' || key) as n from state where key = 'k0' limit 1", """{"n":"1"}""")]
    [InlineData("select json_extract_string('{\"a\":1,\"b\":2}', ['$.a', '$.b']) as n", """{"n":["1","2"]}""")]
    [InlineData("select json_extract_string('{\"a..*\":1}', '$.\"a..*\"') as n", """{"n":"1"}""")]
    [InlineData("select json_extract_string('[{\"a\":1},{\"a\":2}]', '$[*].a') as n", """{"n":["1","2"]}""")]
    [InlineData("select list_mode([1, 1, 2]) as m, list_append([1], 2) as a, list_reverse([1, 2]) as r", """{"m":1,"a":[1,2],"r":[2,1]}""")]
    [InlineData("select array_pop_back([1, 2]) as p, list_intersect([1, 2], [2]) as i, list_where([1, 2], [true, false]) as w", """{"p":[1],"i":[2],"w":[1]}""")]
    [InlineData("select map_contains(map {'a': 1}, 'a') as m, struct_insert({'a': 1}, b := 2) as s, struct_keys({'a': 1}) as k", """{"m":true,"s":{"a":1,"b":2},"k":["a"]}""")]
    [InlineData("select [3.0, 0.0]::float[] <-> [0.0, 4.0]::float[] as d, to_base(10, 2) as b, parse_filename('a/b.txt') as f", """{"d":5.0,"b":"1010","f":"b.txt"}""")]
    [InlineData("select hamming('abc', 'abd') as h, parse_formatted_bytes('1 KiB') as p, pg_size_pretty(2048) as s", """{"h":1,"p":1024,"s":"2.0 KiB"}""")]
    [InlineData("select json_group_array(x) as a, geomean(x) as g from (values (2), (8)) v(x)", """{"a":"[2,8]","g":4.0}""")]
    [InlineData("select json_group_object(k, x) as o from (values ('a', 1)) v(k, x)", """{"o":"{\"a\":1}"}""")]
    [InlineData("select fill(x) over (order by k) as f from (values (1, 1.0), (2, null), (3, 3.0)) v(k, x) order by k limit 1", """{"f":1.0}""")]
    [InlineData("select arg_max_nulls_last(x, k) as a, histogram_exact(x, [1, 2])[1] as h from (values (1, 1), (2, 2)) v(k, x)", """{"a":2,"h":1}""")]
    public async Task What_is_admitted_works(string sql, string? expected)
    {
        await using var under = new EngineUnderTest(new FakeStateSource(4).Fill(20, 10));
        if (expected is null)
            Assert.Contains("JSON path", (await under.FailsAsync(sql)).Message, StringComparison.Ordinal);
        else
            Assert.Equal(expected, await under.RowsAsync(sql));
    }

    private static async Task RefusesAsync(string sql)
    {
        await using var under = new EngineUnderTest(new FakeStateSource(4).Fill(20, 10));
        QueryException refused = await under.FailsAsync(sql);
        Assert.Equal(QueryFailure.Invalid, refused.Failure);
        Assert.DoesNotContain("Error", refused.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex("\"?([A-Za-z_][A-Za-z0-9_]*)\"?(?!\\s*\\()")]
    private static partial Regex Words();
}
