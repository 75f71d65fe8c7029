using System.Text;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Output;
using Restate.Admin.Api.Query.Tables;
using Restate.Admin.Tests.Storage.Processing;
using Restate.Storage.Processing;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>Statements made at random have the same answer whether conditions are pushed into the scans or not.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class PushdownPropertyTests
{
    private const int Partitions = 16;

    private const string Refused = "refused: ";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1200)]
    [InlineData(2, 1200)]
    public async Task Pushing_down_changes_no_answer(int seed, int count)
    {
        FakeStateSource source = PushdownData.Source(Partitions);
        await CompareAsync(source, seed, count);
        Assert.Equal(0, source.OpenCursors);
        Assert.Equal(0, source.OpenLeases);
    }

    [Fact]
    public async Task Pushing_down_changes_no_answer_over_real_stores()
    {
        string directory = PartitionsUnderTest.NewDirectory();
        try
        {
            await using PartitionsUnderTest under = await PartitionsUnderTest.StartAsync(directory, count: 5);
            await FillAsync(under, scope: "");
            await CompareAsync(new PartitionStateSource(under.Partitions), seed: 3, count: 250);

            // Half in tables on disk, half in memory; and the same names and keys once more in a scope.
            foreach (PartitionStatus status in under.Partitions.Status())
                under.Partitions.StartFlush(status.Partition);
            await FillAsync(under, scope: "tenant");
            Assert.True(under.Partitions.HasScopedState);
            await CompareAsync(new PartitionStateSource(under.Partitions), seed: 4, count: 250, narrows: 1.1);
        }
        finally
        {
            PartitionsUnderTest.RemoveDirectory(directory);
        }
    }

    private static async Task FillAsync(PartitionsUnderTest under, string scope)
    {
        foreach ((string service, string serviceKey, IReadOnlyList<(byte[] Key, byte[] Value)> entries) in PushdownData.Objects())
        {
            // A node takes no object without a service.
            if (service.Length == 0)
                continue;
            using var writer = new StateWriter();
            foreach ((byte[] key, byte[] value) in entries)
            {
                writer.BeginEntry(key);
                writer.AppendValue([.. Encoding.UTF8.GetBytes(scope), .. value]);
            }

            await writer.AppendAsync(under.Partitions, scope, service, Encoding.UTF8.GetBytes(serviceKey), [], under.Time, Cancelled);
        }

        await under.AppliedAsync();
    }

    /// <param name="source">Does not change meanwhile.</param>
    /// <param name="seed">Of the statements.</param>
    /// <param name="count">How many.</param>
    /// <param name="narrows">How many times fewer rows the pushed conditions must leave to read, over all statements.</param>
    private static async Task CompareAsync(IStateSource source, int seed, int count, double narrows = 2)
    {
        await using var pushed = new EngineUnderTest(tables: [new StateTable(source)]);
        await using var whole = new EngineUnderTest(tables: [new StateTable(source)], pushesDown: false);
        var statements = new ConditionGenerator(seed);
        long pushedRows = 0;
        long wholeRows = 0;
        int refused = 0;
        int answered = 0;
        for (int number = 0; number < count; number++)
        {
            string sql = statements.Next();
            Task<(string Rows, long Read)> pushing = AnswerAsync(pushed.Engine, sql);
            (string expected, long read) = await AnswerAsync(whole.Engine, sql);
            (string actual, long narrowed) = await pushing;
            Assert.True(expected == actual, $"{statements}, statement {number}: {sql}\nwhole:\n{expected}\npushed:\n{actual}");
            Assert.True(!statements.IsSimple || narrowed <= read, $"{statements}, statement {number} read {narrowed} rows instead of {read}: {sql}");
            pushedRows += narrowed;
            wholeRows += read;
            refused += expected.StartsWith(Refused, StringComparison.Ordinal) ? 1 : 0;
            answered += expected.Length > 0 && expected[0] == '{' ? 1 : 0;
        }

        // With pushing down dead, all the above would hold.
        Assert.True(refused * 20 < count, $"{statements}: {refused} of {count} statements were refused");
        Assert.True(answered * 3 > count, $"{statements}: only {answered} of {count} statements have rows");
        Assert.True(wholeRows > pushedRows * narrows, $"{statements}: {pushedRows} rows read instead of {wholeRows}");
    }

    /// <summary>The rows of an answer, each a line, in an order of their own; and how many rows of state were read for it.</summary>
    private static async Task<(string Rows, long Read)> AnswerAsync(QueryEngine engine, string sql)
    {
        try
        {
            await using QueryResult result = await engine.StartAsync(sql, "test", Cancelled);
            using var output = new OutputBuffer(engine.Memory);
            var rows = new JsonRows(result.Columns, output, JsonLayout.Lines);
            var whole = new StringBuilder();
            bool hasMore;
            do
            {
                hasMore = await result.ReadAsync(rows);
                whole.Append(Encoding.UTF8.GetString(output.Written.Span));
                output.Turn();
            }
            while (hasMore);
            string[] lines = whole.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Array.Sort(lines, StringComparer.Ordinal);
            return (string.Join('\n', lines), result.RowsScanned);
        }
        catch (QueryException e)
        {
            return (Refused + e.Message, 0);
        }
    }
}
