using System.Runtime.InteropServices;
using BenchmarkDotNet.Running;
using Restate.Admin.Benchmarks.Attempts;
using Restate.Admin.Benchmarks.Clients;
using Restate.Admin.Benchmarks.Fuzz;
using Restate.Admin.Benchmarks.Hostile;
using Restate.Admin.Benchmarks.Scenarios;
using Restate.Admin.Benchmarks.SideBySide;
using Restate.Admin.Benchmarks.Soak;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks;

internal static class Program
{
    private const int Failed = 1;
    private const int BadUsage = 2;

    private static async Task<int> Main(string[] args)
    {
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, stop);
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, stop);
        try
        {
            return await RunAsync(args, stop.Token);
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return BadUsage;
        }
        catch (Exception e) when (e is ScenarioException or SqlException or HttpRequestException or OperationCanceledException or IOException)
        {
            await Console.Error.WriteLineAsync($"FAILED: {e.Message}");
            return Failed;
        }
    }

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        TextWriter output = Console.Out;
        Span<string> rest = args.AsSpan(Math.Min(1, args.Length));
        switch (args.FirstOrDefault())
        {
            case "sidebyside":
                return await new SideBySideCommand(SideBySideOptions.Parse(rest), output).RunAsync(cancellationToken) ? 0 : Failed;
            case "crash":
                await new CrashScenario(CrashOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "memory":
                await new MemoryScenario(MemoryOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "lowering":
                await new LoweringScenario(LoweringOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "churn":
                await new ChurnScenario(ChurnOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "lookups":
                await new LookupScenario(LookupOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "latency":
                await new LatencyScenario(LatencyOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "open":
                await new OpenScenario(OpenOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "replay":
                await new ReplayScenario(ReplayOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "ticks":
                await new TicksScenario(TicksOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "soak":
                await new SoakCommand(SoakOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "writepath":
                await new WritePathScenario(WritePathOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "clients":
                await new ClientsScenario(ClientsOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "querylimits":
                await new QueryLimitsScenario(QueryLimitsOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "attempts":
                await new AttemptsScenario(AttemptsOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "hostile":
                await new HostileScenario(HostileOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            case "fuzz":
                await new FuzzScenario(FuzzOptions.Parse(rest), output).RunAsync(cancellationToken);
                return 0;
            default:
                // In this process: the program that BenchmarkDotNet would build for itself cannot see its library through this project, which
                // keeps it from the tests.
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. args, "--inProcess"]);
                return 0;
        }
    }

    // The first signal lets every scenario dispose its processes; a second one ends this program at once.
    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        });
}
