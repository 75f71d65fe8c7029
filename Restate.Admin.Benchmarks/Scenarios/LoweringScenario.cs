using System.Diagnostics;
using System.Globalization;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>
/// Fills memtables under a large budget, stops the load and lowers the budget in the followed configuration file, for both servers alike:
/// how much of what the load added to resident memory does the operating system get back, and when?
/// </summary>
internal sealed class LoweringScenario(LoweringOptions options, TextWriter output)
{
    /// <summary>Part of what the load added that our server must have given back, <see cref="Deadline"/> after the tick.</summary>
    public const double LeastGivenBack = 0.65;

    private const string CapacityMetric = "restate_rocksdb_memory_write_buffer_manager_capacity_bytes";
    private const string UsageMetric = "restate_rocksdb_memory_write_buffer_manager_usage_bytes";
    private const int Objects = 384;
    private const int Keys = 425;
    private const int ValueBytes = 200;

    /// <summary>Time from the tick to the figure that counts.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan TickPatience = TimeSpan.FromSeconds(30);

    /// <exception cref="ScenarioException">Our server did not give back enough, or lost something.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        var results = new List<LoweringResult>();
        if (options.Ours)
            results.Add(await RunAsync(peer: null, service, cancellationToken));
        if (options.Peer)
        {
            var install = PeerInstall.At(options.PeerDirectory);
            await install.EnsureAsync(cancellationToken);
            results.Add(await RunAsync(install, service, cancellationToken));
        }

        await PrintAsync(results);
        foreach (LoweringResult ours in results.Where(result => result.Server == "ours"))
        {
            ScenarioException.Require(
                ours.GivenBack(ours.AtDeadline) >= LeastGivenBack,
                $"ours gave back {ours.GivenBack(ours.AtDeadline):P0} of what the load added within {Deadline.TotalSeconds} s of the tick, expected {LeastGivenBack:P0}");
        }
    }

    private async Task<LoweringResult> RunAsync(PeerInstall? peer, SdkService service, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Inside("restate.toml");
        string data = folder.Inside("data");
        await WriteConfigurationAsync(file, options.Before, cancellationToken);
        string[] more = ["--config-file", file];
        await using ServerProcess server = peer is null
            ? await ServerProcess.StartOursAsync(data, cancellationToken, more)
            : await ServerProcess.StartPeerAsync(peer, data, cgroup: null, cancellationToken, more);
        await server.Admin.RegisterAsync(service.Uri, cancellationToken);
        await server.ServesPartitionsAsync(cancellationToken);
        await Task.Delay(Rest, cancellationToken);
        long idle = ProcessMemory.ResidentBytes(server.Id);

        var writers = new GenerationWriters(Objects, Keys, ValueBytes);
        long memtables = await FillAsync(server, writers, cancellationToken);
        long full = ProcessMemory.ResidentBytes(server.Id);

        long highCapacity = await MetricAsync(server, CapacityMetric, cancellationToken);
        await WriteConfigurationAsync(file, options.After, cancellationToken);
        LoweringResult result = await WatchAsync(server, idle, full, memtables, highCapacity, cancellationToken);
        await writers.VerifyAsync(server.Sql, cancellationToken);
        int code = await server.StopAsync(cancellationToken);
        ScenarioException.Require(code == 0, $"{server.Name}: SIGTERM: exit code {code}, expected 0\n{server.Output}");
        return result;
    }

    private async Task<long> FillAsync(ServerProcess server, GenerationWriters writers, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = writers.RunAsync(server.Admin, stop.Token);
        long started = Stopwatch.GetTimestamp();
        while (await MetricAsync(server, UsageMetric, cancellationToken) < options.Load.ToInt64() && Stopwatch.GetElapsedTime(started) < options.Patience)
            await Task.Delay(SampleEvery, cancellationToken);
        ScenarioException.Require(!writing.IsCompleted, $"{server.Name}: the writers ended before they were told to");
        await stop.CancelAsync();
        await writing;
        return await MetricAsync(server, UsageMetric, cancellationToken);
    }

    /// <summary>Waits for the tick, which the capacity of the write buffer manager shows, and watches from then on.</summary>
    private async Task<LoweringResult> WatchAsync(
        ServerProcess server, long idle, long full, long memtables, long highCapacity, CancellationToken cancellationToken)
    {
        long written = Stopwatch.GetTimestamp();
        while (await MetricAsync(server, CapacityMetric, cancellationToken) >= highCapacity)
        {
            ScenarioException.Require(
                Stopwatch.GetElapsedTime(written) < TickPatience,
                $"{server.Name}: the budget is not lowered {TickPatience.TotalSeconds} s after the file was changed");
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }

        TimeSpan untilTick = Stopwatch.GetElapsedTime(written);
        long tick = Stopwatch.GetTimestamp();
        var samples = new List<long>();
        long? atDeadline = null;
        while (Stopwatch.GetElapsedTime(tick) < options.Watch)
        {
            await Task.Delay(SampleEvery, cancellationToken);
            long resident = ProcessMemory.ResidentBytes(server.Id);
            samples.Add(resident);
            if (atDeadline is null && Stopwatch.GetElapsedTime(tick) + SampleEvery > Deadline)
                atDeadline = resident;
        }

        long left = await MetricAsync(server, UsageMetric, cancellationToken);
        return new LoweringResult(server.Name, idle, full, memtables, untilTick, samples, atDeadline ?? samples[^1], left);
    }

    private async Task WriteConfigurationAsync(string file, ByteSize total, CancellationToken cancellationToken)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"""
            rocksdb-total-memory-size = "{total.ToExactString()}"
            default-num-partitions = {options.Partitions}

            [bifrost]
            record-cache-memory-size = "{options.Cache.ToExactString()}"

            """);
        await File.WriteAllTextAsync(file, text, cancellationToken);
    }

    private static async Task<long> MetricAsync(ServerProcess server, string name, CancellationToken cancellationToken) =>
        await server.Admin.MetricAsync(name, cancellationToken) ?? throw new ScenarioException($"{server.Name}: /metrics has no {name}");

    private async Task PrintAsync(List<LoweringResult> results)
    {
        await output.WriteLineAsync($"## lowering: {options.Before} -> {options.After}, {options.Partitions} partitions");
        await output.WriteLineAsync();
        await output.WriteLineAsync("| figure | " + string.Join(" | ", results.Select(result => result.Server)) + " |");
        await output.WriteLineAsync("|---|" + string.Concat(results.Select(_ => "---:|")));
        await RowAsync("memtables full, MiB", result => Mib(result.Memtables));
        await RowAsync("memtables at the end, MiB", result => Mib(result.MemtablesLeft));
        await RowAsync("RSS idle, MiB", result => Mib(result.Idle));
        await RowAsync("RSS full, MiB", result => Mib(result.Full));
        await RowAsync("file changed to tick, s", result => Format(result.UntilTick.TotalSeconds));
        await RowAsync("RSS 10 s after the tick, MiB", result => Mib(result.AtDeadline));
        await RowAsync("RSS at the end, MiB", result => Mib(result.Samples[^1]));
        await RowAsync("given back after 10 s, % of what the load added", result => Format(100 * result.GivenBack(result.AtDeadline)));
        await RowAsync("given back at the end, %", result => Format(100 * result.GivenBack(result.Samples[^1])));
        await output.WriteLineAsync();
        foreach (LoweringResult result in results)
            await output.WriteLineAsync($"{result.Server}: RSS every 0.5 s from the tick on, MiB: {string.Join(' ', result.Samples.Select(Mib))}");

        Task RowAsync(string name, Func<LoweringResult, string> figure) =>
            output.WriteLineAsync($"| {name} | {string.Join(" | ", results.Select(figure))} |");
    }

    private static string Mib(long bytes) => (bytes >> 20).ToString(CultureInfo.InvariantCulture);

    private static string Format(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>What one server did; bytes.</summary>
    private sealed record LoweringResult(
        string Server, long Idle, long Full, long Memtables, TimeSpan UntilTick, IReadOnlyList<long> Samples, long AtDeadline, long MemtablesLeft)
    {
        public double GivenBack(long resident) => (Full - resident) / (double)Math.Max(1, Full - Idle);
    }
}
