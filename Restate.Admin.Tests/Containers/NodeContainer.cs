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

    private const string Program = "/opt/restate-admin/Restate.Admin.Api.dll";
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);

    private readonly IContainer _container;

    private NodeContainer(IContainer container, Uri admin, Uri node)
    {
        _container = container;
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
    };

    /// <summary>
    /// Starts a container on a volume and waits until the node is healthy. It shares this machine's network, so that it reaches the
    /// endpoint that a test registers; its ports are free ones.
    /// </summary>
    public static async Task<NodeContainer> StartAsync(PodmanHost podman, string volume, CancellationToken cancellationToken)
    {
        int[] ports = ServerProcess.FreePorts(2);
        IContainer container = new ContainerBuilder(PodmanHost.Image)
            .WithDockerEndpoint(podman.Endpoint)
            .WithImagePullPolicy(PullPolicy.Never)
            .WithCleanUp(false)
            .WithEnvironment(SmallBudgets)
            .WithEnvironment("RESTATE_ADMIN__BIND_ADDRESS", $"127.0.0.1:{ports[0]}")
            .WithEnvironment("RESTATE_BIND_ADDRESS", $"127.0.0.1:{ports[1]}")
            .WithVolumeMount(volume, "/restate-data")
            .WithCreateParameterModifier(parameters =>
            {
                HostConfig host = parameters.HostConfig ?? throw new InvalidOperationException("Testcontainers gives no HostConfig");
                host.NetworkMode = "host";
                host.Memory = LimitBytes;
                host.MemorySwap = LimitBytes;
                host.ReadonlyRootfs = true;
                host.CapDrop = ["ALL"];
            })
            .Build();
        var node = new NodeContainer(container, Loopback(ports[0]), Loopback(ports[1]));
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

    /// <summary>Asks for the health as the image's HEALTHCHECK does and returns the exit code.</summary>
    public async Task<long?> HealthCheckAsync(CancellationToken cancellationToken) =>
        (await ExecuteAsync(["dotnet", Program, "--healthcheck"], cancellationToken)).ExitCode;

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
    }

    private async Task<long> ExitCodeAsync(CancellationToken cancellationToken) => long.Parse(
        await PodmanHost.AnswerAsync(cancellationToken, "inspect", "--format", "{{.State.ExitCode}}", _container.Id), CultureInfo.InvariantCulture);

    private async Task WaitForHealthAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartPatience);
        while (!await Admin.IsHealthyAsync(deadline.Token))
        {
            string state = await PodmanHost.AnswerAsync(deadline.Token, "inspect", "--format", "{{.State.Status}}", _container.Id);
            if (state is "exited" or "stopped")
                Assert.Fail("the container ended:\n" + await PodmanHost.PodmanAsync(cancellationToken, "logs", _container.Id));
            await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
        }
    }

    private static Uri Loopback(int port) => new($"http://127.0.0.1:{port}");
}
