using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Output;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>What the log of queries tells, over a real engine.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class QueryLogTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_query_that_ran_is_kept_with_its_figures()
    {
        await using var under = new EngineUnderTest();
        under.State.Fill(objects: 20, keys: 2);
        await under.JsonAsync("select * from state");

        QueryRecord record = Assert.Single(under.Engine.Queries.Records);
        Assert.Equal((QueryState.Finished, "test", "select * from state", null), (record.State, record.Client, record.Text, record.Error));
        QueryFigures figures = record.Figures;
        Assert.Equal((4, 40, 40), (figures.Partitions, figures.RowsScanned, figures.Rows));
        Assert.True(figures.Elapsed > TimeSpan.Zero);
        Assert.Equal(figures, record.Figures);
        Assert.Matches("^q_[0-9a-f]{6}_1$", record.Id);
        Assert.Equal(0, under.Engine.Queries.Count(QueryState.Running));
    }

    [Theory]
    [InlineData("select nothing from nowhere", "nowhere")]
    [InlineData("select 1 +", "syntax")]
    [InlineData("drop table state", "")]
    public async Task A_query_that_was_refused_is_kept_with_its_error(string sql, string error)
    {
        await using var under = new EngineUnderTest();
        QueryException thrown = await Assert.ThrowsAsync<QueryException>(() => under.JsonAsync(sql));

        QueryRecord record = Assert.Single(under.Engine.Queries.Records);
        Assert.Equal((QueryState.Failed, thrown.Message), (record.State, record.Error));
        Assert.Contains(error, record.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_running_query_can_be_cancelled()
    {
        await using var under = new EngineUnderTest();
        under.State.Fill(objects: 2000, keys: 10);
        QueryLog log = under.Engine.Queries;
        await using (QueryResult result = await under.Engine.StartAsync("select * from state", "ops@10.0.0.1", Cancelled))
        {
            using var output = new OutputBuffer(under.Engine.Memory);
            var rows = new JsonRows(result.Columns, output, JsonLayout.Lines);
            Assert.True(await result.ReadAsync(rows));
            QueryRecord running = Assert.Single(log.Records);
            Assert.Equal(QueryState.Running, running.State);
            Assert.InRange(running.Figures.Rows, 1, 20_000);

            Assert.Same(running, log.Cancel(running.Id));
            output.Turn();
            QueryException stopped = await Assert.ThrowsAsync<QueryException>(async () =>
            {
                while (await result.ReadAsync(rows))
                    output.Turn();
            });
            Assert.Equal(QueryFailure.Stopped, stopped.Failure);
            Assert.Contains($"DELETE /queries/{running.Id}", stopped.Message, StringComparison.Ordinal);
        }

        QueryRecord record = Assert.Single(log.Records);
        Assert.Equal(QueryState.Cancelled, record.State);
        Assert.Contains("cancelled by an operator", record.Error, StringComparison.Ordinal);
        Assert.Null(log.Cancel(record.Id));
        Assert.Null(log.Cancel("q_none"));
    }

    [Fact]
    public async Task A_query_that_its_reader_gives_up_is_cancelled()
    {
        await using var under = new EngineUnderTest();
        under.State.Fill(objects: 2000, keys: 10);
        await (await under.Engine.StartAsync("select * from state", "test", Cancelled)).DisposeAsync();
        Assert.Equal(QueryState.Cancelled, Assert.Single(under.Engine.Queries.Records).State);
    }

    [Fact]
    public async Task Records_and_their_texts_are_bounded()
    {
        await using var under = new EngineUnderTest();
        for (int i = 0; i < QueryLog.RecentCapacity + 5; i++)
            await under.JsonAsync($"select {i} as n, '{new string('x', 5000)}' as x");

        IReadOnlyList<QueryRecord> records = under.Engine.Queries.Records;
        Assert.Equal(QueryLog.RecentCapacity, records.Count);
        Assert.StartsWith($"select {QueryLog.RecentCapacity + 4} ", records[0].Text, StringComparison.Ordinal);
        Assert.All(records, record => Assert.Equal(QueryRecord.MaxText + 1, record.Text.Length));
    }

    [Fact]
    public async Task Spilled_bytes_are_seen()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(8).Fill(20_000, 20), memory: 40 << 20);

        // Some MiB more than fit, spill files included: it fails in the end, with files on disk.
        QueryException failure = await under.FailsAsync(
            "select max(r) c from (select value_utf8, row_number() over (order by value_utf8) r from state)");
        Assert.Equal(QueryFailure.OutOfMemory, failure.Failure);
        Assert.InRange(Assert.Single(under.Engine.Queries.Records).Figures.SpilledBytes, 1, 1L << 30);
    }
}
