using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>latency</c>.</summary>
/// <param name="Alternations">Pairs of runs, one with the controller and one without.</param>
/// <param name="Seconds">Seconds of each run, a tenth more for warming up.</param>
/// <param name="LargeRate">Posts of 90 KB per second.</param>
/// <param name="SmallRate">Posts of 100 bytes per second.</param>
/// <param name="Partitions">Partitions of the server.</param>
/// <param name="RocksDb"><c>rocksdb-total-memory-size</c>.</param>
/// <param name="IntervalSeconds">Seconds between ticks where the controller is on.</param>
/// <param name="Percent">Most that p99 with the controller may be, in percent of p99 without; 0: any.</param>
internal sealed record LatencyOptions(
    int Alternations, int Seconds, int LargeRate, int SmallRate, int Partitions, ByteSize RocksDb, int IntervalSeconds, int Percent)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static LatencyOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(
            args, "alternations", "seconds", "large-rate", "small-rate", "partitions", "rocksdb", "interval", "percent");
        return new LatencyOptions(
            options.Number("alternations", 5),
            options.Number("seconds", 60),
            options.Number("large-rate", 100),
            options.Number("small-rate", 200),
            options.Number("partitions", 24),
            options.Size("rocksdb", ByteSize.FromMiB(256)),
            options.Number("interval", 5),
            options.Number("percent", 125, minimum: 0));
    }
}
