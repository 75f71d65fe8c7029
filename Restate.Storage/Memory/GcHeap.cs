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

    /// <summary>Collects everything and gives the free parts of the heap back. Blocks all managed threads meanwhile.</summary>
    public static void Shrink() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

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
