using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>lowering</c>.</summary>
/// <param name="Before"><c>rocksdb-total-memory-size</c> while memtables fill.</param>
/// <param name="After">What it is lowered to.</param>
/// <param name="Load">Bytes of memtables to reach before; a server that flushes earlier is lowered after <paramref name="Patience"/>.</param>
/// <param name="Cache"><c>bifrost.record-cache-memory-size</c>, which fills as well and is not lowered.</param>
/// <param name="Partitions">Partitions of the server.</param>
/// <param name="Watch">How long resident memory is watched afterwards.</param>
/// <param name="Patience">Longest load.</param>
/// <param name="Ours">Whether our server runs.</param>
/// <param name="Peer">Whether the peer runs.</param>
/// <param name="PeerDirectory">Folder of the peer's npm install; null for the usual one.</param>
internal sealed record LoweringOptions(
    ByteSize Before, ByteSize After, ByteSize Load, ByteSize Cache, int Partitions, TimeSpan Watch, TimeSpan Patience, bool Ours, bool Peer, string? PeerDirectory)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static LoweringOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "before", "after", "load", "cache", "partitions", "watch-seconds", "load-seconds", "server", "peer-dir");
        string server = options.Text("server") ?? "ours";
        if (server is not ("ours" or "peer" or "both"))
            throw new ArgumentException($"--server is '{server}', expected ours, peer or both");
        return new LoweringOptions(
            options.Size("before", ByteSize.FromMiB(2048)),
            options.Size("after", ByteSize.FromMiB(256)),
            options.Size("load", ByteSize.FromMiB(300)),
            options.Size("cache", ByteSize.FromMiB(16)),
            options.Number("partitions", 24),
            TimeSpan.FromSeconds(options.Number("watch-seconds", 40, minimum: 11)),
            TimeSpan.FromSeconds(options.Number("load-seconds", 90)),
            Ours: server is "ours" or "both",
            Peer: server is "peer" or "both",
            options.Text("peer-dir"));
    }
}
