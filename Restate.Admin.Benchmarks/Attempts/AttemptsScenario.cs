using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>
/// Every attempt of <see cref="AttemptList"/> and <see cref="BodyAttempt"/> against a loaded server, several at once, while state is posted:
/// outcome, time past the limit, memory over the baseline, and what posts feel of it.
/// </summary>
/// <param name="options">What to run.</param>
/// <param name="output">Where the report goes.</param>
/// <param name="isTimed">False on a machine too busy to measure on: late ends and memory are then reported only; what hangs, ends or answers otherwise is a fault all the same.</param>
internal sealed class AttemptsScenario(AttemptsOptions options, TextWriter output, bool isTimed = true)
{
    private const int PostedObjects = 64;

    /// <summary>Longer than any attempt may take, and short enough not to wait for a server that has stopped answering.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Segment = TimeSpan.FromSeconds(5);

    private readonly byte[][] _posts =
        [.. Enumerable.Range(0, PostedObjects).Select(i => Encoding.UTF8.GetBytes($"{{\"object_key\":\"posted-{i}\",\"new_state\":{{\"n\":\"{i}\"}}}}"))];

    /// <summary>Runs it.</summary>
    /// <exception cref="ScenarioException">An attempt on our server did what it must not.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        AttemptsReport? ours = null;
        if (options.Ours)
        {
            ours = await RunAsync("ours", service, StartOursAsync, cancellationToken);
            await ours.WriteAsync();
        }

        if (options.Peer)
        {
            PeerInstall peer = PeerInstall.At(options.PeerDirectory);
            await peer.EnsureAsync(cancellationToken);
            AttemptsReport theirs = await RunAsync("peer", service, (folder, token) => StartPeerAsync(peer, folder, token), cancellationToken);
            await theirs.WriteAsync();
        }

        ScenarioException.Require(ours is null or { Faults.Count: 0 }, $"{ours?.Faults.Count} faults, the first: {ours?.Faults.FirstOrDefault()}");
    }

    private Task<ServerProcess> StartOursAsync(string folder, CancellationToken cancellationToken) => ServerProcess.StartOursAsync(
        folder,
        cancellationToken,
        "--set", $"admin.query-engine.memory-size={options.Pool.ToExactString()}",
        "--set", $"admin.query-engine.query-timeout={options.TimeoutText}",
        "--set", "rocksdb-total-memory-size=256 MiB");

    private async Task<ServerProcess> StartPeerAsync(PeerInstall peer, string folder, CancellationToken cancellationToken)
    {
        string file = Path.Combine(folder, "attempts.toml");
        await File.WriteAllTextAsync(
            file,
            $"rocksdb-total-memory-size = \"256 MiB\"\n[admin.query-engine]\nmemory-size = \"{options.Pool.ToExactString()}\"\n",
            cancellationToken);
        return await ServerProcess.StartPeerAsync(peer, folder, cgroup: null, cancellationToken, "--config-file", file);
    }

    private async Task<AttemptsReport> RunAsync(
        string name, SdkService service, Func<string, CancellationToken, Task<ServerProcess>> start, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        using var canaries = new AttemptCanaries(Path.Combine(folder.Path, "n1", "query-tmp"));
        var report = new AttemptsReport(name, options.Timeout, options.Pool.ToInt64(), isTimed, TextWriter.Synchronized(output));
        bool isLoaded = false;
        var left = new ConcurrentQueue<Attempt>(options.Attempts());
        var bodies = new ConcurrentQueue<BodyAttempt>(options.Kind is null ? BodyAttempt.All : []);
        while (!left.IsEmpty || !bodies.IsEmpty)
        {
            await using ServerProcess server = await start(folder.Path, cancellationToken);
            if (!isLoaded)
            {
                await server.Admin.RegisterAsync(service.Uri, cancellationToken);
                await server.ServesPartitionsAsync(cancellationToken);
                await options.Load.RunAsync(server, options.Load.BuildBodies(), cancellationToken);
                foreach (byte[] post in _posts)
                    await server.Admin.PostStateAsync(post, cancellationToken);
                isLoaded = true;
            }

            await server.ServesPartitionsAsync(cancellationToken);
            await using var memory = new MemoryWatch(server);
            if (report.QuietPosts.Length == 0)
                report.QuietPosts = await QuietAsync(server, report, cancellationToken);
            long baseline = memory.PeakSince(0);
            var running = new Running(server, memory, baseline, canaries, report);
            await UnderPostsAsync(running, left, bodies, cancellationToken);
            if (server.HasExited)
                continue;
            await CheckAsync(running, cancellationToken);
            await StopAsync(server, report, cancellationToken);
        }

        return report;
    }

    private static async Task StopAsync(ServerProcess server, AttemptsReport report, CancellationToken cancellationToken)
    {
        try
        {
            int exit = await server.StopAsync(cancellationToken);
            if (exit != 0)
                report.Fault($"the server stopped with {exit}");
        }
        catch (ScenarioException e)
        {
            report.Fault(e.Message);
        }
    }

    private async Task<double[]> QuietAsync(ServerProcess server, AttemptsReport report, CancellationToken cancellationToken)
    {
        OpenLoop quiet = Posts(server);
        await quiet.RunAsync(TimeSpan.FromSeconds(Math.Max(1, options.QuietSeconds / 5)), TimeSpan.FromSeconds(options.QuietSeconds), cancellationToken);
        report.RefusedPosts += quiet.Refused;
        return quiet.Milliseconds;
    }

    private async Task UnderPostsAsync(
        Running running, ConcurrentQueue<Attempt> left, ConcurrentQueue<BodyAttempt> bodies, CancellationToken cancellationToken)
    {
        Task attempts = Task.WhenAll(Enumerable.Range(0, options.Concurrency).Select(_ => WorkAsync(running, left, bodies, cancellationToken)));
        var times = new List<double>();
        while (!attempts.IsCompleted && !running.Server.HasExited)
        {
            OpenLoop posts = Posts(running.Server);
            await posts.RunAsync(TimeSpan.Zero, Segment, cancellationToken);
            running.Report.RefusedPosts += posts.Refused;
            times.AddRange(posts.Milliseconds);
        }

        await attempts;
        running.Report.BusyPosts = [.. running.Report.BusyPosts.Concat(times).Order()];
    }

    private OpenLoop Posts(ServerProcess server) => new(options.Rate, async (number, token) =>
    {
        try
        {
            return await server.Admin.PostStateAsync(_posts[number % _posts.Length], token) == HttpStatusCode.Accepted;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    });

    private async Task WorkAsync(
        Running running, ConcurrentQueue<Attempt> left, ConcurrentQueue<BodyAttempt> bodies, CancellationToken cancellationToken)
    {
        using var runner = new AttemptRunner(running.Server.Admin.AdminUri, running.Canaries.Targets, running.Canaries.Secret, options.Timeout + Grace);
        while (!running.Server.HasExited)
        {
            long started = Stopwatch.GetTimestamp();
            if (left.TryDequeue(out Attempt? attempt))
            {
                AttemptResult result = await runner.RunAsync(attempt.Sql, cancellationToken);
                await NoteAsync(running, $"{attempt}", result, result.Fault(attempt, running.Canaries.Targets), started);
            }
            else if (bodies.TryDequeue(out BodyAttempt? body))
            {
                AttemptResult result = await runner.RunAsync(body, cancellationToken);
                await NoteAsync(running, $"body: {body.Name}", result, result.Fault(body), started);
            }
            else
            {
                return;
            }
        }
    }

    private static async Task NoteAsync(Running running, string name, AttemptResult result, string? fault, long started)
    {
        long grown = running.Memory.GrownSince(started);

        // Its slot may be lost for good, which would spoil all that comes after: the next attempts get a fresh server. Where there was
        // no answer for another reason, the process may be ending just now.
        if (result.GaveUp && !running.Server.HasExited)
        {
            running.IsReplaced = true;
            await running.Server.KillAsync();
        }
        else if (result.Status == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }

        if (running.IsReplaced && result.Status == 0 && !result.GaveUp)
            return;
        running.Report.Note(name, result, fault, running.Memory.PeakSince(started) - running.Baseline, grown);
        if (running.Server.HasExited && !running.IsReplaced)
            running.Report.Death(running.Memory.HasKilled ? $"{name} (ended from outside, for taking the machine's memory)" : name);
    }

    private async Task CheckAsync(Running running, CancellationToken cancellationToken)
    {
        try
        {
            long rows = await running.Server.Sql.CountAsync(cancellationToken);
            long expected = options.Load.Rows + PostedObjects;
            if (rows != expected)
                running.Report.Fault($"{rows} rows afterwards, expected {expected}");
        }
        catch (SqlException e)
        {
            running.Report.Fault($"counting afterwards: {(int)e.Status} {e.Body}");
        }

        if (running.Server.Name == "ours" && await running.Server.Admin.MetricAsync("restate_queries_running", cancellationToken) is not 0)
            running.Report.Fault("queries still run afterwards");
        if (running.Canaries.Fault() is { } made)
            running.Report.Fault(made);
    }

    private sealed record Running(
        ServerProcess Server, MemoryWatch Memory, long Baseline, AttemptCanaries Canaries, AttemptsReport Report)
    {
        /// <summary>True once the server was ended from here, for an attempt that did not end.</summary>
        internal bool IsReplaced { get; set; }
    }
}
