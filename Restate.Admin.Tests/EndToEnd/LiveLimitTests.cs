using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>A node in a real memory cgroup whose limit is changed while it runs.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class LiveLimitTests : IDisposable
{
    private const long Large = 2L << 30;
    private const long Small = 1L << 30;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_lowered_limit_is_followed_in_rest_metrics_and_log_and_so_is_a_raised_one()
    {
        await using MemoryCgroup cgroup = Create();
        await using ServerProcess node = await ServerProcess.StartOursAsync(
            _folder.Path, cgroup, Cancelled, "--default-num-partitions", "2", "--set", "rocksdb-total-memory-size=960 MiB",
            "--set", "admin.query-engine.memory-size=256 MiB", "--set", "bifrost.record-cache-memory-size=64 MiB");
        JsonElement process = (await node.Admin.GetAsync("/memory", Cancelled)).GetProperty("process");
        Assert.Equal(Large, process.GetProperty("limit_bytes").GetInt64());
        Assert.StartsWith("cgroup v", process.GetProperty("limit_source").GetString()!, StringComparison.Ordinal);
        Assert.Empty(await WarningsAsync(node));

        cgroup.Limit(Small);
        await UntilAsync(() => Task.FromResult(node.Output.Contains("(rocksdb_oom_risk)", StringComparison.Ordinal)));
        Assert.Equal("pools_oom_guaranteed rocksdb_oom_risk", string.Join(' ', await WarningsAsync(node)));
        Assert.Equal(Small, await node.Admin.MetricAsync("restate_memory_process_limit_bytes", Cancelled));
        string page = await node.Admin.Http.GetStringAsync(new Uri(node.Admin.NodeUri, "/metrics"), Cancelled);
        Assert.Matches("restate_memory_warning\\{[^}]*code=\"rocksdb_oom_risk\"[^}]*\\} 1\n", page);
        Assert.Matches("restate_memory_warning\\{[^}]*code=\"over_subscribed\"[^}]*\\} 0\n", page);

        cgroup.Limit(Large);
        await UntilAsync(async () => (await WarningsAsync(node)).Length == 0);
        Assert.Equal(Large, await node.Admin.MetricAsync("restate_memory_process_limit_bytes", Cancelled));
    }

    private static MemoryCgroup Create()
    {
        try
        {
            return MemoryCgroup.Create(Large);
        }
        catch (ScenarioException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    private static async Task<string[]> WarningsAsync(ServerProcess node) =>
        [.. (await node.Admin.GetAsync("/memory", Cancelled)).GetProperty("warnings").EnumerateArray()
            .Select(warning => warning.GetProperty("code").GetString()!)
            .Where(code => code != "budgets_scaled").Order(StringComparer.Ordinal)];

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(Patience);
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
    }
}
