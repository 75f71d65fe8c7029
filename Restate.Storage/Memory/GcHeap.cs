namespace Restate.Storage.Memory;

/// <summary>The managed heap as a pool of its own.</summary>
public static class GcHeap
{
    private const string LimitSetting = "GCHeapHardLimit";

    /// <summary>The hard limit in bytes; null when there is none.</summary>
    public static long? LimitBytes => AppContext.GetData(LimitSetting) switch
    {
        ulong bytes => (long)Math.Min(bytes, long.MaxValue),
        long bytes => bytes,
        string text when long.TryParse(text, out long bytes) => bytes,
        _ => null,
    };

    /// <summary>Bytes that the heap holds from the operating system, garbage and free parts included.</summary>
    public static long UsedBytes => Math.Max(GC.GetTotalMemory(forceFullCollection: false), GC.GetGCMemoryInfo().TotalCommittedBytes);

    private static long _heldBeforeShrink;

    /// <summary>
    /// What the heap held, or before it was shrunk last where that is more: who looks for growth must not take it for growth when the heap
    /// comes back to what it was.
    /// </summary>
    public static long SteadyBytes => Math.Max(UsedBytes, Volatile.Read(ref _heldBeforeShrink));

    /// <summary>Collects everything and gives the free parts of the heap back. Blocks all managed threads meanwhile.</summary>
    public static void Shrink()
    {
        Volatile.Write(ref _heldBeforeShrink, UsedBytes);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>Sets the hard limit while the process runs.</summary>
    /// <param name="bytes">The limit; above what the heap uses now.</param>
    /// <exception cref="InvalidOperationException">The heap is larger already; the limit stays what it was.</exception>
    public static void SetLimit(long bytes)
    {
        object? before = AppContext.GetData(LimitSetting);
        AppContext.SetData(LimitSetting, (ulong)bytes);
        try
        {
            GC.RefreshMemoryLimit();
        }
        catch (InvalidOperationException e)
        {
            AppContext.SetData(LimitSetting, before);
            throw new InvalidOperationException(
                $"the managed heap cannot be limited to {MemoryText.Size(bytes)}: it holds {MemoryText.Size(UsedBytes)}", e);
        }
    }
}
