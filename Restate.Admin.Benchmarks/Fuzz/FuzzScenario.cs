using System.Diagnostics;
using System.Globalization;
using Restate.Admin.Benchmarks.Attempts;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Fuzz;

/// <summary>Options of <c>fuzz</c>.</summary>
/// <param name="Minutes">How long.</param>
/// <param name="Seed">Seed of the first generator; each server started after a fault goes on with the next.</param>
internal sealed record FuzzOptions(int Minutes, int Seed)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static FuzzOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "minutes", "seed");
        return new FuzzOptions(options.Number("minutes", 20), options.Number("seed", Random.Shared.Next(1, int.MaxValue)));
    }
}

/// <summary>Sends statements made at random to a real node: each ends as documented, in time, and the process lives.</summary>
internal sealed class FuzzScenario(FuzzOptions options, TextWriter output)
{
    private static readonly int[] Expected = [200, 400, 408, 413, 507];
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private int _faults;
    private int _statements;

    /// <summary>Runs it.</summary>
    /// <exception cref="ScenarioException">Something ended as it must not.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var instance = new FuzzInstance();
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        long started = Stopwatch.GetTimestamp();
        for (int seed = options.Seed; Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(options.Minutes); seed++)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"fuzz: seed {seed}"));
            var generator = new StatementGenerator(seed, instance.Functions, FuzzInstance.Allowed);
            await RunAsync(generator, service, started, cancellationToken);
        }

        await output.WriteLineAsync($"fuzz: {_statements} statements, {_faults} faults");
        ScenarioException.Require(_faults == 0, $"{_faults} of {_statements} statements ended as they must not");
    }

    private async Task RunAsync(StatementGenerator generator, SdkService service, long started, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        using var canaries = new AttemptCanaries(Path.Combine(folder.Path, "n1", "query-tmp"));
        await using ServerProcess server = await ServerProcess.StartOursAsync(
            folder.Path, cancellationToken,
            "--set", "admin.query-engine.memory-size=128 MiB", "--set", $"admin.query-engine.query-timeout={QueryTimeout.TotalMilliseconds:0}ms");
        await server.Admin.RegisterAsync(service.Uri, cancellationToken);
        await server.ServesPartitionsAsync(cancellationToken);
        var load = new PostLoad(40, 20);
        await load.RunAsync(server, load.BuildBodies(), cancellationToken);
        using var runner = new AttemptRunner(server.Admin.AdminUri, canaries.Targets, canaries.Secret, Patience);
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(options.Minutes))
        {
            string sql = generator.Next();
            _statements++;
            TimeSpan before = server.HasExited ? TimeSpan.Zero : server.ProcessorTime;
            AttemptResult result = await runner.RunAsync(sql, cancellationToken);
            if (result.Status == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
            if (server.HasExited || result.GaveUp)
            {
                await FaultAsync(server.HasExited ? "the server ended" : "no answer", sql);
                return;
            }

            if (Array.IndexOf(Expected, result.Status) < 0)
                await FaultAsync($"{result.Status} {result.Message}", sql);

            // By processor time as well: on a machine that does other things, what waits is not what works.
            TimeSpan worked = server.ProcessorTime - before;
            if (result.Elapsed > QueryTimeout + Grace && worked > Grace)
                await FaultAsync(string.Create(CultureInfo.InvariantCulture, $"{result.Elapsed.TotalSeconds:F1} s, {worked.TotalSeconds:F1} s of processor time"), sql);
        }

        if (await server.Sql.CountAsync(cancellationToken) != load.Rows)
            await FaultAsync("rows are missing afterwards", "select count(*) from state");
        if (canaries.Fault() is { } made)
            await FaultAsync(made, "");
    }

    private Task FaultAsync(string fault, string sql)
    {
        _faults++;
        return output.WriteLineAsync($"  FAULT {fault}: {sql}");
    }
}
