using System.Globalization;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>lookups</c>.</summary>
/// <param name="Load">What is loaded at first.</param>
/// <param name="Factor">How many times as much there is for the second reading; 1 leaves it out.</param>
/// <param name="Rounds">Requests of each kind, each for other keys.</param>
internal sealed record LookupOptions(PostLoad Load, int Factor, int Rounds)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static LookupOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "posts", "keys", "factor", "rounds");
        return new LookupOptions(
            new PostLoad(options.Number("posts", 2000), options.Number("keys", 500)), options.Number("factor", 10), options.Number("rounds", 300));
    }
}

/// <summary>Lookups by key, every one for other keys, over a store and over one several times as large.</summary>
internal sealed class LookupScenario(LookupOptions options, TextWriter output)
{
    /// <summary>Requests before the first that counts: the runtime compiles a path anew after some dozens of calls.</summary>
    private const int WarmUpRounds = 150;

    private const int ListLength = 100;

    private static readonly Lookup[] Lookups =
    [
        new("full key", (random, load) =>
            $"select value_utf8, value, value_length from state where service_name = '{SdkService.ObjectName}' and service_key = '{AnObject(random, load)}' and key = '{AKey(random, load)}'"),
        new("service_key", (random, load) => $"select key, value_utf8 from state where service_key = '{AnObject(random, load)}' order by key"),
        new("nobody's key", (random, _) => $"select key, value_utf8 from state where service_key = 'nobody-{random.Next()}'"),
        new("joined", (random, load) =>
            $"select s.name, count(*) as n from sys_service s join state on state.service_name = s.name where state.service_key = '{AnObject(random, load)}' group by s.name"),
        new($"IN ({ListLength} keys)", (random, load) =>
            $"select service_key, count(*) as n, sum(value_length) as bytes from state where service_key in ({string.Join(", ", Enumerable.Range(0, ListLength).Select(_ => $"'{AnObject(random, load)}'"))}) group by service_key"),
    ];

    /// <exception cref="ScenarioException">A request failed, or the server did not stop well.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        await using ServerProcess server = await ServerProcess.StartOursAsync(folder.Path, cancellationToken);
        await server.Admin.RegisterAsync(service.Uri, cancellationToken);
        await options.Load.RunAsync(server, options.Load.BuildBodies(), cancellationToken);
        Dictionary<string, double> before = await MeasureAsync(server, options.Load, cancellationToken);
        if (options.Factor > 1)
        {
            PostLoad larger = options.Load with { Posts = options.Load.Posts * options.Factor };
            await larger.RunInSlicesAsync(server, cancellationToken);
            Dictionary<string, double> after = await MeasureAsync(server, larger, cancellationToken);
            await output.WriteLineAsync();
            foreach ((string name, double median) in after)
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name}: {larger.Rows} rows take {median / before[name]:F2} times as long as {options.Load.Rows}"));
        }

        ScenarioException.Require(await server.StopAsync(cancellationToken) == 0, "the server did not stop with exit code 0");
    }

    private static string AnObject(Random random, PostLoad load) => PostLoad.ObjectKey(random.Next(load.Posts));

    private static string AKey(Random random, PostLoad load) => PostLoad.StateKey(random.Next(load.Keys));

    private async Task<Dictionary<string, double>> MeasureAsync(ServerProcess server, PostLoad load, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync($"\n| lookup, ms over {load.Rows} rows | median | p90 | p99 |\n|---|---:|---:|---:|");
        var medians = new Dictionary<string, double>();
        foreach (Lookup lookup in Lookups)
        {
            // The same keys each time it is run.
            var random = new Random(options.Rounds);
            var times = new List<double>();
            for (int round = -WarmUpRounds; round < options.Rounds; round++)
            {
                TimeSpan taken = await server.Sql.TimeAsync(lookup.Sql(random, load), AnswerFormat.Json, cancellationToken);
                if (round >= 0)
                    times.Add(taken.TotalMilliseconds);
            }

            times.Sort();
            medians[lookup.Name] = times[times.Count / 2];
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"| {lookup.Name} | {times[times.Count / 2]:F2} | {times[times.Count * 9 / 10]:F2} | {times[times.Count * 99 / 100]:F2} |"));
        }

        return medians;
    }

    private sealed record Lookup(string Name, Func<Random, PostLoad, string> Sql);
}
