using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;

namespace Restate.Admin.Tests.Docs;

/// <summary>
/// Runs the commands of a document as its reader would: in one folder, a block as one script, against the node that the document starts.
/// Functions stand for what would build or download: <c>dotnet run</c>, <c>npx</c> and <c>restate</c> lead to what is built and installed.
/// </summary>
internal sealed partial class DocumentShell : IAsyncDisposable
{
    /// <summary>What runs the node, before its own arguments.</summary>
    public const string RunNode = "dotnet run -c Release --project Restate.Admin.Api";

    /// <summary>Where documents have a service of their reader.</summary>
    private const string Service = "http://localhost:9080";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _folder;
    private readonly string _prelude;
    private DocumentNode? _node;
    private ScriptedEndpoint? _service;

    /// <summary>Prepares a shell.</summary>
    /// <param name="folder">An empty folder.</param>
    public DocumentShell(string folder)
    {
        _folder = Path.Combine(folder, "work");
        Directory.CreateDirectory(_folder);
        _prelude = Path.Combine(folder, "prelude");
        File.WriteAllText(_prelude, Prelude);
    }

    /// <summary>Runs a block. One that starts a node starts the node of the blocks behind it; without such a one a plain node is started.</summary>
    /// <returns>Why it failed, or null, and what it printed.</returns>
    public async Task<(string? Failure, string Printed)> RunAsync(MarkdownBlock block, CancellationToken cancellationToken)
    {
        if (StartOf(block) is { } arguments)
        {
            if (_node is not null)
                await _node.DisposeAsync();
            _node = await DocumentNode.StartAsync(_folder, arguments, cancellationToken);
            return (null, _node.Output);
        }

        if (NeedsNode().IsMatch(block.Text))
            _node ??= await DocumentNode.StartAsync(_folder, ["--default-num-partitions", "4"], cancellationToken);
        if (block.Text.Contains(Service, StringComparison.Ordinal))
            _service ??= await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest);
        string script = Addressed(ExpectedStatus().Replace(block.Text, "EXPECT_STATUS=${status} ${command}"));
        await using ChildProcess shell = ChildProcess.Start("/bin/bash", ["-c", $". '{_prelude}'\n{script}"], Environment(), _folder);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        int code;
        try
        {
            code = await shell.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ($"did not end within {Patience.TotalSeconds} s", shell.Output);
        }

        if (code != 0)
            return ($"exit code {code}", shell.Output);
        return (MustPrint().IsMatch(block.Text) && shell.Output.Trim().Length == 0 ? "nothing is printed" : null, shell.Output);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        if (_service is not null)
            await _service.DisposeAsync();
    }

    /// <summary>The node's arguments where a block does nothing but start one, else null. None of them may have a space in it.</summary>
    private static string[]? StartOf(MarkdownBlock block)
    {
        string command = block.Text.Trim();
        if (!command.StartsWith(RunNode, StringComparison.Ordinal) || command.Contains('\n') || PrintsOnly().IsMatch(command))
            return null;
        return command[RunNode.Length..].Replace(" -- ", " ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private string Addressed(string text) => _node is null ? text : text
        .Replace("localhost:9070", _node.Admin, StringComparison.Ordinal)
        .Replace("localhost:5122", _node.Node, StringComparison.Ordinal)
        .Replace(Service, _service?.Uri, StringComparison.Ordinal);

    private Dictionary<string, string> Environment() => new()
    {
        ["HOME"] = _folder,
        ["DO_NOT_TRACK"] = "1",
        ["RESTATE_ADMIN_URL"] = $"http://{_node?.Admin}",
        ["NODE_PID"] = $"{_node?.ProcessId}",
    };

    // A status of 400 and above fails, unless the document says behind the command, as a comment, which one comes.
    private static readonly string Prelude = $$"""
        set -euo pipefail
        curl() {
          if [ -n "${EXPECT_STATUS:-}" ]; then
            local seen
            seen=$(mktemp)
            command curl -sS -w '%{stderr}%{http_code}' "$@" 2>"$seen"
            [ "$(tail -c 3 "$seen")" = "$EXPECT_STATUS" ] || { echo "expected status $EXPECT_STATUS"; cat "$seen"; return 1; }
            return
          fi
          for argument in "$@"; do
            if [[ "$argument" =~ ^-[a-zA-Z]*f[a-zA-Z]*$ ]]; then command curl -sS "$@"; return; fi
          done
          command curl -sS --fail-with-body "$@"
        }
        restate() { '{{PeerInstall.At(directory: null).CliProgram}}' "$@"; }
        npx() {
          [ "${*:1:2}" = '-y @restatedev/restate@{{PeerInstall.Version}}' ] || { echo "npx $*: not installed here"; return 1; }
          restate "${@:3}"
        }
        dotnet() {
          [ "${*:1:6}" = 'run -c Release --project Restate.Admin.Api --' ] || { echo "dotnet $*: not run here"; return 1; }
          command '{{Repository.DotnetHost()}}' '{{Repository.ServerProgram()}}' "${@:7}"
        }
        pgrep() { [ -n "$NODE_PID" ] && echo "$NODE_PID"; }

        """;

    [GeneratedRegex(@"(?m)^(?<command>curl (?:.*\\\n)*.*\S)\s+# (?<status>[45]\d\d)\b.*$")]
    private static partial Regex ExpectedStatus();

    [GeneratedRegex(@"localhost:(9070|5122)|\brestate |npx |pgrep ")]
    private static partial Regex NeedsNode();

    [GeneratedRegex(@"(^|\W)(curl|restate|npx|dotnet) ")]
    private static partial Regex MustPrint();

    [GeneratedRegex("--(plan|dump-config|dump-openapi|healthcheck|help|version|create-token)( |$)")]
    private static partial Regex PrintsOnly();
}
