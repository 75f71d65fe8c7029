using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Output;
using Restate.Admin.Api.Query.Tables;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>An engine over rows in memory, with a spill folder of its own.</summary>
internal sealed class EngineUnderTest : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("query-test-").FullName;

    internal EngineUnderTest(
        FakeStateSource? state = null, long memory = 256 << 20, TimeSpan? timeout = null, TimeProvider? time = null,
        IReadOnlyList<SqlTable>? tables = null, SqlTable[]? more = null, bool pushesDown = true)
    {
        State = state ?? new FakeStateSource(4);
        SpillFolder = Path.Combine(_folder, "spill");
        Settings = new QueryEngineSettings(memory, SpillFolder, 1L << 30, Threads: 2, timeout ?? TimeSpan.FromSeconds(60));
        Engine = new QueryEngine(
            Settings,
            tables ??
            [
                new StateTable(State),
                new MemoryTable(
                    "sys_service",
                    [
                        new("name", SqlType.Utf8), new("revision", SqlType.UInt64), new("public", SqlType.Boolean),
                        new("ty", SqlType.Utf8), new("deployment_id", SqlType.Utf8),
                    ],
                    () =>
                    [
                        ["Cart", 3UL, true, "virtual_object", "dp_1abcdefghijklmnop"],
                        ["Greeter", 1UL, false, "service", null],
                    ]),
                .. more ?? [],
            ],
            new QueryLog(time ?? TimeProvider.System),
            time ?? TimeProvider.System,
            NullLogger<QueryEngine>.Instance)
        {
            PushesDown = pushesDown,
        };
    }

    internal FakeStateSource State { get; }

    internal string SpillFolder { get; }

    internal QueryEngineSettings Settings { get; }

    internal QueryEngine Engine { get; }

    /// <summary>The whole answer as JSON text.</summary>
    internal Task<string> JsonAsync(string sql) => JsonAsync(sql, JsonLayout.Document, TestContext.Current.CancellationToken);

    internal async Task<string> JsonAsync(string sql, JsonLayout layout, CancellationToken cancellationToken)
    {
        await using QueryResult result = await Engine.StartAsync(sql, "test", cancellationToken);
        using var output = new OutputBuffer(Engine.Memory);
        var rows = new JsonRows(result.Columns, output, layout);
        using var whole = new MemoryStream();
        bool hasMore;
        do
        {
            hasMore = await result.ReadAsync(rows);
            whole.Write(output.Written.Span);
            output.Turn();
        }
        while (hasMore);
        return Encoding.UTF8.GetString(whole.ToArray());
    }

    /// <summary>The rows of the answer, without what is around them.</summary>
    internal async Task<string> RowsAsync(string sql)
    {
        string json = await JsonAsync(sql);
        Assert.StartsWith("{\"rows\":[", json, StringComparison.Ordinal);
        return json["{\"rows\":[".Length..^"]}".Length];
    }

    /// <summary>The whole answer as an Arrow stream.</summary>
    internal async Task<byte[]> ArrowAsync(string sql)
    {
        await using QueryResult result = await Engine.StartAsync(sql, "test", CancellationToken.None);
        using var output = new OutputBuffer(Engine.Memory);
        using var rows = new ArrowRows(result.Columns, output, Engine.Memory);
        using var whole = new MemoryStream();
        bool hasMore;
        do
        {
            hasMore = await result.ReadAsync(rows);
            whole.Write(output.Written.Span);
            output.Turn();
        }
        while (hasMore);
        return whole.ToArray();
    }

    internal Task<QueryException> FailsAsync(string sql) => Assert.ThrowsAsync<QueryException>(() => JsonAsync(sql));

    /// <summary>Nothing is held any more: leases, cursors, memory of ours.</summary>
    internal void AssertIdle()
    {
        Assert.Equal(0, State.OpenLeases);
        Assert.Equal(0, State.OpenCursors);
        Assert.Equal(0, Engine.OpenScopes);
        Assert.Equal(0, Engine.RunningQueries);
        Assert.Equal(0, Engine.Memory.Bytes);
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
