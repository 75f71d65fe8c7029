using System.Text.Json;
using Restate.Admin.Api.Query;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>EXPLAIN tells the plan and what each mention of state reads, and reads nothing itself.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class ExplainTests : IAsyncLifetime
{
    private const int Partitions = 16;

    private readonly EngineUnderTest _under = new(new FakeStateSource(Partitions).Fill(100, 10));

    public static TheoryData<string, string[]> Scans() => new()
    {
        { "select count(*) from state", ["state: partitions 16 of 16, all rows"] },
        { "select * from state where value_length > 3", ["state: partitions 16 of 16, all rows"] },
        { "select key from state where service_key = 'obj-1'", [$"state: partitions 1 of 16, key range partition_key = {PartitionKey.Of("obj-1")}"] },
        {
            "select value from state where service_name = 'Counter' and service_key = 'obj-1' and key = 'it''s'",
            [$"state: partitions 1 of 16, key range partition_key = {PartitionKey.Of("obj-1")} and service_name = 'Counter' and service_key = 'obj-1' and key = 'it''s'"]
        },
        {
            "select value from state where service_name = 'Counter' and service_key = 'obj-1' and key > 'a' and key < 'c'",
            [$"state: partitions 1 of 16, key range partition_key = {PartitionKey.Of("obj-1")} and service_name = 'Counter' and service_key = 'obj-1' and key >= 'a' || chr(0) and key < 'c'"]
        },
        { "select key from state where partition_key between 10 and 20", ["state: partitions 1 of 16, key range partition_key >= 10 and partition_key < 21"] },
        { "select key from state where partition_key >= 17293822569102704640", ["state: partitions 1 of 16, key range partition_key >= 17293822569102704640"] },
        { "select key from state where service_key = 'x' and service_key > 'y' or length(key) < 0 and partition_key < 0", ["state: partitions 0 of 16, no row meets the condition"] },
        { "select key from state where length(key) < 0 and key = 'x' and key = 'y'", [] },
        {
            "select * from state a join state b on a.key = b.service_key where a.service_key = 'obj-1'",
            ["state: partitions 16 of 16, all rows", $"state: partitions 1 of 16, key range partition_key = {PartitionKey.Of("obj-1")}"]
        },
        { $"select key from state where partition_key in ({string.Join(", ", Enumerable.Range(1, 7))})", ["state: partitions 1 of 16, 7 key ranges partition_key = 1 | partition_key = 2 | partition_key = 3 | partition_key = 4 | partition_key = 5 | …"] },
    };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _under.DisposeAsync();

    [Theory]
    [MemberData(nameof(Scans))]
    public async Task Says_what_every_mention_of_state_reads(string sql, string[] scans)
    {
        string plan = (await RowsAsync($"explain {sql}"))["physical_plan"];
        string[] found = [.. plan.Split('\n').Select(line => line.Trim().Split(';')[0].Split(" [")[0]).Where(line => line.StartsWith("state:", StringComparison.Ordinal))];
        Assert.Equal(scans.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Empty(_under.State.Leased);
        Assert.Equal(0, _under.State.RowsRead);
        _under.AssertIdle();
    }

    [Fact]
    public async Task The_plan_has_no_inner_names()
    {
        Dictionary<string, string> rows = await RowsAsync(
            "explain select s.name, sum(value_length) from state join sys_service s on s.name = service_name where key = 'k1' group by 1 order by 2");
        Assert.Equal(["physical_plan", "statement"], rows.Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("rs_", string.Concat(rows.Values), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("c_", string.Concat(rows.Values), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("sys_service", rows["physical_plan"], StringComparison.Ordinal);
        Assert.Contains("(key = 'k1')", rows["physical_plan"], StringComparison.Ordinal);
        Assert.Contains("HASH_JOIN", rows["physical_plan"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("explain verbose select 1")]
    [InlineData("EXPLAIN\nselect 1;")]
    [InlineData("/* of /* a */ */ Explain -- b\n select 1")]
    [InlineData("explain (select 1)")]
    [InlineData("explain with x as (select 1) select * from x")]
    [InlineData("explain values (1)")]
    public async Task Takes_any_statement_that_runs(string sql) => Assert.Contains("physical_plan", (await RowsAsync(sql)).Keys);

    [Theory]
    [InlineData("explain", "no SQL statement was provided")]
    [InlineData("explain explain select 1", "nested EXPLAINs are not supported")]
    [InlineData("explain format json select 1", "EXPLAIN has one format: leave FORMAT out")]
    [InlineData("explain analyze select read_text('/etc/passwd')", null)]
    [InlineData("explain select * from read_csv('/etc/passwd')", null)]
    [InlineData("explain select * from duckdb_settings()", null)]
    [InlineData("explain select nope from state", null)]
    [InlineData("explain select 1; select 2", null)]
    [InlineData("explain delete from state", null)]
    [InlineData("explain analyze delete from state", null)]
    [InlineData("\"explain\" select 1", null)]
    [InlineData("select explain select 1", null)]
    public async Task Refuses_what_would_not_run(string sql, string? message)
    {
        QueryException failure = await _under.FailsAsync(sql);
        Assert.Equal(QueryFailure.Invalid, failure.Failure);
        if (message is not null)
            Assert.Equal(message, failure.Message);
        _under.AssertIdle();
    }

    [Fact]
    public async Task Analyze_runs_the_statement_and_counts()
    {
        Dictionary<string, string> rows = await RowsAsync("explain analyze select count(*) from state where service_key = 'obj-7' and key > 'k4'");
        string plan = Assert.Single(rows).Value;
        Assert.Equal("Plan with Metrics", rows.Keys.Single());
        Assert.Matches(@"state: partitions 1 of 16, key range partition_key = \d+.* \[rows 10, [0-9.]+ ms\]", plan);
        Assert.Equal(10, _under.State.RowsRead);
        _under.AssertIdle();

        // The session it ran on serves others as before.
        Assert.Equal("""{"n":1000}""", await _under.RowsAsync("select count(*) n from state"));
        Assert.Equal("""{"n":5}""", await _under.RowsAsync("select count(*) n from state where service_key = 'obj-7' and key > 'k4'"));
    }

    [Fact]
    public async Task Analyze_ends_with_the_query()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(Partitions).Fill(1000, 20), timeout: TimeSpan.FromMilliseconds(500));
        QueryException failure = await under.FailsAsync("explain analyze select count(*) from state a, state b, state c where a.key || b.key || c.key = 'x'");
        Assert.Equal(QueryFailure.Deadline, failure.Failure);
        under.AssertIdle();
    }

    [Fact]
    public async Task A_closed_partition_can_be_explained_but_not_analyzed()
    {
        _under.State.Closed.Add(new PartitionId(3));
        Assert.NotEmpty(await RowsAsync("explain select count(*) from state"));
        Assert.Equal(QueryFailure.Unavailable, (await _under.FailsAsync("explain analyze select count(*) from state")).Failure);
    }

    private async Task<Dictionary<string, string>> RowsAsync(string sql)
    {
        using JsonDocument document = JsonDocument.Parse(await _under.JsonAsync(sql));
        return document.RootElement.GetProperty("rows").EnumerateArray()
            .ToDictionary(row => row.GetProperty("plan_type").GetString()!, row => row.GetProperty("plan").GetString()!);
    }
}
