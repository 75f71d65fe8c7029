using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Restate.Admin.Api.Demo;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Tests.Docs;

/// <summary>The node that a document's commands talk to: the built program, started with the arguments the document gives.</summary>
internal sealed partial class DocumentNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ChildProcess _process;

    private DocumentNode(string folder, string[] arguments) => _process = ChildProcess.Start(
        Repository.DotnetHost(),
        [
            Repository.ServerProgram(), .. arguments, "--bind-address", "127.0.0.1:0", "--admin-bind-address", "127.0.0.1:0",
        ],
        workingDirectory: folder,
        onLine: _lines.Enqueue);

    public int ProcessId => _process.Id;

    /// <summary>Host and port of the admin API.</summary>
    public string Admin { get; private set; } = string.Empty;

    /// <summary>Host and port of metrics and health.</summary>
    public string Node { get; private set; } = string.Empty;

    /// <summary>What it has printed so far.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts it in a folder and waits until it is healthy; a demo until its tour has ended.</summary>
    public static async Task<DocumentNode> StartAsync(string folder, string[] arguments, CancellationToken cancellationToken)
    {
        var node = new DocumentNode(folder, arguments);
        try
        {
            Match listening = await node.ShowsAsync(Listening(), cancellationToken);
            (node.Admin, node.Node) = (listening.Groups[1].Value, listening.Groups[2].Value);
            if (arguments.Contains("--demo"))
                await node.ShowsAsync(DemoEnding(), cancellationToken);
            using var client = new AdminClient(new Uri("http://" + node.Admin), new Uri("http://" + node.Node));
            while (!await client.IsHealthyAsync(cancellationToken))
                await node.WaitAsync("it to be healthy", Stopwatch.GetTimestamp(), cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await _process.DisposeAsync();

    private async Task<Match> ShowsAsync(Regex line, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (_lines.Select(printed => line.Match(printed)).FirstOrDefault(match => match.Success) is { } shown)
                return shown;
            await WaitAsync($"'{line}'", started, cancellationToken);
        }
    }

    private async Task WaitAsync(string what, long since, CancellationToken cancellationToken)
    {
        if (_process.HasExited || Stopwatch.GetElapsedTime(since) > Patience)
            throw new ScenarioException($"waited in vain for {what}\n{Output}");
        await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
    }

    [GeneratedRegex(@"^listening admin=https?://(\S+) node=http://(\S+)")]
    private static partial Regex Listening();

    [GeneratedRegex("^" + Tour.Ending)]
    private static partial Regex DemoEnding();
}
