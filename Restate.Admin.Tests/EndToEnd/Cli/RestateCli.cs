using System.Diagnostics;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Tests.EndToEnd.Cli;

/// <summary>What a run of the command line client left behind.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">All of standard output.</param>
/// <param name="Error">All of standard error.</param>
internal sealed record CliRun(int ExitCode, string Output, string Error);

/// <summary>Restate's own command line client, unchanged, pointed at one server. It sees nothing of this machine's settings.</summary>
internal sealed class RestateCli
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _program;
    private readonly Dictionary<string, string> _environment;

    /// <param name="program">The client's program.</param>
    /// <param name="admin">The admin port to talk to.</param>
    /// <param name="home">A folder of its own, for its configuration and temporary files; created.</param>
    /// <param name="editor">The program it calls to edit a file.</param>
    /// <param name="token">The bearer token it sends; null: none.</param>
    public RestateCli(string program, Uri admin, string home, string editor, string? token = null)
    {
        _program = program;
        Home = Directory.CreateDirectory(home).FullName;
        _environment = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/bin:/bin",
            ["HOME"] = Home,
            ["TMPDIR"] = Home,
            ["RESTATE_ADMIN_URL"] = admin.ToString(),
            ["RESTATE_INGRESS_URL"] = "http://127.0.0.1:8080/",
            ["RESTATE_EDITOR"] = editor,
            ["NO_COLOR"] = "1",
            ["DO_NOT_TRACK"] = "1",
        };
        if (token is not null)
            _environment["RESTATE_AUTH_TOKEN"] = token;
    }

    /// <summary>Its home folder.</summary>
    public string Home { get; }

    /// <summary>Runs one command without a terminal, and with an end of file where it asks for something.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<CliRun> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(_program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Home,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in _environment)
            start.Environment[name] = value;

        using Process process = Process.Start(start) ?? throw new ScenarioException($"cannot start {_program}");
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
            return new CliRun(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
