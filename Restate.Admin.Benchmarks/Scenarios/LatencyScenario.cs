using System.Globalization;
using System.Net;
using System.Text;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>
/// What the memory controller costs writers: the same posts, large and small at steady rates below what the server can take, against
/// a server whose controller ticks and one whose controller does not, in turn, each on an empty folder.
/// </summary>
/// <remarks>
/// Off means: the first tick, which gives the node its budgets, and none for the next hour (the longest
/// <c>worker.storage.rocksdb-rebalance-interval</c>), with <c>rocksdb-disable-auto-memory-reclaimer</c> set. What is not the controller
/// stays as it is: RocksDB's own flushes at its write buffer manager's limit, the gate in front of the memtables, the memory guard.
/// </remarks>
internal sealed class LatencyScenario(LatencyOptions options, TextWriter output)
{
    private const int Objects = 384;

    // As the soak's posts: 425 keys of 200 bytes.
    private const int Keys = 425;
    private const int ValueBytes = 200;

    /// <exception cref="ScenarioException">Posts were refused, or the controller costs more than it may.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        byte[][] large = [.. Enumerable.Range(0, Objects).Select(number => Body($"large-{number}", Keys, new string('v', ValueBytes)))];
        byte[][] small = [.. Enumerable.Range(0, Objects).Select(number => Body($"small-{number}", 1, "small"))];
        var runs = new List<Run>();
        await output.WriteLineAsync("open loop, ms from the intended send time: p50 / p99 / p99.9 / max");
        for (int alternation = 0; alternation < options.Alternations; alternation++)
        {
            // Who is first changes, so that what drifts on the machine does not count for one side.
            foreach (bool controller in (bool[])[alternation % 2 == 0, alternation % 2 != 0])
                runs.Add(await MeasureAsync(controller, service.Uri, large, small, cancellationToken));
        }

        double worst = 0;
        foreach ((string name, Func<Run, double[]> times) in ((string, Func<Run, double[]>)[])[("90 KB", run => run.Large), ("small", run => run.Small)])
        {
            double on = Median(runs.Where(run => run.Controller).Select(run => Percentile(times(run), 0.99)));
            double off = Median(runs.Where(run => !run.Controller).Select(run => Percentile(times(run), 0.99)));
            worst = Math.Max(worst, on / off);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"p99 of {name} posts, medians of {options.Alternations}: on {on:F2} ms, off {off:F2} ms, on / off {on / off:F2}"));
        }

        ScenarioException.Require(
            options.Percent == 0 || worst * 100 <= options.Percent,
            string.Create(CultureInfo.InvariantCulture, $"p99 with the controller is {worst:F2} times p99 without, expected at most {options.Percent / 100.0:F2}"));
    }

    private async Task<Run> MeasureAsync(bool controller, Uri service, byte[][] large, byte[][] small, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        string[] switches = controller
            ? ["--set", $"worker.storage.rocksdb-rebalance-interval={options.IntervalSeconds}s"]
            : ["--set", "worker.storage.rocksdb-rebalance-interval=1h", "--set", "worker.storage.rocksdb-disable-auto-memory-reclaimer=true"];
        await using ServerProcess server = await ServerProcess.StartOursAsync(
            folder.Path,
            cancellationToken,
            [
                "--default-num-partitions", options.Partitions.ToString(CultureInfo.InvariantCulture),
                "--set", $"rocksdb-total-memory-size={options.RocksDb.ToExactString()}",
                .. switches,
            ]);
        await server.Admin.RegisterAsync(service, cancellationToken);
        await server.ServesPartitionsAsync(cancellationToken);
        long before = await TicksAsync(server, cancellationToken);
        OpenLoop largePosts = Loop(server, options.LargeRate, large);
        OpenLoop smallPosts = Loop(server, options.SmallRate, small);
        var warmUp = TimeSpan.FromSeconds(Math.Max(1, options.Seconds / 10.0));
        var duration = TimeSpan.FromSeconds(options.Seconds);
        await Task.WhenAll(
            largePosts.RunAsync(warmUp, duration, cancellationToken), smallPosts.RunAsync(warmUp, duration, cancellationToken));
        long ticks = await TicksAsync(server, cancellationToken) - before;
        long reclaims = await server.Admin.MetricAsync("restate_partition_store_reclaim_flush_total", cancellationToken) ?? 0;
        await output.WriteLineAsync($"  {(controller ? "on " : "off")} 90 KB {Text(largePosts.Milliseconds)}   small {Text(smallPosts.Milliseconds)}   {ticks} ticks, {reclaims} flushes by it");

        // A tick in the other run, or none in this one, would compare something with itself.
        ScenarioException.Require(controller ? ticks > 0 : ticks == 0, $"the controller is {(controller ? "on" : "off")} and ticked {ticks} times");
        int refused = largePosts.Refused + smallPosts.Refused;
        ScenarioException.Require(refused == 0, $"{refused} posts were refused: the rates are above what the server can take");
        return new Run(controller, largePosts.Milliseconds, smallPosts.Milliseconds);
    }

    private static OpenLoop Loop(ServerProcess server, int rate, byte[][] bodies) => new(
        rate,
        async (number, token) => await server.Admin.PostStateAsync(bodies[number % bodies.Length], token) == HttpStatusCode.Accepted);

    private static async Task<long> TicksAsync(ServerProcess server, CancellationToken cancellationToken) =>
        await server.Admin.MetricAsync("restate_memory_controller_ticks_total", cancellationToken)
        ?? throw new ScenarioException("/metrics has no count of the controller's ticks");

    private static byte[] Body(string key, int keys, string value) => Encoding.UTF8.GetBytes(
        $"{{\"object_key\":\"{key}\",\"new_state\":{{{string.Join(',', Enumerable.Range(0, keys).Select(number => $"\"k{number:D4}\":\"{value}\""))}}}}}");

    private static string Text(double[] sorted) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Percentile(sorted, 0.5),7:F2} {Percentile(sorted, 0.99),8:F2} {Percentile(sorted, 0.999),8:F2} {sorted[^1],8:F2}");

    private static double Percentile(double[] sorted, double part) => sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * part) - 1, 0, sorted.Length - 1)];

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private sealed record Run(bool Controller, double[] Large, double[] Small);
}
