namespace Restate.Storage.Logs;

/// <summary>What a log store has written since the start. Thread-safe; the events are raised on its writer thread.</summary>
public sealed class LogStatistics
{
    private long _records;
    private long _bytes;

    /// <summary>Records that are durable.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>Their bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Raised with the time that the write of a group took, the sync included.</summary>
    public event Action<TimeSpan>? Written;

    /// <summary>Raised for every record with the time from its append until it was durable.</summary>
    public event Action<TimeSpan>? Appended;

    internal void CountAppend(TimeSpan elapsed) => Appended?.Invoke(elapsed);

    internal void CountGroup(int records, long bytes, TimeSpan write)
    {
        Interlocked.Add(ref _records, records);
        Interlocked.Add(ref _bytes, bytes);
        Written?.Invoke(write);
    }
}
