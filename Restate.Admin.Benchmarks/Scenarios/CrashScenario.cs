using System.Globalization;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>crash</c>.</summary>
/// <param name="Rounds">Kills.</param>
/// <param name="Objects">Objects written at once.</param>
/// <param name="Keys">Keys in each post.</param>
/// <param name="Partitions">Partitions of the server.</param>
/// <param name="Seed">Fixes the moments of the kills.</param>
internal sealed record CrashOptions(int Rounds, int Objects, int Keys, int Partitions, int Seed)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static CrashOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "rounds", "objects", "keys", "partitions", "seed");
        return new CrashOptions(
            options.Number("rounds", 10),
            options.Number("objects", 64),
            options.Number("keys", 500),
            options.Number("partitions", 24),
            options.Number("seed", Random.Shared.Next(1, int.MaxValue)));
    }
}

/// <summary>
/// Kills the server (SIGKILL) at a random moment under concurrent posts and starts it again on the same folder: every
/// acknowledged post must be there and whole, and no post in part.
/// </summary>
internal sealed class CrashScenario(CrashOptions options, TextWriter output)
{
    private const int LatestKillMilliseconds = 2000;

    /// <exception cref="ScenarioException">A post was lost or is there in part, or the server did not start again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        var random = new Random(options.Seed);
        var writers = new GenerationWriters(options.Objects, options.Keys);
        string partitions = options.Partitions.ToString(CultureInfo.InvariantCulture);
        await output.WriteLineAsync($"crash: {options.Rounds} rounds, seed {options.Seed}");

        for (int round = 1; round <= options.Rounds; round++)
        {
            await using ServerProcess server =
                await ServerProcess.StartOursAsync(folder.Path, cancellationToken, "--default-num-partitions", partitions);
            if (round == 1)
                await server.Admin.RegisterAsync(service.Uri, cancellationToken);
            else
                await writers.VerifyAsync(server.Sql, cancellationToken);

            Task writing = writers.RunAsync(server.Admin, cancellationToken);
            await writers.WaitForAsync(more: 1, writing, cancellationToken);
            var delay = TimeSpan.FromMilliseconds(random.Next(LatestKillMilliseconds));
            await Task.Delay(delay, cancellationToken);
            await server.KillAsync();
            await writing;
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"round {round}: ready in {server.Startup.TotalMilliseconds:F0} ms, killed {delay.TotalMilliseconds:F0} ms into the posts, {writers.Acknowledged} acknowledged so far"));
        }

        await using ServerProcess last = await ServerProcess.StartOursAsync(folder.Path, cancellationToken);
        await writers.VerifyAsync(last.Sql, cancellationToken);
        int code = await last.StopAsync(cancellationToken);
        ScenarioException.Require(code == 0, $"SIGTERM: exit code {code}, expected 0\n{last.Output}");
        await output.WriteLineAsync($"crash: all {writers.Acknowledged} acknowledged posts survived {options.Rounds} kills, none in part");
    }
}
