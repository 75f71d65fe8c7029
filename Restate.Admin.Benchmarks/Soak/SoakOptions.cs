using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Soak;

/// <summary>Options of <c>soak</c>.</summary>
/// <param name="Limit">Memory limit of the cgroup the server runs in.</param>
/// <param name="Partitions">Partitions of the server.</param>
/// <param name="Duration">How long the load lasts.</param>
/// <param name="PeerDuration">How long the load on the peer lasts.</param>
/// <param name="RocksDb"><c>rocksdb-total-memory-size</c> at the start; a budget change moves between it and <paramref name="RaisedRocksDb"/>.</param>
/// <param name="RaisedRocksDb">The other budget.</param>
/// <param name="Query"><c>admin.query-engine.memory-size</c>.</param>
/// <param name="Cache"><c>bifrost.record-cache-memory-size</c>.</param>
/// <param name="Objects">Objects that are written over and over.</param>
/// <param name="QueryClients">Clients that ask SQL; 0 for posts alone.</param>
/// <param name="Ours">Whether our server runs.</param>
/// <param name="Peer">Whether the peer runs.</param>
/// <param name="PeerDirectory">Folder of the peer's npm install; null for the usual one.</param>
/// <param name="SamplesFile">Where every sample is written as a line; null: nowhere.</param>
internal sealed record SoakOptions(
    ByteSize Limit,
    int Partitions,
    TimeSpan Duration,
    TimeSpan PeerDuration,
    ByteSize RocksDb,
    ByteSize RaisedRocksDb,
    ByteSize Query,
    ByteSize Cache,
    int Objects,
    int QueryClients,
    bool Ours,
    bool Peer,
    string? PeerDirectory,
    string? SamplesFile)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static SoakOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(
            args, "limit", "partitions", "minutes", "peer-minutes", "rocksdb", "raised-rocksdb", "query", "cache", "objects", "query-clients", "server", "peer-dir", "samples");
        string server = options.Text("server") ?? "ours";
        if (server is not ("ours" or "peer" or "both"))
            throw new ArgumentException($"--server is '{server}', expected ours, peer or both");
        int minutes = options.Number("minutes", 15);
        return new SoakOptions(
            options.Size("limit", ByteSize.FromMiB(512)),
            options.Number("partitions", 24),
            TimeSpan.FromMinutes(minutes),
            TimeSpan.FromMinutes(options.Number("peer-minutes", minutes)),
            options.Size("rocksdb", ByteSize.FromMiB(256)),
            options.Size("raised-rocksdb", ByteSize.FromMiB(320)),
            options.Size("query", ByteSize.FromMiB(128)),
            options.Size("cache", ByteSize.FromMiB(64)),
            options.Number("objects", 384),
            options.Number("query-clients", 2, minimum: 0),
            Ours: server is "ours" or "both",
            Peer: server is "peer" or "both",
            options.Text("peer-dir"),
            options.Text("samples"));
    }
}
