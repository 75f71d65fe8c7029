using System.Globalization;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Images;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.Containers;

/// <summary>The node's image as a container of 512 MiB, with the settings that docs/containers.md gives for that size.</summary>
internal sealed class NodeContainer : IAsyncDisposable
{
    /// <summary>The limit.</summary>
    public const long LimitBytes = 512L << 20;

    private const string DataFolder = "/restate-data";

    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);

    private readonly IContainer _container;
    private readonly string _name;

    private NodeContainer(IContainer container, string name, Uri admin, Uri node)
    {
        _container = container;
        _name = name;
        Admin = new AdminClient(admin, node);
        Sql = new SqlClient(admin);
    }

    public AdminClient Admin { get; }

    public SqlClient Sql { get; }

    /// <summary>Settings for 512 MiB.</summary>
    public static IReadOnlyDictionary<string, string> SmallBudgets { get; } = new Dictionary<string, string>
    {
        ["RESTATE_DEFAULT_NUM_PARTITIONS"] = "4",
        ["RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE"] = "256 MiB",
        ["RESTATE_ADMIN__QUERY_ENGINE__MEMORY_SIZE"] = "64 MiB",
        ["RESTATE_BIFROST__RECORD_CACHE_MEMORY_SIZE"] = "16 MiB",
        ["RESTATE_LOG_SERVER__ROCKSDB_MEMORY_RATIO"] = "0.47",
    };

    /// <summary>
    /// Starts a container on a volume and waits until the node is healthy. It shares this machine's network, so that it reaches the
    /// endpoint that a test registers; its ports are free ones.
    /// </summary>
    /// <param name="podman">Runs it.</param>
    /// <param name="data">A volume, or a folder of this machine, for its data.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="more">Changes what it is created with.</param>
    public static async Task<NodeContainer> StartAsync(
        PodmanHost podman, string data, CancellationToken cancellationToken, Action<CreateContainerParameters>? more = null)
    {
        int[] ports = ServerProcess.FreePorts(2);
        string name = $"restate-admin-test-{Guid.NewGuid():N}";
        ContainerBuilder builder = new ContainerBuilder(PodmanHost.Image)
            .WithDockerEndpoint(podman.Endpoint)
            .WithImagePullPolicy(PullPolicy.Never)
            .WithCleanUp(false)
            .WithName(name)
            .WithEnvironment(SmallBudgets)
            .WithEnvironment("RESTATE_ADMIN__BIND_ADDRESS", $"127.0.0.1:{ports[0]}")
            .WithEnvironment("RESTATE_BIND_ADDRESS", $"127.0.0.1:{ports[1]}")
            .WithCreateParameterModifier(parameters =>
            {
                HostConfig host = parameters.HostConfig ?? throw new InvalidOperationException("Testcontainers gives no HostConfig");
                host.NetworkMode = "host";
                host.Memory = LimitBytes;
                host.MemorySwap = LimitBytes;
                host.ReadonlyRootfs = true;
                host.CapDrop = ["ALL"];
                more?.Invoke(parameters);
            });
        IContainer container = (Path.IsPathRooted(data) ? builder.WithBindMount(data, DataFolder) : builder.WithVolumeMount(data, DataFolder)).Build();
        var node = new NodeContainer(container, name, Loopback(ports[0]), Loopback(ports[1]));
        try
        {
            await container.StartAsync(cancellationToken);
            await node.WaitForHealthAsync(cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the HEALTHCHECK of the image once, as an engine does every 30 s; returns the exit code.</summary>
    public Task<int> HealthCheckAsync(CancellationToken cancellationToken) =>
        PodmanHost.ExitCodeAsync(cancellationToken, "healthcheck", "run", _container.Id);

    /// <summary>Sends the node a signal.</summary>
    public Task SignalAsync(string signal, CancellationToken cancellationToken) =>
        PodmanHost.PodmanAsync(cancellationToken, "kill", "--signal", signal, _container.Id);

    /// <summary>Reads a field of the container's state.</summary>
    public Task<string> StateAsync(string field, CancellationToken cancellationToken) =>
        PodmanHost.AnswerAsync(cancellationToken, "inspect", "--format", "{{.State." + field + "}}", _container.Id);

    /// <summary>Runs a program in the container.</summary>
    public Task<ExecResult> ExecuteAsync(string[] command, CancellationToken cancellationToken) => _container.ExecAsync(command, cancellationToken);

    /// <summary>Stops the container as an operator does and returns the exit code of the node.</summary>
    public async Task<long> StopAsync(CancellationToken cancellationToken)
    {
        await PodmanHost.PodmanAsync(cancellationToken, "stop", "--time", "60", _container.Id);
        return await ExitCodeAsync(cancellationToken);
    }

    /// <summary>Ends the node with SIGKILL and returns its exit code.</summary>
    public async Task<long> KillAsync(CancellationToken cancellationToken)
    {
        await PodmanHost.PodmanAsync(cancellationToken, "kill", "--signal", "KILL", _container.Id);
        await PodmanHost.PodmanAsync(cancellationToken, "wait", _container.Id);
        return await ExitCodeAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        Sql.Dispose();
        await _container.DisposeAsync();

        // Without its reaper Testcontainers leaves the container behind.
        await PodmanHost.ExitCodeAsync(CancellationToken.None, "rm", "--force", "--ignore", _name);
    }

    private async Task<long> ExitCodeAsync(CancellationToken cancellationToken) =>
        long.Parse(await StateAsync("ExitCode", cancellationToken), CultureInfo.InvariantCulture);

    private async Task WaitForHealthAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartPatience);
        while (!await Admin.IsHealthyAsync(deadline.Token))
        {
            if (await StateAsync("Status", deadline.Token) is "exited" or "stopped")
                Assert.Fail("the container ended:\n" + await PodmanHost.PodmanAsync(cancellationToken, "logs", _container.Id));
            await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
        }
    }

    private static Uri Loopback(int port) => new($"http://127.0.0.1:{port}");
}
