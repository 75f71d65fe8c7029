using System.Diagnostics;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Soak;

/// <summary>The load on one server: it goes on over the server's deaths, and what was acknowledged is looked for at its end.</summary>
internal sealed class SoakRun(SoakOptions options, SoakNode node, MemoryCgroup cgroup, Uri service, SoakSampler sampler, TextWriter output)
{
    // 425 keys of 5 characters with 200 bytes each: 90 KB as JSON.
    private const int Keys = 425;
    private const int ValueBytes = 200;
    private const int VerifyAttempts = 3;

    private static readonly TimeSpan BudgetEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ReplayPatience = TimeSpan.FromMinutes(2);

    private readonly GenerationWriters _writers = new(options.Objects, Keys, ValueBytes, tolerant: true);
    private readonly SoakQueries _queries = new(options.QueryClients);
    private bool _registered;
    private long _budgetChanges;
    private long _budgetChangesFailed;
    private int _restarts;
    private SoakSettle? _settle;

    /// <summary>Runs the load and checks what it left.</summary>
    public async Task<SoakResult> RunAsync(CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(node.Duration);
        string? badStop = null;
        TimeSpan elapsed = TimeSpan.Zero;
        while (!end.IsCancellationRequested)
        {
            await using ServerProcess? server = await TryStartAsync(started, cancellationToken);
            bool survived = server is not null && await LoadAsync(server, started, end.Token);
            elapsed = Stopwatch.GetElapsedTime(started);
            if (survived)
                badStop = await CheckAsync(() => SettleAndStopAsync(server!, cancellationToken), cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        long posts = _writers.Acknowledged;
        string? lost = badStop ?? await CheckAsync(() => VerifyAsync(cancellationToken), cancellationToken);
        return new SoakResult(node.Name, elapsed)
        {
            Posts = posts,
            PostStatuses = _writers.Statuses,
            Queries = _queries.Succeeded,
            QueryStatuses = _queries.Statuses,
            LastQueryError = _queries.LastError,
            BudgetChanges = _budgetChanges,
            BudgetChangesFailed = _budgetChangesFailed,
            OomKills = cgroup.OomKills,
            Restarts = _restarts,
            Memory = sampler,
            Settle = _settle,
            Lost = lost,
        };
    }

    private async Task<ServerProcess?> TryStartAsync(long started, CancellationToken cancellationToken)
    {
        ServerProcess? server = null;
        bool ready = false;
        try
        {
            server = await node.StartAsync(cancellationToken);
            if (!_registered)
                await server.Admin.RegisterAsync(service, cancellationToken);
            ready = _registered = true;
            return server;
        }
        catch (Exception e) when ((_registered || cgroup.OomKills > 0) && (e is ScenarioException || IsTransport(e, cancellationToken)))
        {
            // Killed while it replays its log, for example: the next attempt is part of the run.
            await DiedAsync(started, "at its start: " + e.Message);
            await Task.Delay(RestartPause, cancellationToken);
            return null;
        }
        finally
        {
            if (!ready && server is not null)
                await server.DisposeAsync();
        }
    }

    /// <returns>True when the load went on to its end; false when the server ended before.</returns>
    private async Task<bool> LoadAsync(ServerProcess server, long started, CancellationToken end)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(end);
        Task<int> exit = server.WaitAsync(CancellationToken.None);
        Task load = Task.WhenAll(
            _writers.RunAsync(server.Admin, stop.Token),
            QueryAsync(server, stop.Token),
            ChangeBudgetAsync(server, stop.Token),
            sampler.RunAsync(server, TimeProvider.System, started, stop.Token));
        var over = new TaskCompletionSource();
        await using CancellationTokenRegistration ended = end.Register(over.SetResult);
        Task first = await Task.WhenAny(exit, load, over.Task);
        await stop.CancelAsync();
        await load;
        if (first != exit)
            return true;
        await DiedAsync(started, $"with exit code {await exit}");
        return false;
    }

    // Queries of an empty table would be quick and many: they begin when every object is there.
    private async Task QueryAsync(ServerProcess server, CancellationToken stop)
    {
        while (_writers.Acknowledged < options.Objects && !stop.IsCancellationRequested)
            await Task.Delay(RestartPause, CancellationToken.None);
        await _queries.RunAsync(server.Sql, stop);
    }

    private async Task ChangeBudgetAsync(ServerProcess server, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(BudgetEvery);
        try
        {
            for (bool raise = true; await timer.WaitForNextTickAsync(stop); raise = !raise)
            {
                try
                {
                    await node.ChangeBudgetAsync(server, raise ? options.RaisedRocksDb : options.RocksDb, stop);
                    _budgetChanges++;
                }
                catch (Exception e) when (e is ScenarioException || IsTransport(e, stop))
                {
                    _budgetChangesFailed++;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end of the load.
        }
    }

    private async Task DiedAsync(long started, string how)
    {
        _restarts++;
        await output.WriteLineAsync($"soak: {node.Name} ended after {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s {how}; {cgroup.OomKills} OOM kills so far");
    }

    private async Task SettleAndStopAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        if (node.IsOurs)
            _settle = await SoakSettle.WatchAsync(server, cancellationToken);
        await StopAsync(server, cancellationToken);
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        await using ServerProcess restarted = await RestartAsync(cancellationToken);
        await AnswersAsync(restarted, cancellationToken);
        await _writers.VerifyAsync(restarted.Sql, cancellationToken);
        await StopAsync(restarted, cancellationToken);
    }

    /// <returns>What went wrong; null when nothing did.</returns>
    private static async Task<string?> CheckAsync(Func<Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step();
            return null;
        }
        catch (Exception e) when (e is ScenarioException or SqlException || IsTransport(e, cancellationToken))
        {
            return e.Message;
        }
    }

    // A client's own patience ends in a cancellation that nobody asked for.
    private static bool IsTransport(Exception e, CancellationToken asked) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !asked.IsCancellationRequested);

    private async Task<ServerProcess> RestartAsync(CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await node.StartAsync(cancellationToken);
            }
            catch (ScenarioException) when (attempt < VerifyAttempts)
            {
                _restarts++;
            }
        }
    }

    // After /health the peer answers 500 until its partitions have replayed their logs.
    private static async Task AnswersAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await server.Sql.CountAsync(cancellationToken);
                return;
            }
            catch (SqlException) when (Stopwatch.GetElapsedTime(started) < ReplayPatience)
            {
                await Task.Delay(RestartPause, cancellationToken);
            }
        }
    }

    private static async Task StopAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        int code = await server.StopAsync(cancellationToken);
        ScenarioException.Require(code == 0, $"{server.Name}: SIGTERM: exit code {code}, expected 0\n{server.Output}");
    }
}
