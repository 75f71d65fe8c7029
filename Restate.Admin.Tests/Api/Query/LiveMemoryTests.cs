using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Output;
using Restate.Admin.Api.Query.Tables;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Configuration;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>The engine's size while queries run: what DuckDB refuses now it takes later, and until then nobody is told otherwise.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class LiveMemoryTests : IDisposable
{
    private const string Size = "admin.query-engine.memory-size";

    /// <summary>While rows are read from it, the hash table of its second table cannot be evicted.</summary>
    private const string Join =
        "select a.key, b.value_utf8 from state a join state b on a.service_key = b.service_key and a.key = b.key";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_limit_that_DuckDB_refuses_is_applied_when_the_query_ends()
    {
        ConfigurationStore configuration = Store();
        await using QueryEngine engine = Open(configuration);
        Assert.Equal(1, engine.Applied.Generation);
        long limit = engine.DuckDbLimitBytes;
        long before = engine.MemoryUsageBytes;
        ConfigurationSnapshot lowered;
        await using (QueryResult result = await engine.StartAsync(Join, "test", Cancel))
        {
            using var output = new OutputBuffer(engine.Memory);
            Assert.True(await result.ReadAsync(new JsonRows(result.Columns, output, JsonLayout.Document)));
            long held = engine.MemoryUsageBytes;
            Assert.True(held > before + (8 << 20), $"the join holds only {held - before} bytes");

            // Room for what it holds, so that it goes on, and none for DuckDB to take its share of it as the limit. The figure is the
            // process': a little more may be allocated by the time it is looked at.
            long size = held + (4 << 20);
            lowered = configuration.Apply(new Dictionary<string, object?> { [Size] = size }, null, persist: false);
            Assert.Equal(size, engine.MemoryCapacityBytes);
            await UntilAsync(() => engine.Refusal is not null, "DuckDB refused nothing");
            Assert.Equal((1, limit), (engine.Applied.Generation, engine.DuckDbLimitBytes));
            Assert.False(await engine.Applied.WaitAsync(lowered.Generation, TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancel));

            // As at a tick of the controller: still no.
            engine.RetryMemory();
            Assert.Equal(1, engine.Applied.Generation);
        }

        Assert.True(await engine.Applied.WaitAsync(lowered.Generation, TimeSpan.FromSeconds(30), TimeProvider.System, Cancel));
        Assert.Null(engine.Refusal);
        Assert.True(engine.DuckDbLimitBytes < limit);
    }

    [Fact]
    public async Task A_change_of_the_time_limit_alone_is_applied_at_once()
    {
        ConfigurationStore configuration = Store();
        await using QueryEngine engine = Open(configuration);
        ConfigurationSnapshot changed = configuration.Apply(
            new Dictionary<string, object?> { ["admin.query-engine.query-timeout"] = "7s" }, null, persist: false);
        Assert.Same(changed, engine.Applied.Current);
    }

    [Fact]
    public async Task Many_changes_end_with_the_last()
    {
        ConfigurationStore configuration = Store();
        await using QueryEngine engine = Open(configuration);
        for (long mebibytes = 64; mebibytes < 128; mebibytes++)
            configuration.Apply(new Dictionary<string, object?> { [Size] = mebibytes << 20 }, null, persist: false);
        Assert.True(await engine.Applied.WaitAsync(configuration.Current.Generation, TimeSpan.FromSeconds(30), TimeProvider.System, Cancel));
        Assert.Equal((long)((127L << 20) * 0.6), engine.DuckDbLimitBytes);
    }

    private static async Task UntilAsync(Func<bool> condition, string otherwise)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, otherwise);
            await Task.Yield();
        }
    }

    private static QueryEngine Open(ConfigurationStore configuration) => new(
        configuration,
        [new StateTable(new FakeStateSource(8).Fill(20000, 20))],
        new QueryLog(TimeProvider.System),
        TimeProvider.System,
        NullLogger<QueryEngine>.Instance);

    private ConfigurationStore Store() => new(
        new RestateConfiguration
        {
            NodeName = "n1",
            BaseDir = _folder.Path,
            Admin = new AdminOptions { QueryEngine = new QueryEngineOptions { MemorySize = ByteSize.FromMiB(512) } },
        },
        () => 8L << 30);
}
