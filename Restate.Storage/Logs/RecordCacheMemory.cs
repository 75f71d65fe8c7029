using Restate.Storage.Configuration;

namespace Restate.Storage.Logs;

/// <summary>The memory of the record cache: its size follows the configuration, its figures are there to be read. Thread-safe.</summary>
public sealed class RecordCacheMemory
{
    private readonly RecordCache _cache;

    internal RecordCacheMemory(RecordCache cache) => _cache = cache;

    /// <summary>The configuration whose size the cache has.</summary>
    public AppliedConfiguration Applied { get; } = new();

    /// <summary>Most bytes it retains; 0 keeps nothing.</summary>
    public long CapacityBytes => _cache.CapacityBytes;

    /// <summary>Bytes it retains now.</summary>
    public long UsageBytes => _cache.UsageBytes;

    /// <summary>Records it holds now.</summary>
    public long Entries => _cache.Count;

    /// <summary>Records that were read from it since the start.</summary>
    public long Hits => _cache.Hits;

    /// <summary>Records that readers had to read from the log store since the start.</summary>
    public long Misses => _cache.Misses;

    /// <summary>Takes over the size; when it returns, what no longer fits is freed.</summary>
    internal void Apply(ConfigurationSnapshot configuration)
    {
        _cache.CapacityBytes = configuration.Value.Bifrost.RecordCacheMemorySize.ToInt64();
        Applied.Set(configuration);
    }
}
