using System.Net;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>querylimits</c>.</summary>
/// <param name="Load">What is loaded first.</param>
/// <param name="Repeats">How often in a row a query that does not fit is asked.</param>
internal sealed record QueryLimitsOptions(PostLoad Load, int Repeats)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static QueryLimitsOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "posts", "keys", "repeats");
        return new QueryLimitsOptions(
            new PostLoad(options.Number("posts", 2000), options.Number("keys", 500)), options.Number("repeats", 20));
    }
}

/// <summary>Queries under a small query engine: what must fit does, what does not fit gets 507 and the process lives.</summary>
internal sealed class QueryLimitsScenario(QueryLimitsOptions options, TextWriter output)
{
    // Small enough that a query that spills without end is stopped in seconds.
    private const string SpillLimit = "admin.query-engine.tmp-dir-size-limit=1 GiB";

    private static readonly (string Name, string Sql)[] FitsIn64 =
    [
        ("group by service_key", "select service_key, count(*) as n, sum(value_length) as bytes from state group by service_key"),
        ("top-n", "select service_key, key, value_length from state order by value_length desc, service_key, key limit 100"),
        ("full sort", "select service_key, key from state order by service_key, key"),
        ("self join count", "select count(*) as n from state a join state b on a.service_key = b.service_key and a.key = b.key"),
    ];

    private static readonly (string Name, string Sql)[] FitsIn256 =
    [
        .. FitsIn64,
        ("distinct", "select distinct service_key, key from state"),
        ("window", "select service_key, key, row_number() over (partition by service_key order by key) as r from state"),
        ("union", "select service_key, key from state union select key, service_key from state"),
        ("group by all", "select service_name, service_key, key, value, count(*) as n from state group by service_name, service_key, key, value"),
    ];

    // Every pair of keys of every object: more rows than any budget here holds, and more than the spill limit.
    private static readonly (string Name, string Sql) FitsNowhere =
        ("distinct pairs", "select count(*) as n from (select distinct a.value as v, b.value as w from state a join state b on a.service_key = b.service_key) t");

    /// <exception cref="ScenarioException">A query that must fit failed, one that cannot got no 507, or the process ended.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        await using (ServerProcess small = await StartAsync(folder, "64 MiB", cancellationToken))
        {
            await small.Admin.RegisterAsync(service.Uri, cancellationToken);
            await options.Load.RunAsync(small, options.Load.BuildBodies(), cancellationToken);
            await RequireFitAsync(small, "64 MiB", FitsIn64, cancellationToken);
            foreach ((string name, string sql) in FitsIn256)
                await FitsOrSaysSoAsync(small, name, sql, cancellationToken);
            await RepeatRefusedAsync(small, cancellationToken);
            ScenarioException.Require(await small.StopAsync(cancellationToken) == 0, "the server did not stop with exit code 0");
        }

        await using ServerProcess large = await StartAsync(folder, "256 MiB", cancellationToken);
        await RequireFitAsync(large, "256 MiB", FitsIn256, cancellationToken);
        await RepeatRefusedAsync(large, cancellationToken);
        ScenarioException.Require(await large.StopAsync(cancellationToken) == 0, "the server did not stop with exit code 0");
    }

    private static Task<ServerProcess> StartAsync(TemporaryFolder folder, string size, CancellationToken cancellationToken) =>
        ServerProcess.StartOursAsync(
            folder.Path, cancellationToken, "--set", "admin.query-engine.memory-size=" + size, "--set", SpillLimit);

    private async Task RequireFitAsync(
        ServerProcess server, string size, (string Name, string Sql)[] queries, CancellationToken cancellationToken)
    {
        foreach ((string name, string sql) in queries)
        {
            (HttpStatusCode status, string error) = await server.Sql.StatusAsync(sql, cancellationToken);
            ScenarioException.Require(status == HttpStatusCode.OK, $"{name} at {size}: {(int)status} {error}, expected 200");
            await output.WriteLineAsync($"querylimits {size}: {name} fits, RSS {Rss(server)}");
        }
    }

    private async Task<HttpStatusCode> FitsOrSaysSoAsync(ServerProcess server, string name, string sql, CancellationToken cancellationToken)
    {
        (HttpStatusCode status, string error) = await server.Sql.StatusAsync(sql, cancellationToken);
        ScenarioException.Require(
            status == HttpStatusCode.OK
            || (status == HttpStatusCode.InsufficientStorage && error.Contains("admin.query-engine.memory-size", StringComparison.Ordinal)),
            $"{name}: {(int)status} {error}, expected 200, or 507 naming admin.query-engine.memory-size");
        ScenarioException.Require(!server.HasExited, $"the server ended at {name}\n{server.Output}");
        await output.WriteLineAsync($"querylimits: {name} {(int)status}, RSS {Rss(server)}");
        return status;
    }

    private async Task RepeatRefusedAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        for (int i = 0; i < options.Repeats; i++)
        {
            HttpStatusCode status = await FitsOrSaysSoAsync(server, FitsNowhere.Name, FitsNowhere.Sql, cancellationToken);
            ScenarioException.Require(status == HttpStatusCode.InsufficientStorage, $"{FitsNowhere.Name} got {(int)status}, expected 507");
            long rows = await server.Sql.CountAsync(cancellationToken);
            ScenarioException.Require(rows == options.Load.Rows, $"{rows} rows after a refused query, expected {options.Load.Rows}");
        }
    }

    private static string Rss(ServerProcess server) => ProcessMemory.Mebibytes(ProcessMemory.ResidentBytes(server.Id));
}
