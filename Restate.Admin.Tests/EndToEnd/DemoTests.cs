using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Restate.Admin.Api.Demo;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The demo as a newcomer starts it: the built program in a folder of its own.</summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class DemoTests : IDisposable
{
    private const string CountQuery = "select count(*) as n from state where service_name = 'Cart' and key = 'cart'";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_tour_tells_the_truth_and_the_demo_starts_again_on_its_folder()
    {
        await using (RunningDemo demo = Start())
        {
            await demo.ShowsAsync("1. SQL over live state");
            long early = await CountAsync(demo);
            string tour = await demo.ShowsAsync(Tour.Ending);

            Assert.InRange(early, 100, CartData.Carts);
            await GrowsAsync(demo, early);
            await AnswersAsync(demo, tour);
            await BudgetChangeIsReportedAsync(demo, tour);
            Assert.Equal(0, await demo.Process.StopAsync(StopPatience, Cancel));
            Assert.True(Directory.Exists(_folder.Inside("restate-demo-data")));
            Assert.False(Directory.Exists(_folder.Inside("restate-data")));
        }

        await using RunningDemo again = Start();
        await again.ShowsAsync(Tour.Ending);
        JsonElement deployment = Assert.Single(
            (await again.Client.GetAsync("/deployments", Cancel)).GetProperty("deployments").EnumerateArray());
        Assert.Equal("demo", deployment.GetProperty("metadata").GetProperty("restate-admin").GetString());
        Assert.Equal(0, await again.Process.StopAsync(StopPatience, Cancel));
    }

    [Fact]
    public async Task The_load_outlives_a_closed_partition_and_says_so_once()
    {
        await using RunningDemo demo = Start("--default-num-partitions", "4");
        await demo.ShowsAsync(Tour.Ending);
        await demo.Client.MovePartitionAsync(1, open: false, Cancel);
        await demo.ShowsAsync("A post of the demo failed: 503");
        await demo.Client.MovePartitionAsync(1, open: true, Cancel);

        // What is applied moves on in every partition: the load came back.
        long[] before = await AppliedAsync(demo);
        await UntilAsync(async () => (await AppliedAsync(demo)).Zip(before).All(pair => pair.First > pair.Second));
        Assert.Single(demo.Lines, line => line.Contains("A post of the demo failed", StringComparison.Ordinal));
        Assert.Equal(0, await demo.Process.StopAsync(StopPatience, Cancel));
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_the_tour_is_no_failure()
    {
        await using RunningDemo demo = Start();
        await demo.ShowsAsync("listening admin=");
        long stopped = Stopwatch.GetTimestamp();
        Assert.Equal(0, await demo.Process.StopAsync(StopPatience, Cancel));
        Assert.InRange(Stopwatch.GetElapsedTime(stopped), TimeSpan.Zero, StopPatience);
        Assert.DoesNotContain(demo.Lines, line => line.Contains("failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Services_that_are_not_its_own_are_left_alone()
    {
        string data = _folder.Inside("real");
        await using (DemoEndpoint stranger = await DemoEndpoint.StartAsync(Cancel))
        {
            await using ServerProcess server = await ServerProcess.StartOursAsync(data, Cancel);
            await server.Admin.RegisterAsync(stranger.Uri, Cancel);
            Assert.Equal(0, await server.StopAsync(Cancel));
        }

        await using RunningDemo demo = Start("--base-dir", data, "--node-name", "n1");
        Assert.Equal(1, await demo.Process.WaitAsync(Cancel).WaitAsync(Patience, Cancel));
        Assert.Contains(demo.Lines, line => line.Contains("the demo failed at \"registration\"", StringComparison.Ordinal)
            && line.Contains("'Cart'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task State_that_is_not_its_own_is_left_alone()
    {
        Installed.RequireSdkService();
        string data = _folder.Inside("real");
        await using (SdkService service = await SdkService.StartAsync(Cancel))
        {
            // The state of a service outlives its deployment: nothing but rows tells that this is somebody's data.
            await using ServerProcess server = await ServerProcess.StartOursAsync(data, Cancel);
            await server.Admin.RegisterAsync(service.Uri, Cancel);
            Assert.Equal(HttpStatusCode.Accepted, await server.Admin.PostStateAsync("""{"object_key":"a","new_state":{"k":"v"}}"""u8.ToArray(), Cancel));
            string id = (await server.Admin.GetAsync("/deployments", Cancel)).GetProperty("deployments")[0].GetProperty("id").GetString()!;
            using HttpResponseMessage deleted = await server.Admin.Http.DeleteAsync($"/deployments/{id}?force=true", Cancel);
            Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
            Assert.Equal(0, await server.StopAsync(Cancel));
        }

        await using RunningDemo demo = Start("--base-dir", data, "--node-name", "n1");
        Assert.Equal(1, await demo.Process.WaitAsync(Cancel).WaitAsync(Patience, Cancel));
        Assert.Contains(demo.Lines, line => line.Contains("deployments or state that are not the demo's", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_peer_discovers_its_services_too()
    {
        Installed.RequirePeer();
        await using DemoEndpoint endpoint = await DemoEndpoint.StartAsync(Cancel);
        await using ServerProcess peer = await ServerProcess.StartPeerAsync(PeerInstall.At(directory: null), _folder.Inside("peer"), Cancel);
        await peer.Admin.RegisterAsync(endpoint.Uri, Cancel);
        JsonElement services = (await peer.Admin.GetAsync("/services", Cancel)).GetProperty("services");
        Assert.Equal(
            ["Cart VirtualObject", "Order Workflow"],
            services.EnumerateArray().Select(service => $"{service.GetProperty("name")} {service.GetProperty("ty")}").Order(StringComparer.Ordinal));
    }

    private static async Task AnswersAsync(RunningDemo demo, string tour)
    {
        string admin = demo.Client.AdminUri.GetLeftPart(UriPartial.Authority);
        string node = demo.Node.GetLeftPart(UriPartial.Authority);
        foreach (string url in new[] { admin, $"{admin}/ui/", $"{admin}/swagger", $"{admin}/openapi", $"{node}/metrics", $"{node}/health" })
            Assert.Matches($@"(?m) {Regex.Escape(url)}( |$)", tour);
        using HttpResponseMessage health = await demo.Client.Http.GetAsync(new Uri(demo.Node, "/health"), Cancel);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using HttpResponseMessage metrics = await demo.Client.Http.GetAsync(new Uri(demo.Node, "/metrics"), Cancel);
        Assert.Contains("restate_rocksdb_memory", await metrics.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        JsonElement services = (await demo.Client.GetAsync("/services", Cancel)).GetProperty("services");
        Assert.Equal(["Cart", "Order"], services.EnumerateArray().Select(service => service.GetProperty("name").GetString()));

        // One screen; only the path of a control group is as long as it likes.
        string[] lines = tour.Split('\n');
        Assert.InRange(lines.Length, 30, 60);
        Assert.All(lines.Where(line => !line.Contains("planned of", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, 110));
    }

    private static async Task BudgetChangeIsReportedAsync(RunningDemo demo, string tour)
    {
        long generation = long.Parse(Generation().Match(tour).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        JsonElement report = (await demo.Client.GetAsync("/memory/rebalances", Cancel)).GetProperty("rebalances").EnumerateArray()
            .Last(tick => tick.GetProperty("generation").GetInt64() == generation);
        (JsonElement before, JsonElement after) = (report.GetProperty("before"), report.GetProperty("after"));
        Assert.NotEqual(before.GetProperty("total_bytes").GetInt64(), after.GetProperty("total_bytes").GetInt64());
        foreach ((string row, string field) in new[]
        {
            ("block cache capacity", "total_bytes"), ("write buffer manager", "memtables_bytes"),
            ("budget of a partition", "partition_budget_bytes"), ("bytes in memtables", "memtable_usage_bytes"),
        })
        {
            Assert.Matches($@"(?m)^ +{row} +{Regex.Escape(Size(before, field))} +{Regex.Escape(Size(after, field))}$", tour);
        }

        // Taken back: the total is what it was, and no override is left.
        JsonElement rocksDb = (await demo.Client.GetAsync("/memory", Cancel)).GetProperty("pools").EnumerateArray()
            .Single(pool => pool.GetProperty("name").GetString() == "rocksdb");
        Assert.Equal(before.GetProperty("total_bytes").GetInt64(), rocksDb.GetProperty("capacity_bytes").GetInt64());
        Assert.Equal("default", rocksDb.GetProperty("source").GetString());
    }

    private static string Size(JsonElement figures, string field) => new ByteSize(figures.GetProperty(field).GetUInt64()).ToString();

    private static Task GrowsAsync(RunningDemo demo, long from) => UntilAsync(async () => await CountAsync(demo) > from);

    private static async Task<long> CountAsync(RunningDemo demo) =>
        (await demo.Sql.RowsAsync(CountQuery, Cancel))[0].GetProperty("n").GetInt64();

    private static async Task<long[]> AppliedAsync(RunningDemo demo) =>
        [.. (await demo.Client.GetAsync("/memory/partitions", Cancel)).GetProperty("partitions").EnumerateArray()
            .Select(row => row.GetProperty("applied_lsn").GetInt64())];

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "it did not come true in time");
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancel);
        }
    }

    private RunningDemo Start(params string[] more) => new(_folder.Path, more);

    [GeneratedRegex(@"\(generation (\d+)\)")]
    private static partial Regex Generation();

    [GeneratedRegex(@"^listening admin=(\S+) node=(\S+)", RegexOptions.Multiline)]
    private static partial Regex Listening();

    /// <summary>A demo that was started, and what it printed.</summary>
    private sealed class RunningDemo : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _lines = new();
        private AdminClient? _client;
        private SqlClient? _sql;

        public RunningDemo(string folder, string[] more) => Process = ChildProcess.Start(
            Repository.DotnetHost(),
            [
                Repository.ServerProgram(), "--demo", "--bind-address", "127.0.0.1:0", "--admin-bind-address", "127.0.0.1:0",
                "--set", "worker.storage.rocksdb-rebalance-interval=500ms", .. more,
            ],
            workingDirectory: folder,
            onLine: _lines.Enqueue);

        public ChildProcess Process { get; }

        public IReadOnlyCollection<string> Lines => _lines;

        public Uri Node => new(Addresses().Groups[2].Value);

        public AdminClient Client => _client ??= new AdminClient(new Uri(Addresses().Groups[1].Value), Node);

        public SqlClient Sql => _sql ??= new SqlClient(Client.AdminUri);

        /// <summary>Waits for a line with this text and returns everything printed until then.</summary>
        public async Task<string> ShowsAsync(string text)
        {
            await UntilAsync(() =>
            {
                bool shown = _lines.Any(line => line.Contains(text, StringComparison.Ordinal));
                Assert.True(shown || !Process.HasExited, $"the demo ended before it printed '{text}':\n{Process.Output}");
                return Task.FromResult(shown);
            });
            return string.Join('\n', _lines);
        }

        public async ValueTask DisposeAsync()
        {
            _client?.Dispose();
            _sql?.Dispose();
            await Process.DisposeAsync();
        }

        private Match Addresses() => Listening().Match(string.Join('\n', _lines));
    }
}
