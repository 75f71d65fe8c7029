using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.Cli;

/// <summary>Our server, the peer, and the client for each. Empty where the peer, the client or the SDK is not installed.</summary>
public sealed class CliPair : IAsyncLifetime
{
    /// <summary>What the client's editor does to the file it is given, as a program of sed.</summary>
    private const string Edit = "s/\"before\"/\"after\"/; s/ImJlZm9yZSI=/ImFmdGVyIg==/; s/#\\?inactivity_timeout = .*/inactivity_timeout = \"3m\"/";

    private readonly Dictionary<string, SdkService> _endpoints = [];
    private TemporaryFolder? _folder;
    private CliServer? _ours;
    private CliServer? _peer;

    internal CliServer Ours => _ours ?? throw new InvalidOperationException("ask Installed.RequireCli() first");

    internal CliServer Peer => _peer ?? throw new InvalidOperationException("ask Installed.RequireCli() first");

    public async ValueTask InitializeAsync()
    {
        var install = PeerInstall.At(directory: null);
        if (!install.IsPresent || !install.IsCliPresent || !SdkService.IsInstalled)
            return;
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        _folder = new TemporaryFolder();
        _endpoints["base"] = await SdkService.StartAsync(cancelled);
        foreach (string variant in new[] { "next", "retyped" })
            _endpoints[variant] = await SdkService.StartAsync(cancelled, "--variant", variant);
        _endpoints["http1"] = await SdkService.StartAsync(cancelled, "--http1");
        string editor = await WriteEditorAsync(cancelled);
        _ours = new CliServer(
            await ServerProcess.StartOursAsync(_folder.Inside("ours"), cancelled), install, _folder.Inside("ours-home"), editor, _endpoints);
        _peer = new CliServer(
            await ServerProcess.StartPeerAsync(install, _folder.Inside("peer"), cancelled), install, _folder.Inside("peer-home"), editor, _endpoints);
        foreach (CliServer server in new[] { _ours, _peer })
        {
            await server.Server.ServesPartitionsAsync(cancelled);
            await server.Server.Admin.RegisterAsync(_endpoints["base"].Uri, cancelled);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_ours is not null)
            await _ours.Server.DisposeAsync();
        if (_peer is not null)
            await _peer.Server.DisposeAsync();
        foreach (SdkService endpoint in _endpoints.Values)
            await endpoint.DisposeAsync();
        _folder?.Dispose();
    }

    private async Task<string> WriteEditorAsync(CancellationToken cancellationToken)
    {
        string path = _folder!.Inside("editor.sh");
        await File.WriteAllTextAsync(path, $"#!/bin/sh\nexec sed -i '{Edit}' \"$1\"\n", cancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}

/// <summary>A server with a client of its own.</summary>
/// <param name="server">The server.</param>
/// <param name="install">Where the client is.</param>
/// <param name="home">The client's home.</param>
/// <param name="editor">The client's editor.</param>
/// <param name="endpoints">SDK endpoints by the names scripts use.</param>
internal sealed class CliServer(
    ServerProcess server, PeerInstall install, string home, string editor, IReadOnlyDictionary<string, SdkService> endpoints)
{
    private const int Attempts = 40;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly RestateCli _cli = new(install.CliProgram, server.Admin.AdminUri, home, editor);
    private readonly Dictionary<string, string> _labels = [];

    public ServerProcess Server { get; } = server;

    /// <summary>Runs a step; the answer is free of what is this server's own.</summary>
    public async Task<CliRun> RunAsync(CliStep step, CancellationToken cancellationToken)
    {
        await LearnAsync(cancellationToken);
        string[] arguments = [.. step.Arguments.Select(Resolve)];
        for (int attempt = 1; ; attempt++)
        {
            CliRun run = await _cli.RunAsync(arguments, cancellationToken);
            await LearnAsync(cancellationToken);
            run = new CliRun(
                run.ExitCode, CliText.Normalize(run.Output, _labels, step.Unordered), CliText.Normalize(run.Error, _labels, step.Unordered));
            if (!step.Eventually || attempt == Attempts || run.Output.Contains(step.Shows!, StringComparison.Ordinal))
                return run;
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Learns the ids of deployments. One that was removed keeps its name.</summary>
    private async Task LearnAsync(CancellationToken cancellationToken)
    {
        JsonElement document = await Server.Admin.GetAsync("/deployments", cancellationToken);
        foreach (JsonElement deployment in document.GetProperty("deployments").EnumerateArray())
        {
            string uri = deployment.GetProperty("uri").GetString()!;
            _labels[deployment.GetProperty("id").GetString()!] = $"<deployment {endpoints.Single(endpoint => endpoint.Value.Uri.ToString() == uri).Key}>";
        }

        _labels[Server.Admin.AdminUri.ToString()] = "<admin>/";
        _labels[_cli.Home] = "<home>";
        foreach ((string name, SdkService endpoint) in endpoints)
            _labels[endpoint.Uri.ToString()] = $"<{name}>/";
    }

    private string Resolve(string argument)
    {
        foreach ((string name, SdkService endpoint) in endpoints)
        {
            argument = argument.Replace($"{{{name}}}", endpoint.Uri.ToString(), StringComparison.Ordinal);
            string id = _labels.LastOrDefault(label => label.Value == $"<deployment {name}>").Key ?? $"no-deployment-{name}";
            argument = argument.Replace($"{{id:{name}}}", id, StringComparison.Ordinal);
        }

        return argument;
    }
}
