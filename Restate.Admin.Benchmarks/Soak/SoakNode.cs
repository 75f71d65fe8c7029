using System.Globalization;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Soak;

/// <summary>Starts one of the two servers in the cgroup, on the same folder every time, and changes its budget.</summary>
internal sealed class SoakNode(SoakOptions options, PeerInstall? peer, TemporaryFolder folder, MemoryCgroup cgroup)
{
    private const string TotalKey = "rocksdb-total-memory-size";

    /// <summary>What reports call it.</summary>
    public string Name => peer is null ? "ours" : "peer";

    /// <summary>True for our server.</summary>
    public bool IsOurs => peer is null;

    /// <summary>How long its load lasts.</summary>
    public TimeSpan Duration => peer is null ? options.Duration : options.PeerDuration;

    private string ConfigurationFile => folder.Inside("restate.toml");

    /// <summary>Starts it and waits for <c>/health</c>.</summary>
    /// <exception cref="ScenarioException">It ended, or was not healthy in time.</exception>
    public async Task<ServerProcess> StartAsync(CancellationToken cancellationToken)
    {
        await WriteConfigurationAsync(options.RocksDb, cancellationToken);
        string data = folder.Inside("data");
        string[] more = ["--config-file", ConfigurationFile];
        return peer is null
            ? await ServerProcess.StartOursAsync(data, cgroup, cancellationToken, more)
            : await ServerProcess.StartPeerAsync(peer, data, cgroup, cancellationToken, more);
    }

    /// <summary>Changes RocksDB's budget while it runs: ours by REST, the peer by its configuration file, which it watches.</summary>
    /// <exception cref="ScenarioException">It was refused.</exception>
    public async Task ChangeBudgetAsync(ServerProcess server, ByteSize total, CancellationToken cancellationToken)
    {
        if (peer is null)
            await server.Admin.PatchMemoryAsync(new Dictionary<string, string> { [TotalKey] = total.ToExactString() }, cancellationToken);
        else
            await WriteConfigurationAsync(total, cancellationToken);
    }

    private async Task WriteConfigurationAsync(ByteSize total, CancellationToken cancellationToken)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"""
            {TotalKey} = "{total.ToExactString()}"
            default-num-partitions = {options.Partitions}

            [admin.query-engine]
            memory-size = "{options.Query.ToExactString()}"

            [bifrost]
            record-cache-memory-size = "{options.Cache.ToExactString()}"

            """);
        await File.WriteAllTextAsync(ConfigurationFile, text, cancellationToken);
    }
}
