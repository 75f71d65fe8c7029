using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>A running server, ours or the peer: a process of its own with its own base folder and free ports.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);

    /// <summary>Starts of the peer, which is given ports that were free a moment before.</summary>
    private const int PeerStarts = 3;

    /// <summary>What the peer's message has when somebody listens on a port that it is to listen on.</summary>
    private const string AddressInUse = "(os error 98)";

    private readonly ChildProcess _child;

    private ServerProcess(string name, ChildProcess child, Uri admin, Uri node)
    {
        Name = name;
        _child = child;
        Admin = new AdminClient(admin, node);
        Sql = new SqlClient(admin);
    }

    /// <summary>What reports call it.</summary>
    public string Name { get; }

    public AdminClient Admin { get; }

    public SqlClient Sql { get; }

    public int Id => _child.Id;

    public bool HasExited => _child.HasExited;

    public string Output => _child.Output;

    /// <summary>Processor time it has used.</summary>
    public TimeSpan ProcessorTime => _child.ProcessorTime;

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code; 128 + signal for one ended by a signal.</returns>
    public Task<int> WaitAsync(CancellationToken cancellationToken) => _child.WaitAsync(cancellationToken);

    /// <summary>Time since exec.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_child.StartedAt);

    /// <summary>From exec to the first 200 of <c>/health</c>.</summary>
    public TimeSpan Startup { get; private set; }

    /// <summary>Starts our server and waits for <c>/health</c>.</summary>
    /// <exception cref="ScenarioException">It ended, or was not healthy in time; the message holds its output.</exception>
    public static Task<ServerProcess> StartOursAsync(
        string baseDirectory, CancellationToken cancellationToken, params string[] more) =>
        StartOursAsync(baseDirectory, cgroup: null, environment: null, cancellationToken, more);

    /// <summary>Starts our server with environment variables and waits for <c>/health</c>.</summary>
    /// <exception cref="ScenarioException">It ended, or was not healthy in time; the message holds its output.</exception>
    public static Task<ServerProcess> StartOursAsync(
        string baseDirectory, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken, params string[] more) =>
        StartOursAsync(baseDirectory, cgroup: null, environment, cancellationToken, more);

    /// <summary>Starts our server inside a memory cgroup and waits for <c>/health</c>.</summary>
    /// <exception cref="ScenarioException">It ended, or was not healthy in time; the message holds its output.</exception>
    public static Task<ServerProcess> StartOursAsync(
        string baseDirectory, MemoryCgroup? cgroup, CancellationToken cancellationToken, params string[] more) =>
        StartOursAsync(baseDirectory, cgroup, environment: null, cancellationToken, more);

    private static async Task<ServerProcess> StartOursAsync(
        string baseDirectory,
        MemoryCgroup? cgroup,
        IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellationToken,
        string[] more)
    {
        var addresses = new TaskCompletionSource<(Uri Admin, Uri Node)>(TaskCreationOptions.RunContinuationsAsynchronously);
        ChildProcess child = ChildProcess.Start(
            Repository.DotnetHost(),
            [Repository.ServerProgram(), .. OurArguments(baseDirectory, more)],
            environment,
            cgroup: cgroup,
            onLine: line => Announced(line, addresses));
        Task ended = child.WaitAsync(cancellationToken);
        if (await Task.WhenAny(addresses.Task, ended, Task.Delay(StartPatience, cancellationToken)) != addresses.Task)
            throw await FailedAsync("our server", child);
        (Uri admin, Uri node) = await addresses.Task;
        return await HealthyAsync(new ServerProcess("ours", child, admin, node), cancellationToken);
    }

    /// <summary>Starts our program without waiting for anything: for starts that are expected to fail.</summary>
    public static ChildProcess Launch(string baseDirectory, Action<string>? onLine, params string[] more) =>
        LaunchBare(environment: null, onLine, OurArguments(baseDirectory, more));

    /// <summary>Starts our program with these arguments and environment variables and no others that it would read.</summary>
    public static ChildProcess LaunchBare(
        IReadOnlyDictionary<string, string>? environment, Action<string>? onLine, params string[] arguments) =>
        ChildProcess.Start(Repository.DotnetHost(), [Repository.ServerProgram(), .. arguments], environment, onLine: onLine);

    /// <summary>Starts the peer and waits for <c>/health</c>.</summary>
    /// <exception cref="ScenarioException">It ended, or was not healthy in time; the message holds its output.</exception>
    public static Task<ServerProcess> StartPeerAsync(PeerInstall peer, string baseDirectory, CancellationToken cancellationToken) =>
        StartPeerAsync(peer, baseDirectory, cgroup: null, cancellationToken);

    /// <summary>Starts the peer inside a memory cgroup and waits for <c>/health</c>.</summary>
    /// <exception cref="ScenarioException">It ended, or was not healthy in time; the message holds its output.</exception>
    public static async Task<ServerProcess> StartPeerAsync(
        PeerInstall peer, string baseDirectory, MemoryCgroup? cgroup, CancellationToken cancellationToken, params string[] more)
    {
        for (int start = 1; ; start++)
        {
            try
            {
                return await StartPeerOnceAsync(peer, baseDirectory, cgroup, more, cancellationToken);
            }
            catch (ScenarioException e) when (start < PeerStarts && e.Message.Contains(AddressInUse, StringComparison.Ordinal))
            {
                // Somebody took one of the free ports before the peer did; the next start looks for others.
            }
        }
    }

    private static async Task<ServerProcess> StartPeerOnceAsync(
        PeerInstall peer, string baseDirectory, MemoryCgroup? cgroup, string[] more, CancellationToken cancellationToken)
    {
        int[] ports = FreePorts(3);
        ChildProcess child = ChildProcess.Start(
            peer.ServerProgram,
            [
                "--base-dir", baseDirectory, "--node-name", "n1", "--bind-address", $"127.0.0.1:{ports[0]}",
                "--listen-mode", "tcp", "--no-logo", "--log-disable-ansi-codes", "true", "--log-filter", "warn",
                .. more,
            ],
            new Dictionary<string, string>
            {
                ["RESTATE_ADMIN__BIND_ADDRESS"] = $"127.0.0.1:{ports[1]}",
                ["RESTATE_INGRESS__BIND_ADDRESS"] = $"127.0.0.1:{ports[2]}",
                ["DO_NOT_TRACK"] = "1",
            },
            cgroup: cgroup);
        var server = new ServerProcess(
            "peer", child, new Uri($"http://127.0.0.1:{ports[1]}"), new Uri($"http://127.0.0.1:{ports[0]}"));
        return await HealthyAsync(server, cancellationToken);
    }

    /// <summary>Waits until SQL reaches every partition: a server that is healthy may still be opening some, and the peer answers 500 then.</summary>
    /// <exception cref="SqlException">It does not for a minute.</exception>
    public async Task ServesPartitionsAsync(CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await Sql.RowsOnceAsync("select count(*) as n from sys_invocation_status", cancellationToken);
                return;
            }
            catch (SqlException) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }

    /// <summary>Stops with SIGTERM and returns the exit code.</summary>
    public Task<int> StopAsync(CancellationToken cancellationToken) => _child.StopAsync(StopPatience, cancellationToken);

    /// <summary>Sends it a signal.</summary>
    public void Signal(int signal) => _child.Signal(signal);

    /// <summary>Ends it with SIGKILL.</summary>
    public Task KillAsync() => _child.KillAsync();

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        Sql.Dispose();
        await _child.DisposeAsync();
    }

    /// <summary>Ports nobody listens on now; taken together so that they differ.</summary>
    public static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }

    private static string[] OurArguments(string baseDirectory, string[] more) =>
    [
        "--base-dir", baseDirectory, "--node-name", "n1", "--bind-address", "127.0.0.1:0", "--admin-bind-address", "127.0.0.1:0", .. more,
    ];

    private static async Task<ServerProcess> HealthyAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        try
        {
            while (!await server.Admin.IsHealthyAsync(cancellationToken))
            {
                if (server.HasExited || Stopwatch.GetElapsedTime(server._child.StartedAt) > StartPatience)
                    throw await FailedAsync(server.Name, server._child);
                await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        server.Startup = Stopwatch.GetElapsedTime(server._child.StartedAt);
        return server;
    }

    private static async Task<ScenarioException> FailedAsync(string name, ChildProcess child)
    {
        string end = child.HasExited
            ? $"ended with exit code {await child.WaitAsync(CancellationToken.None)}"
            : $"was not ready within {StartPatience.TotalSeconds} s";
        string output = child.Output;
        await child.DisposeAsync();
        return new ScenarioException($"{name} {end}\n{output}");
    }

    private static void Announced(string line, TaskCompletionSource<(Uri Admin, Uri Node)> addresses)
    {
        Match match = Listening().Match(line);
        if (match.Success)
            addresses.TrySetResult((new Uri(match.Groups[1].Value), new Uri(match.Groups[2].Value)));
    }

    [GeneratedRegex(@"^listening admin=(\S+) node=(\S+)")]
    private static partial Regex Listening();
}
