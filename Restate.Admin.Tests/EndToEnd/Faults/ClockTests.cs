using System.Diagnostics;
using System.Globalization;
using System.Net;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.Faults;

/// <summary>A clock that is set while the node runs: libfaketime tells it other times of day.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class ClockTests : IDisposable
{
    private const string Ticks = "restate_memory_controller_ticks_total";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Steps_of_an_hour_back_and_forth_stop_nothing_and_lose_nothing()
    {
        string? library = Directory.Exists("/usr/lib")
            ? Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).FirstOrDefault()
            : null;
        Assert.SkipWhen(library is null, "libfaketime is not installed: run `apt-get install faketime`");
        string clock = _folder.Inside("clock");
        await File.WriteAllTextAsync(clock, "+0", Cancelled);
        await using var node = new FaultNode(
            _folder.Inside("data"), "--set", "worker.storage.rocksdb-rebalance-interval=200ms", "--set", "admin.query-engine.query-timeout=3s");
        await node.StartAsync(new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library!,
            ["FAKETIME_TIMESTAMP_FILE"] = clock,
            ["FAKETIME_NO_CACHE"] = "1",

            // A clock that is set moves the time of day only.
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        });
        await node.AcknowledgedAsync("first", 30);
        await node.HoldsWhatWasAcknowledgedAsync();
        int step = 0;
        foreach (string offset in new[] { "-3600", "+3600", "-7200", "+0" })
        {
            // Set in the middle of a query that would take minutes: it ends at its time limit all the same.
            long started = Stopwatch.GetTimestamp();
            Task<(HttpStatusCode Status, string Error)> slow = node.Server.Sql.StatusAsync(
                "select count(*) from state a, state b, state c, state d, state e, state f, state g where a.key <> b.service_key", Cancelled);
            await Task.Delay(TimeSpan.FromMilliseconds(200), Cancelled);
            await File.WriteAllTextAsync(clock, offset, Cancelled);
            Assert.Equal(HttpStatusCode.RequestTimeout, (await slow).Status);
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(20));
            var moved = TimeSpan.FromSeconds(int.Parse(offset, CultureInfo.InvariantCulture));
            await FaultNode.EventuallyAsync(
                async () => (await DateAsync(node) - DateTimeOffset.UtcNow - moved).Duration() < TimeSpan.FromMinutes(1), "the node tells the other time");

            long ticks = await node.Server.Admin.MetricAsync(Ticks, Cancelled) ?? throw new InvalidDataException($"no metric {Ticks}");
            await node.AcknowledgedAsync($"step-{step++}", 5);
            await node.HoldsWhatWasAcknowledgedAsync();
            await FaultNode.EventuallyAsync(
                async () => await node.Server.Admin.MetricAsync(Ticks, Cancelled) > ticks + 2, "the memory controller ticks");
            using HttpResponseMessage health = await node.Server.Admin.Http.GetAsync(new Uri(node.Server.Admin.NodeUri, "/health"), Cancelled);
            Assert.True(health.StatusCode == HttpStatusCode.OK, await health.Content.ReadAsStringAsync(Cancelled));
        }

        await node.KillAsync();
        await node.StartAsync();
        await node.HoldsWhatWasAcknowledgedAsync();
        Assert.Equal(
            (await node.PartitionAsync(0)).GetProperty("tail_lsn").GetUInt64(), (await node.PartitionAsync(0)).GetProperty("applied_lsn").GetUInt64());
    }

    private static async Task<DateTimeOffset> DateAsync(FaultNode node)
    {
        using HttpResponseMessage answer = await node.Server.Admin.Http.GetAsync(new Uri(node.Server.Admin.AdminUri, "/health"), Cancelled);
        return answer.Headers.Date ?? throw new InvalidDataException("no Date");
    }
}
