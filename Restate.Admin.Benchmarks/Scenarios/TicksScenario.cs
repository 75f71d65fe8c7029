using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Configuration;
using Restate.Storage.Hosting;
using Restate.Storage.Memory;
using Restate.Storage.Processing;
using RestateCommandLine = Restate.Storage.Configuration.CommandLine;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>ticks</c>.</summary>
/// <param name="Partitions">Partitions of one node; null: 24, then 1,024.</param>
/// <param name="Ticks">Ticks that are measured.</param>
internal sealed record TicksOptions(int? Partitions, int Ticks)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static TicksOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "partitions", "ticks");
        return new TicksOptions(
            options.Text("partitions") is null ? null : options.Number("partitions", 24), options.Number("ticks", 200, minimum: 20));
    }
}

/// <summary>
/// How long the memory controller samples, plans and decides: a node inside this process, its databases open with data in their
/// memtables, and posts that go on meanwhile, so that no two ticks see the same.
/// </summary>
internal sealed class TicksScenario(TicksOptions options, TextWriter output)
{
    /// <exception cref="ScenarioException">The node did not open.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        int[] sizes = options.Partitions is { } one ? [one] : [24, 1024];
        foreach (int partitions in sizes)
            await RunAsync(partitions, cancellationToken);
    }

    private async Task RunAsync(int partitions, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        ConfigurationStore configuration = ConfigurationLoader.Load(
            RestateCommandLine.Parse(
            [
                "--base-dir", folder.Path, "--node-name", "n1", "--default-num-partitions", partitions.ToString(CultureInfo.InvariantCulture),
            ]),
            new Dictionary<string, string>(),
            "ticks",
            () => 8L << 30);
        await using RestateStorage node = await RestateStorage.OpenAsync(configuration, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        while (node.Census.OpenCount < partitions)
        {
            PartitionStatus? failed = node.Partitions.Status().FirstOrDefault(status => status.Failure is not null);
            ScenarioException.Require(failed is null, $"partition {failed?.Partition}: {failed?.Failure}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }

        for (int number = 0; number < partitions * 4; number++)
            await PutAsync(node, number, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = WriteAsync(node, partitions * 4, stop.Token);
        var timings = new List<TickTimings>();
        const int WarmUp = 10;
        for (int tick = 0; tick < WarmUp + options.Ticks; tick++)
        {
            RebalanceReport report = await node.Controller.RebalanceNowAsync(cancellationToken);
            if (tick >= WarmUp)
                timings.Add(report.Timings);
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }

        await stop.CancelAsync();
        await writing;
        await output.WriteLineAsync($"{partitions} partitions, {node.SharedMemory.Targets.Count} databases, {timings.Count} ticks; median / p99 / max in ms:");
        await WriteAsync("sample + plan + decide", timings, timing => timing.BeforeApply);
        await WriteAsync("  plan", timings, timing => timing.Plan);
        await WriteAsync("  sample", timings, timing => timing.Sample);
        await WriteAsync("  decide", timings, timing => timing.Decide);
        await WriteAsync("apply", timings, timing => timing.Apply);
    }

    private async Task WriteAsync(string name, List<TickTimings> timings, Func<TickTimings, TimeSpan> part)
    {
        double[] sorted = [.. timings.Select(timing => part(timing).TotalMilliseconds).Order()];
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  {name,-24} {sorted[sorted.Length / 2],8:F2} {sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(sorted.Length * 0.99) - 1)],8:F2} {sorted[^1],8:F2}"));
    }

    private static async Task WriteAsync(RestateStorage node, int objects, CancellationToken stop)
    {
        // One after the other, each waiting for the disk: the ticks are measured, not the writes.
        for (int number = 0; !stop.IsCancellationRequested; number = (number + 1) % objects)
        {
            await PutAsync(node, number, CancellationToken.None);
            await Task.Yield();
        }
    }

    private static async Task PutAsync(RestateStorage node, int number, CancellationToken cancellationToken)
    {
        using var writer = new StateWriter();
        writer.BeginEntry("value"u8);
        writer.AppendValue(new byte[1024]);
        await writer.AppendAsync(
            node.Partitions, scope: string.Empty, "Counter", System.Text.Encoding.UTF8.GetBytes($"object-{number}"), [], TimeProvider.System, cancellationToken);
    }
}
