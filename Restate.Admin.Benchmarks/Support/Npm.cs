namespace Restate.Admin.Benchmarks.Support;

/// <summary>Runs npm.</summary>
internal static class Npm
{
    /// <exception cref="ScenarioException">npm ended with an error; the message holds its output.</exception>
    public static async Task RunAsync(string folder, CancellationToken cancellationToken, params string[] arguments)
    {
        await using ChildProcess npm = ChildProcess.Start(
            "npm", [.. arguments, "--no-audit", "--no-fund", "--ignore-scripts"], workingDirectory: folder);
        int code = await npm.WaitAsync(cancellationToken);
        ScenarioException.Require(code == 0, $"npm {string.Join(' ', arguments)} ended with exit code {code}\n{npm.Output}");
    }
}
