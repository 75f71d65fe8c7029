using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

[Collection(QueryEngineCollection.Name)]
public sealed class QueryEngineTests
{
    [Theory]
    [InlineData("select 1 as x", """{"x":1}""")]
    [InlineData("select 'a' as s, null as n, true as b;", """{"s":"a","b":true}""")]
    [InlineData("select count(*) from state", """{"count(*)":200}""")]
    [InlineData("select count(*) as c, sum(value_length) > 0 as p from state where service_name == 'Cart'", """{"c":100,"p":true}""")]
    [InlineData("select name, public from sys_service order by name", """{"name":"Cart","public":true},{"name":"Greeter","public":false}""")]
    [InlineData("select ty, deployment_id from SYS_SERVICE where \"name\" = 'Greeter'", """{"ty":"service"}""")]
    [InlineData("select 7/2 as q, 7%2 as r", """{"q":3,"r":1}""")]
    [InlineData("select key from state where service_key = 'obj-3' order by key desc limit 1", """{"key":"k9"}""")]
    [InlineData("with recursive t(n) as (select 1 union all select n+1 from t where n < 5) select sum(n) as s from t", """{"s":15}""")]
    [InlineData("with a as (select service_key k from state), b as (select * from a) select count(distinct k) c from b", """{"c":20}""")]
    [InlineData("select value_utf8->>'value' as v from state where service_key = 'obj-3' and key = 'k2'", """{"v":"6"}""")]
    [InlineData("select count(*) c from state a join state b on a.service_key = b.service_key and a.key = b.key", """{"c":200}""")]
    [InlineData("select row_number() over (order by key) as r from state where service_key = 'obj-1' limit 1", """{"r":1}""")]
    [InlineData("select x from (values (2), (null), (1)) v(x) order by x desc", """{},{"x":2},{"x":1}""")]
    public async Task Answers(string sql, string rows)
    {
        await using var under = new EngineUnderTest(new FakeStateSource(4).Fill(20, 10));
        Assert.Equal(rows, await under.RowsAsync(sql));
        under.AssertIdle();
    }

    [Fact]
    public async Task Select_star_gives_the_columns_of_state_in_their_order()
    {
        var state = new FakeStateSource(2);
        state.Add("Cart", "a", "count", "1");
        state.Add("Cart", "b", "bytes", [0x00, 0xff, 0x80]);
        await using var under = new EngineUnderTest(state);
        Assert.Equal(
            "{\"partition_key\":1417734710680270745,\"service_name\":\"Cart\",\"service_key\":\"a\",\"key\":\"count\",\"key_length\":5,"
            + "\"value_utf8\":\"1\",\"value\":\"31\",\"value_length\":1}",
            await under.RowsAsync("select * from state where service_key = 'a'"));
        Assert.Equal(
            $"{{\"partition_key\":{PartitionKey.Of("b")},\"service_name\":\"Cart\",\"service_key\":\"b\",\"key\":\"bytes\",\"key_length\":5,"
            + "\"value\":\"00ff80\",\"value_length\":3}",
            await under.RowsAsync("select * from state where value_utf8 is null"));
    }
}

/// <summary>One at a time: DuckDB's allocator figures are those of the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class QueryEngineCollection
{
    internal const string Name = "query engine";
}
