using System.Globalization;
using System.Text.RegularExpressions;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>The JavaScript SDK service that both servers discover, running as a process on a free port.</summary>
internal sealed partial class SdkService : IAsyncDisposable
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
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="more">Further arguments, such as <c>--http1</c>.</param>
    /// <exception cref="ScenarioException">npm failed, or the service does not listen.</exception>
    public static async Task<SdkService> StartAsync(CancellationToken cancellationToken, params string[] more)
    {
        string folder = Repository.SdkServiceDirectory;
        if (!IsInstalled)
        {
            string verb = File.Exists(Path.Combine(folder, "package-lock.json")) ? "ci" : "install";
            await Npm.RunAsync(folder, cancellationToken, verb, "--no-save", "--no-package-lock");
        }

        var listening = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        ChildProcess child = ChildProcess.Start(
            "node",
            ["--import", "./polyfill.mjs", "service.mjs", "--port", "0", .. more],
            workingDirectory: folder,
            onLine: line => Announced(line, listening));
        try
        {
            int port = await listening.Task.WaitAsync(StartPatience, cancellationToken);
            return new SdkService(child, new Uri($"http://127.0.0.1:{port}"));
        }
        catch (Exception e)
        {
            string output = child.Output;
            await child.DisposeAsync();
            if (e is TimeoutException)
                throw new ScenarioException($"the SDK service does not listen after {StartPatience.TotalSeconds} s\n{output}", e);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _child.DisposeAsync();

    private static void Announced(string line, TaskCompletionSource<int> listening)
    {
        Match match = Listening().Match(line);
        if (match.Success)
            listening.TrySetResult(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^listening (\d+)$")]
    private static partial Regex Listening();
}
