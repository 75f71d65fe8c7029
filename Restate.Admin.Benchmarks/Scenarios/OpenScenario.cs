using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>open</c>.</summary>
/// <param name="Partitions">Partitions of the server.</param>
/// <param name="Objects">Objects in each of them, with a state of 1 KiB.</param>
/// <param name="Seconds">Longest start to all partitions open; 0: any.</param>
internal sealed record OpenOptions(int Partitions, int Objects, int Seconds)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static OpenOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "partitions", "objects", "seconds");
        return new OpenOptions(
            options.Number("partitions", 1024), options.Number("objects", 4), options.Number("seconds", 20, minimum: 0));
    }
}

/// <summary>
/// Starts a node with many partitions: on nothing, on data of a graceful stop, and on data of a kill, whose logs are replayed. Says how
/// long each takes and what the process then holds, and holds the figures to the ledger.
/// </summary>
internal sealed class OpenScenario(OpenOptions options, TextWriter output)
{
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(20);

    /// <exception cref="ScenarioException">A start took too long, memory is outside the ledger, or data is missing.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        string[] keys = Keys();
        await using (ServerProcess server = await StartAsync("new", folder, cancellationToken))
        {
            await server.Admin.RegisterAsync(service.Uri, cancellationToken);
            await PostAsync(server, keys, cancellationToken);
            long started = Stopwatch.GetTimestamp();
            int code = await server.StopAsync(cancellationToken);
            ScenarioException.Require(code == 0, $"SIGTERM: exit code {code}, expected 0\n{server.Output}");
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"  SIGTERM to exit, flushing {keys.Length} objects: {Stopwatch.GetElapsedTime(started).TotalSeconds:F2} s"));
        }

        await using (ServerProcess server = await StartAsync("after a stop", folder, cancellationToken))
        {
            await CountAsync(server, keys.Length, cancellationToken);
            await PostAsync(server, keys, cancellationToken);
            await server.KillAsync();
        }

        await using (ServerProcess server = await StartAsync("after a kill", folder, cancellationToken))
            await CountAsync(server, keys.Length, cancellationToken);
    }

    private async Task<ServerProcess> StartAsync(string name, TemporaryFolder folder, CancellationToken cancellationToken)
    {
        ServerProcess server = await ServerProcess.StartOursAsync(
            folder.Path, cancellationToken, "--default-num-partitions", options.Partitions.ToString(CultureInfo.InvariantCulture));
        try
        {
            while (await server.Admin.MetricAsync("restate_partition_store_num_open", cancellationToken) != options.Partitions)
            {
                ScenarioException.Require(!server.HasExited, $"the server ended\n{server.Output}");
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }

            TimeSpan open = server.Age;
            OpenSample sample = await SettleAsync(server, cancellationToken);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{options.Partitions} partitions, {name}: /health after {server.Startup.TotalSeconds:F2} s, all open after {open.TotalSeconds:F2} s"));
            await output.WriteLineAsync($"  {sample}");
            ScenarioException.Require(
                options.Seconds == 0 || open.TotalSeconds <= options.Seconds, $"all partitions were open after {open.TotalSeconds:F1} s, expected {options.Seconds} s");
            ScenarioException.Require(sample.Untracked <= sample.UntrackedAllowed, $"the ledger does not explain the memory: {sample}");
            ScenarioException.Require(sample.Anonymous <= sample.Planned, $"the process holds more than its ledger plans for: {sample}");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until memory is within the ledger: what opening took beside it is given back at ticks of the controller.</summary>
    /// <returns>The last look.</returns>
    private async Task<OpenSample> SettleAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            OpenSample sample = await OpenSample.TakeAsync(server, options.Partitions, cancellationToken);
            if (sample.IsWithinLedger || Stopwatch.GetElapsedTime(started) > SettlePatience)
                return sample;
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    /// <summary>As many object keys in every partition.</summary>
    private string[] Keys()
    {
        KeyRange[] ranges = KeyRange.Split(options.Partitions);
        int[] missing = [.. Enumerable.Repeat(options.Objects, options.Partitions)];
        var keys = new List<string>();
        for (int number = 0; keys.Count < options.Objects * options.Partitions; number++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"object-{number}");
            ulong place = PartitionKey.Of(key);
            int partition = Array.FindIndex(ranges, range => range.Contains(place));
            if (missing[partition]-- > 0)
                keys.Add(key);
        }

        return [.. keys];
    }

    private static Task PostAsync(ServerProcess server, string[] keys, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        keys,
        new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
        async (key, token) =>
        {
            string value = string.Join(',', Enumerable.Repeat("120", 1024));
            HttpStatusCode status = await server.Admin.PostStateAsync(
                Encoding.UTF8.GetBytes($$$"""{"object_key":"{{{key}}}","new_state":{"value":[{{{value}}}]}}"""), token);
            ScenarioException.Require(status == HttpStatusCode.Accepted, $"a state post got {(int)status}, expected 202");
        });

    private static async Task CountAsync(ServerProcess server, int expected, CancellationToken cancellationToken)
    {
        long rows = await server.Sql.CountAsync(cancellationToken);
        ScenarioException.Require(rows == expected, $"SQL shows {rows} rows, expected {expected}");
    }
}
