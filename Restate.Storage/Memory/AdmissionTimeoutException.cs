using Restate.Storage.Types;

namespace Restate.Storage.Memory;

/// <summary>A write waited for memtable memory until its deadline. HTTP 503 with Retry-After.</summary>
public sealed class AdmissionTimeoutException(long bytes, TimeSpan waited, TimeSpan retryAfter)
    : StorageException(
        $"no memtable memory for {MemoryText.Size(bytes)} within {waited.TotalSeconds:0.###} s: writes come faster than flushes; try again later, or raise rocksdb-total-memory-size")
{
    /// <summary>When another attempt may succeed.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
