using System.Globalization;
using System.Net;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>churn</c>.</summary>
/// <param name="Moves">Closes and opens, together.</param>
/// <param name="Partitions">Partitions of the server.</param>
/// <param name="Objects">Objects written meanwhile.</param>
/// <param name="Keys">Keys in each post.</param>
internal sealed record ChurnOptions(int Moves, int Partitions, int Objects, int Keys)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static ChurnOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "moves", "partitions", "objects", "keys");
        return new ChurnOptions(
            options.Number("moves", 1000, minimum: 2),
            options.Number("partitions", 24),
            options.Number("objects", 48),
            options.Number("keys", 100));
    }
}

/// <summary>Closes and opens partitions while posts and scans go on: nothing acknowledged is lost, no scan sees a post in part, no handle leaks.</summary>
internal sealed class ChurnScenario(ChurnOptions options, TextWriter output)
{
    // Log files that change and tables that a compaction deletes and holds for a moment; a leak of one per move is far above.
    private const int FileAllowance = 24;

    /// <exception cref="ScenarioException">Something was lost, in part, or leaked.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        await using ServerProcess server = await ServerProcess.StartOursAsync(
            folder.Path, cancellationToken, "--default-num-partitions", options.Partitions.ToString(CultureInfo.InvariantCulture));
        await server.Admin.RegisterAsync(service.Uri, cancellationToken);

        var writers = new GenerationWriters(options.Objects, options.Keys);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = writers.RunAsync(server.Admin, stop.Token);
        await writers.WaitForAsync(options.Objects, writing, cancellationToken);
        await MoveAsync(server, options.Partitions, cancellationToken);
        int filesBefore = ProcessMemory.HeldFiles(server.Id);

        Task<(long Answered, long Refused)> scanning = ScanAsync(server, writers, stop.Token);
        await MoveAsync(server, options.Moves / 2, cancellationToken);
        await stop.CancelAsync();
        await writing;
        (long answered, long refused) = await scanning;
        await writers.VerifyAsync(server.Sql, cancellationToken);
        ScenarioException.Require(answered > 0, $"no scan was answered, {refused} were refused");

        int filesAfter = ProcessMemory.HeldFiles(server.Id);
        ScenarioException.Require(
            filesAfter <= filesBefore + FileAllowance, $"{filesAfter} files held after {options.Moves} moves, {filesBefore} before");
        int code = await server.StopAsync(cancellationToken);
        ScenarioException.Require(code == 0, $"SIGTERM: exit code {code}, expected 0\n{server.Output}");
        await output.WriteLineAsync(
            $"churn: {options.Moves} closes and opens; {writers.Acknowledged} posts acknowledged, none lost; "
            + $"{answered} scans answered whole, {refused} refused with 503; files held {filesBefore} -> {filesAfter}");
    }

    private static async Task<(long Answered, long Refused)> ScanAsync(
        ServerProcess server, GenerationWriters writers, CancellationToken stop)
    {
        long answered = 0;
        long refused = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await writers.CheckWholeAsync(server.Sql, CancellationToken.None);
                answered++;
            }
            catch (SqlException e) when (e.Status == HttpStatusCode.ServiceUnavailable)
            {
                refused++;
            }
        }

        return (answered, refused);
    }

    private async Task MoveAsync(ServerProcess server, int closes, CancellationToken cancellationToken)
    {
        for (int i = 0; i < closes; i++)
        {
            int partition = i % options.Partitions;
            await server.Admin.MovePartitionAsync(partition, open: false, cancellationToken);
            await server.Admin.MovePartitionAsync(partition, open: true, cancellationToken);
        }
    }
}
