using System.Globalization;
using Restate.Storage.Types;

namespace Restate.Storage.Configuration;

/// <summary>
/// What becomes of pools that the memory limit of the process has no room for. <c>warn</c> leaves them (the memory plan warns),
/// <c>clamp</c> makes them smaller until they fit, <c>refuse</c> does not accept the configuration.
/// </summary>
internal static class MemoryLimitPolicy
{
    public const string Warn = "warn";
    public const string Clamp = "clamp";
    public const string Refuse = "refuse";

    /// <summary>Key of the policy.</summary>
    public const string Key = "memory-limit-policy";

    private const string RocksDbKey = "rocksdb-total-memory-size";
    private const string QueryKey = "admin.query-engine.memory-size";
    private const string CacheKey = "bifrost.record-cache-memory-size";

    /// <summary>The smallest sizes that clamping leads to: RocksDB's is the smallest there is, 64 MiB still answer aggregates over a million rows.</summary>
    private const long MinRocksDb = 256L << 20;
    private const long MinQuery = 64L << 20;

    /// <summary>What clamping leaves to managed heap, threads, network buffers and fragmentation: an eighth of the limit, at least 96 MiB.</summary>
    private const int RestPart = 8;
    private const long MinRest = 96L << 20;

    /// <summary>Applies the policy of a configuration to it.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="processLimit">Memory limit of the process in bytes; called only by policies that need it.</param>
    /// <param name="warnings">Gets what was clamped.</param>
    /// <param name="errors">Gets why it is refused.</param>
    public static RestateConfiguration Apply(
        RestateConfiguration configuration, Func<ulong> processLimit, List<ConfigurationWarning> warnings, List<string> errors)
    {
        if (configuration.MemoryLimitPolicy == Warn)
            return configuration;
        long limit = (long)Math.Min(processLimit(), long.MaxValue);
        long rocksDb = configuration.RocksDbTotalMemorySize.ToInt64();
        long query = configuration.Admin.QueryEngine.MemorySize.ToInt64();
        long cache = configuration.Bifrost.RecordCacheMemorySize.ToInt64();
        Int128 sum = (Int128)rocksDb + query + cache;
        if (configuration.MemoryLimitPolicy == Refuse)
        {
            if (sum > limit)
            {
                errors.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{RocksDbKey} ({Text(rocksDb)}), {QueryKey} ({Text(query)}) and {CacheKey} ({Text(cache)}) are together more than the process memory limit of {Text(limit)}; lower them, raise the limit, or set {Key} to \"{Warn}\" or \"{Clamp}\""));
            }

            return configuration;
        }

        long room = limit - Math.Max(MinRest, limit / RestPart);
        if (sum <= room)
            return configuration;

        // What has a floor takes it first; the rest of the room is shared in the proportion of what was asked for.
        long fitRocksDb = Math.Min(rocksDb, Math.Max(MinRocksDb, Part(rocksDb, room, sum)));
        long left = Math.Max(0, room - fitRocksDb);
        long fitQuery = Math.Min(query, Math.Max(MinQuery, Part(query, left, (Int128)query + cache)));
        long fitCache = Math.Min(cache, Math.Max(0, left - fitQuery));
        Note(RocksDbKey, rocksDb, fitRocksDb);
        Note(QueryKey, query, fitQuery);
        Note(CacheKey, cache, fitCache);
        return configuration with
        {
            RocksDbTotalMemorySize = new ByteSize((ulong)fitRocksDb),
            Admin = configuration.Admin with
            {
                QueryEngine = configuration.Admin.QueryEngine with { MemorySize = new ByteSize((ulong)fitQuery) },
            },
            Bifrost = configuration.Bifrost with { RecordCacheMemorySize = new ByteSize((ulong)fitCache) },
        };

        void Note(string key, long asked, long fitted)
        {
            if (fitted != asked)
            {
                warnings.Add(new ConfigurationWarning(
                    key, $"key \"{key}\" ({Text(asked)}) is clamped to {Text(fitted)}: all pools have to fit the process memory limit of {Text(limit)} ({Key} = \"{Clamp}\")"));
            }
        }
    }

    private static long Part(long size, long room, Int128 sum) => sum == 0 ? 0 : (long)((Int128)size * Math.Max(0, room) / sum);

    private static string Text(long bytes) => new ByteSize((ulong)bytes).ToString();
}
