using System.Globalization;
using System.Text;
using Restate.Storage.Configuration;
using Restate.Storage.Types;

namespace Restate.Storage.Memory;

/// <summary>Sizes of the three configured pools that fit a process limit with room for what no pool holds.</summary>
/// <param name="RocksDb">For <c>rocksdb-total-memory-size</c>.</param>
/// <param name="QueryEngine">For <c>admin.query-engine.memory-size</c>.</param>
/// <param name="RecordCache">For <c>bifrost.record-cache-memory-size</c>.</param>
/// <param name="LogServerRatio">For <c>log-server.rocksdb-memory-ratio</c>; null: leave it.</param>
public sealed record MemoryRecommendation(ByteSize RocksDb, ByteSize QueryEngine, ByteSize RecordCache, float? LogServerRatio)
{
    /// <summary>Percentage of the limit that the whole ledger may take. The rest is for what no pool holds.</summary>
    private const int LedgerPercent = 85;

    /// <summary>
    /// The log server's ratio where the metadata server's least budget (8 MiB) is more than its ratio: with 0.49 for partitions the three
    /// fit, and nothing has to be scaled.
    /// </summary>
    private const float SmallLogServerRatio = 0.47f;

    private const long LeastQueryEngine = 64L << 20;
    private const long LeastRecordCache = 16L << 20;

    /// <summary>Computes sizes: 8 parts RocksDB, 4 query engine, 1 record cache. Pure.</summary>
    /// <param name="configuration">Everything else that is configured.</param>
    /// <param name="limit">The process limit.</param>
    /// <param name="partitions">Open partitions.</param>
    /// <returns>Null where even the smallest sizes do not fit.</returns>
    public static MemoryRecommendation? For(RestateConfiguration configuration, ProcessMemoryLimit limit, int partitions)
    {
        long fixedBytes = MemoryForecast.Compute(configuration, limit, partitions).Pools.Where(pool => pool.ConfigKey is null).Sum(pool => pool.PlannedBytes);
        long room = (limit.Bytes / 100 * LedgerPercent) - fixedBytes;
        long rocksDb = Math.Max(MemoryPlan.MinTotalBytes, Down(room / 13 * 8, 16L << 20));
        long query = Math.Max(LeastQueryEngine, Down((room - rocksDb) / 5 * 4, 16L << 20));
        long cache = Math.Max(LeastRecordCache, Down((room - rocksDb) / 5, 4L << 20));
        var recommendation = new MemoryRecommendation(new ByteSize((ulong)rocksDb), new ByteSize((ulong)query), new ByteSize((ulong)cache), null);
        bool scaled = MemoryForecast.Compute(recommendation.Apply(configuration), limit, partitions)
            .Plan.Warnings.Any(warning => warning.Code == MemoryWarningCodes.BudgetsScaled);
        if (scaled)
            recommendation = recommendation with { LogServerRatio = SmallLogServerRatio };
        return MemoryForecast.Compute(recommendation.Apply(configuration), limit, partitions).Plan.Warnings.Count == 0 ? recommendation : null;
    }

    /// <summary>A configuration with these sizes.</summary>
    public RestateConfiguration Apply(RestateConfiguration configuration) => configuration with
    {
        RocksDbTotalMemorySize = RocksDb,
        Admin = configuration.Admin with { QueryEngine = configuration.Admin.QueryEngine with { MemorySize = QueryEngine } },
        Bifrost = configuration.Bifrost with { RecordCacheMemorySize = RecordCache },
        LogServer = LogServerRatio is { } ratio ? configuration.LogServer with { RocksDbMemoryRatio = ratio } : configuration.LogServer,
    };

    /// <summary>As TOML, dotted keys, one a line.</summary>
    public string ToToml()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"rocksdb-total-memory-size = \"{Text(RocksDb)}\"\n");
        text.Append(CultureInfo.InvariantCulture, $"admin.query-engine.memory-size = \"{Text(QueryEngine)}\"\n");
        text.Append(CultureInfo.InvariantCulture, $"bifrost.record-cache-memory-size = \"{Text(RecordCache)}\"\n");
        if (LogServerRatio is { } ratio)
            text.Append(CultureInfo.InvariantCulture, $"log-server.rocksdb-memory-ratio = {ratio}\n");
        return text.ToString();
    }

    /// <summary>A size of a recommendation: whole MiB, so that it is exact and short.</summary>
    internal static string Text(ByteSize size) => string.Create(CultureInfo.InvariantCulture, $"{size.Bytes >> 20} MiB");

    private static long Down(long bytes, long step) => bytes / step * step;
}
