using System.Diagnostics;
using DotNet.Testcontainers.Configurations;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Containers;

/// <summary>
/// podman with the node's image, built from the Dockerfile as it is now, and its API on a socket for Testcontainers. Absent where podman or
/// the base images are.
/// </summary>
public sealed class PodmanHost : IAsyncLifetime
{
    /// <summary>The image under test.</summary>
    public const string Image = "localhost/restate-admin-node:test";

    private static readonly TimeSpan SocketPatience = TimeSpan.FromSeconds(30);

    private TemporaryFolder? _folder;
    private ChildProcess? _service;

    static PodmanHost() => TestcontainersSettings.ResourceReaperEnabled = false;

    /// <summary>Address of podman's API.</summary>
    internal Uri Endpoint => new("unix://" + _folder!.Inside("podman.sock"));

    private static string Scripts => Path.Combine(Repository.Root, "Restate.Admin.Tests", "Containers");

    public async ValueTask InitializeAsync()
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        if (!Installed.IsOnPath("podman") || !await HasBaseImagesAsync(cancelled))
            return;
        await RunAsync("bash", [Path.Combine(Scripts, "build-image.sh"), Image], cancelled);
        _folder = new TemporaryFolder();
        _service = Start("podman", ["system", "service", "--time=0", Endpoint.ToString()]);
        long started = Stopwatch.GetTimestamp();
        while (!File.Exists(_folder.Inside("podman.sock")))
        {
            Assert.False(_service.HasExited || Stopwatch.GetElapsedTime(started) > SocketPatience, "podman system service: " + _service.Output);
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancelled);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.DisposeAsync();
        _folder?.Dispose();
    }

    /// <summary>Skips the running test where containers cannot be run.</summary>
    internal void Require() => Installed.RequireContainers(_service is not null);

    /// <summary>Runs podman and returns what it printed; warnings come before the answer.</summary>
    /// <exception cref="ScenarioException">It failed.</exception>
    internal static Task<string> PodmanAsync(CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync("podman", arguments, cancellationToken);

    /// <summary>Runs podman and returns the last line it printed.</summary>
    /// <exception cref="ScenarioException">It failed.</exception>
    internal static async Task<string> AnswerAsync(CancellationToken cancellationToken, params string[] arguments) =>
        (await PodmanAsync(cancellationToken, arguments)).Split('\n')[^1].Trim();

    /// <summary>Runs podman and returns its exit code.</summary>
    internal static async Task<int> ExitCodeAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        await using ChildProcess child = Start("podman", arguments);
        return await child.WaitAsync(cancellationToken);
    }

    /// <summary>Runs a program that knows podman as Docker, and returns what it printed.</summary>
    /// <exception cref="ScenarioException">It failed.</exception>
    internal async Task<string> WithDockerHostAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        await using ChildProcess child = ChildProcess.Start(
            program, arguments, new Dictionary<string, string> { ["DOCKER_HOST"] = Endpoint.ToString(), ["COMPOSE_HTTP_TIMEOUT"] = "120" });
        int code = await child.WaitAsync(cancellationToken);
        return code == 0
            ? child.Output
            : throw new ScenarioException($"{program} {string.Join(' ', arguments)} ended with exit code {code}\n{child.Output}");
    }

    /// <summary>True when an image of this name is present.</summary>
    internal static async Task<bool> HasImageAsync(string image, CancellationToken cancellationToken) =>
        await ExitCodeAsync(cancellationToken, "image", "exists", image) == 0;

    private static async Task<bool> HasBaseImagesAsync(CancellationToken cancellationToken)
    {
        string[] dockerfile = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "Dockerfile"), cancellationToken);
        string registry = Default("DOTNET_REGISTRY");
        string tag = Default("DOTNET_TAG");
        foreach (string name in new[] { "sdk", "aspnet" })
        {
            if (!await HasImageAsync($"{registry}/{name}:{tag}", cancellationToken))
                return false;
        }

        return true;

        string Default(string argument)
        {
            string prefix = $"ARG {argument}=";
            return dockerfile.Single(line => line.StartsWith(prefix, StringComparison.Ordinal))[prefix.Length..];
        }
    }

    /// <summary>Runs a program and returns what it printed.</summary>
    /// <exception cref="ScenarioException">It failed.</exception>
    internal static async Task<string> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        await using ChildProcess child = Start(program, arguments);
        int code = await child.WaitAsync(cancellationToken);
        return code == 0
            ? child.Output
            : throw new ScenarioException($"{program} {string.Join(' ', arguments)} ended with exit code {code}\n{child.Output}");
    }

    private static ChildProcess Start(string program, string[] arguments) => ChildProcess.Start(
        program, arguments, new Dictionary<string, string> { ["CONTAINERS_CONF"] = Path.Combine(Scripts, "containers.conf") });
}
