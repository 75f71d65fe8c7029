namespace Restate.Storage.Memory;

/// <summary>Write buffers of one database for a budget.</summary>
/// <param name="Settings">What to set.</param>
/// <param name="OverSubscribed">True when even the smallest buffers are more than the budget.</param>
internal readonly record struct WriteBufferSizing(WriteBufferSettings Settings, bool OverSubscribed)
{
    /// <summary>The smallest write buffer RocksDB takes.</summary>
    public const long MinBufferBytes = 64L << 10;

    /// <summary>The largest arena block, and so the most by which one write lets memtable memory jump besides its own bytes.</summary>
    public const long MaxArenaBlockBytes = 1L << 20;

    private const long PreferredBufferBytes = 1L << 20;
    private const int MinBuffers = 2;

    /// <summary>
    /// A partition: a quarter of its share, four buffers, merging two at a flush. Where a quarter is below 1 MiB there are
    /// fewer buffers (2 or more), then smaller ones (64 KiB or more), so that the sum still fits.
    /// </summary>
    /// <param name="shareBytes">The partition's share.</param>
    public static WriteBufferSizing ForPartition(long shareBytes)
    {
        int buffers = (int)Math.Clamp(shareBytes / PreferredBufferBytes, MinBuffers, 4);

        // With two buffers, waiting for a second full one before a flush would stop writes at every flush.
        return Make(shareBytes, shareBytes / buffers, buffers, minToMerge: buffers > MinBuffers ? 2 : 1);
    }

    /// <summary>
    /// Log and metadata: an eighth of the budget between 4 and 256 MiB, and as many as fit, 2 to 12. Nothing is merged before
    /// a flush, because their records are not overwritten.
    /// </summary>
    /// <param name="budgetBytes">The component's budget.</param>
    public static WriteBufferSizing ForSingleDatabase(long budgetBytes)
    {
        const long Smallest = 4L << 20;
        const long Largest = 256L << 20;
        long size = Math.Min(Math.Clamp(budgetBytes / 8, Smallest, Largest), budgetBytes / MinBuffers);
        int buffers = size == 0 ? MinBuffers : (int)Math.Clamp(budgetBytes / size, MinBuffers, 12);
        return Make(budgetBytes, size, buffers, minToMerge: 1);
    }

    private static WriteBufferSizing Make(long budget, long size, int buffers, int minToMerge)
    {
        long bounded = Math.Max(MinBufferBytes, size);
        var settings = new WriteBufferSettings(bounded, Math.Clamp(bounded / 8, MinBufferBytes, MaxArenaBlockBytes), buffers, minToMerge);
        return new WriteBufferSizing(settings, bounded * buffers > budget);
    }
}
