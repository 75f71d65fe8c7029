using Restate.Storage.Configuration;

namespace Restate.Storage.Memory;

/// <summary>A named pool: memory that a setting or a constant bounds.</summary>
/// <param name="Name">Unique name such as <c>rocksdb</c>.</param>
/// <param name="ConfigKey">TOML path of the setting that bounds it; null when none does.</param>
/// <param name="Capacity">Reads what it may use, in bytes.</param>
/// <param name="Usage">Reads what it uses now, in bytes.</param>
/// <param name="Planned">Reads what counts of it when all pools are compared with the process limit; null: its capacity.</param>
public sealed record MemoryPool(string Name, string? ConfigKey, Func<long> Capacity, Func<long> Usage, Func<long>? Planned = null);

/// <summary>A pool at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CapacityBytes">What it may use.</param>
/// <param name="UsageBytes">What it used.</param>
/// <param name="ConfigKey">TOML path of the setting that bounds it; null when none does.</param>
/// <param name="Source">Where the value of that setting comes from.</param>
public readonly record struct MemoryPoolReading(
    string Name, long CapacityBytes, long UsageBytes, string? ConfigKey, ConfigurationSource Source);

/// <summary>All named pools of the node. Together with <c>untracked</c> they are the process. Thread-safe.</summary>
public sealed class MemoryLedger
{
    /// <summary>Name of the pool that <see cref="OtherPoolsBytes"/> leaves out.</summary>
    public const string RocksDb = "rocksdb";

    private readonly Func<ConfigurationSnapshot> _configuration;
    private readonly Lock _lock = new();
    private MemoryPool[] _pools = [];

    /// <summary>Creates a ledger without pools.</summary>
    /// <param name="configuration">Gives the configuration in force, for the sources of capacities.</param>
    public MemoryLedger(Func<ConfigurationSnapshot> configuration) => _configuration = configuration;

    /// <summary>Adds a pool.</summary>
    /// <exception cref="ArgumentException">There is one of that name.</exception>
    public void Add(MemoryPool pool)
    {
        lock (_lock)
        {
            if (_pools.Any(other => other.Name == pool.Name))
                throw new ArgumentException($"there is a memory pool \"{pool.Name}\" already", nameof(pool));
            _pools = [.. _pools, pool];
        }
    }

    /// <summary>What counts of all pools besides RocksDB's, in bytes; an input of the plan.</summary>
    public long OtherPoolsBytes() =>
        Total(Volatile.Read(ref _pools).Where(pool => pool.Name != RocksDb).Select(pool => (pool.Planned ?? pool.Capacity)()));

    /// <summary>A sum that ends at the largest number: sizes have no upper bound, and the plan for an absurd one has to warn, not to throw.</summary>
    public static long Total(IEnumerable<long> bytes) =>
        (long)Int128.Min(long.MaxValue, bytes.Aggregate((Int128)0, static (sum, value) => sum + value));

    /// <summary>What all pools but some use, in bytes.</summary>
    /// <param name="except">The names of those.</param>
    public long UsageBytes(params ReadOnlySpan<string> except)
    {
        long bytes = 0;
        foreach (MemoryPool pool in Volatile.Read(ref _pools))
            bytes += except.Contains(pool.Name) ? 0 : pool.Usage();
        return bytes;
    }

    /// <summary>Reads all pools, in the order in which they were added.</summary>
    public IReadOnlyList<MemoryPoolReading> Read()
    {
        IReadOnlyDictionary<string, ConfigurationSource> sources = _configuration().Sources;
        return [.. Volatile.Read(ref _pools).Select(pool => new MemoryPoolReading(
            pool.Name,
            pool.Capacity(),
            pool.Usage(),
            pool.ConfigKey,
            pool.ConfigKey is { } key ? sources.GetValueOrDefault(key, ConfigurationSource.Default) : ConfigurationSource.Default))];
    }
}
