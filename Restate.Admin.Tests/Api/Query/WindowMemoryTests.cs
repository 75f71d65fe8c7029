using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Benchmarks.Fuzz;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>What windows will take is known from the statement, where DuckDB takes it in one go.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class WindowMemoryTests
{
    private static readonly Dictionary<string, int> Tables = new() { ["state"] = 9 };

    [Theory]
    [InlineData("select count(distinct key) over (order by key) from state", 176)]
    [InlineData("select count(distinct key) over () from state", 176)]
    [InlineData("select count(distinct key) over (partition by 1 order by key) from state", 176)]
    [InlineData("select count(distinct key) over (partition by service_key order by key) from state", 0)]
    [InlineData("select avg(distinct value_length) over w, count(distinct key) over w from state window w as (order by key)", 176 + 253)]
    [InlineData("select c from (select max(distinct key) over (order by key) c from state)", 253)]
    [InlineData("select count(*) over (order by key), count(distinct key) from state group by key", 0)]
    public void Trees_of_distinct_values_are_known(string sql, long bytesPerRow)
    {
        using var instance = new FuzzInstance();
        GateResult passed = StatementGate.Check(instance.Serialize(sql), Tables, 64 << 10, instance.SumName);
        Assert.Equal(bytesPerRow, passed.FrameBytesPerRow);
    }

    [Fact]
    public async Task A_query_ends_before_its_window_takes_what_is_not_there()
    {
        // 200,000 rows make 34 MiB of tree; nothing else of the query comes near to the pool.
        await using var under = new EngineUnderTest(new FakeStateSource(4).Fill(10_000, 20), memory: 30 << 20);
        const string Sql = "select max(c) c from (select count(distinct value_length) over (order by value_length) c from state)";
        Assert.Contains("not enough memory", (await under.FailsAsync(Sql)).Message, StringComparison.Ordinal);
        under.Engine.Apply(under.Settings with { MemoryBytes = 256 << 20 });
        Assert.StartsWith("""{"c":""", await under.RowsAsync(Sql), StringComparison.Ordinal);
        under.AssertIdle();
    }
}
