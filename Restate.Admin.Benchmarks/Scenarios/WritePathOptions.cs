using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>writepath</c>.</summary>
/// <param name="Total">The server's <c>rocksdb-total-memory-size</c>.</param>
/// <param name="Ratio">Its <c>rocksdb-total-memtables-ratio</c>; null: the default.</param>
/// <param name="Partitions">Partitions of the server.</param>
/// <param name="Data">Bytes of live state.</param>
/// <param name="Rounds">How often all of it is written.</param>
/// <param name="PostBytes">Bytes of state in one post.</param>
internal sealed record WritePathOptions(ByteSize Total, string? Ratio, int Partitions, ByteSize Data, int Rounds, int PostBytes)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static WritePathOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "total", "ratio", "partitions", "data", "rounds", "post-bytes");
        return new WritePathOptions(
            options.Size("total", ByteSize.FromMiB(256)),
            options.Text("ratio"),
            options.Number("partitions", 24),
            options.Size("data", ByteSize.FromMiB(128)),
            options.Number("rounds", 10),
            options.Number("post-bytes", 90_000, minimum: WritePathLoad.KeysPerPost));
    }
}
