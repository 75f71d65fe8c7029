using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>The JavaScript SDK service that both servers discover, running as a process on a free port.</summary>
internal sealed class SdkService : IAsyncDisposable
{
    /// <summary>The virtual object whose state the scenarios write.</summary>
    public const string ObjectName = "Counter";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    private readonly ChildProcess _child;

    private SdkService(ChildProcess child, Uri uri)
    {
        _child = child;
        Uri = uri;
    }

    /// <summary>What to register.</summary>
    public Uri Uri { get; }

    /// <summary>True when its packages are installed.</summary>
    public static bool IsInstalled =>
        Directory.Exists(Path.Combine(Repository.SdkServiceDirectory, "node_modules", "@restatedev", "restate-sdk"));

    /// <summary>Installs its packages where that was not done, and starts it.</summary>
    /// <exception cref="ScenarioException">npm failed, or the service does not listen.</exception>
    public static async Task<SdkService> StartAsync(CancellationToken cancellationToken)
    {
        string folder = Repository.SdkServiceDirectory;
        if (!IsInstalled)
        {
            string verb = File.Exists(Path.Combine(folder, "package-lock.json")) ? "ci" : "install";
            await Npm.RunAsync(folder, cancellationToken, verb, "--no-save", "--no-package-lock");
        }

        int port = ServerProcess.FreePorts(1)[0];
        ChildProcess child = ChildProcess.Start(
            "node",
            ["--import", "./polyfill.mjs", "service.mjs"],
            new Dictionary<string, string> { ["PORT"] = port.ToString(CultureInfo.InvariantCulture) },
            folder);
        try
        {
            await ListensAsync(child, port, cancellationToken);
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }

        return new SdkService(child, new Uri($"http://127.0.0.1:{port}"));
    }

    public ValueTask DisposeAsync() => _child.DisposeAsync();

    private static async Task ListensAsync(ChildProcess child, int port, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync("127.0.0.1", port, cancellationToken);
                return;
            }
            catch (SocketException e)
            {
                if (child.HasExited || Stopwatch.GetElapsedTime(child.StartedAt) > StartPatience)
                    throw new ScenarioException($"the SDK service does not listen on port {port}\n{child.Output}", e);
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }
        }
    }
}
