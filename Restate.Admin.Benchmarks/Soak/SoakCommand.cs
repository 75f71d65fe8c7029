using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Soak;

/// <summary>
/// Runs a server in a memory cgroup under saturating posts, heavy SQL and budget changes: it must not be killed, nothing
/// acknowledged may be lost, and beside the peer in an equal cgroup it must do at least as much.
/// </summary>
internal sealed class SoakCommand(SoakOptions options, TextWriter output)
{
    /// <exception cref="ScenarioException">Our server failed; the message says in what.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        await using TextWriter? samples = options.SamplesFile is null ? null : new StreamWriter(options.SamplesFile, append: false);
        SoakResult? ours = options.Ours ? await RunAsync(peer: null, service, samples, cancellationToken) : null;
        SoakResult? peer = null;
        if (options.Peer)
        {
            var install = PeerInstall.At(options.PeerDirectory);
            await install.EnsureAsync(cancellationToken);
            peer = await RunAsync(install, service, samples, cancellationToken);
        }

        SoakReport.Print(output, options, [.. new[] { ours, peer }.OfType<SoakResult>()]);
        string[] failures = [.. SoakReport.Failures(ours, peer)];
        ScenarioException.Require(failures.Length == 0, string.Join('\n', failures));
    }

    private async Task<SoakResult> RunAsync(PeerInstall? peer, SdkService service, TextWriter? samples, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        await using var cgroup = MemoryCgroup.Create(options.Limit.ToInt64());
        var node = new SoakNode(options, peer, folder, cgroup);
        var sampler = new SoakSampler(cgroup, asksServer: peer is null, samples);
        return await new SoakRun(options, node, cgroup, service.Uri, sampler, output).RunAsync(cancellationToken);
    }
}
