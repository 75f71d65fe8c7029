namespace Restate.Admin.Api.Query;

/// <summary>Bytes of our own that queries hold. Thread-safe.</summary>
internal sealed class MemoryCounter
{
    private long _bytes;

    internal long Bytes => Volatile.Read(ref _bytes);

    internal void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
}
