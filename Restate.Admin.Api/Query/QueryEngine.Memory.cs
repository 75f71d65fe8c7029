using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query;

/// <summary>What the engine tells and asks of memory.</summary>
internal sealed partial class QueryEngine
{
    /// <summary>A trim of the allocator stops its users for some 50 ms; for less than this it is not worth it.</summary>
    private const long WorthwhileTrimBytes = 64L << 20;

    /// <summary>Less is not worth the page faults of those who use it next.</summary>
    private const long WorthwhileReturnBytes = 16L << 20;

    private long _unreturnableBytes;
    private long _returns;
    private int _isReturning;

    /// <summary>Bytes all queries hold: DuckDB's and ours.</summary>
    internal long MemoryUsageBytes => DuckDbNative.AllocatedBytes() + _memory.Bytes;

    /// <summary>Bytes all queries may hold.</summary>
    internal long MemoryCapacityBytes => Volatile.Read(ref _settings).MemoryBytes;

    /// <summary>Bytes all queries have on disk.</summary>
    internal long SpilledBytes => SpillFolder.Measure(Volatile.Read(ref _settings).SpillFolder);

    /// <summary>Bytes that DuckDB holds.</summary>
    internal static long DuckDbBytes => DuckDbNative.AllocatedBytes();

    /// <summary>DuckDB's memory limit as it took it last, in bytes.</summary>
    internal long DuckDbLimitBytes => _instance.LimitBytes;

    /// <summary>Counts bytes of output buffers with the rest.</summary>
    internal MemoryCounter Memory => _memory;

    /// <summary>Tells what queries hold beyond what is counted; null: nobody does. It is the engine's from here on.</summary>
    internal UncountedMemory? Uncounted { get; init; }

    /// <summary>Gives free parts of the C library's heap back after a query that filled it; null: nobody does. Returns at once.</summary>
    internal Action? TrimAllocator { get; init; }

    /// <summary>How often freed pages were given back before they went by themselves.</summary>
    internal long Returns => Interlocked.Read(ref _returns);

    /// <summary>
    /// Gives pages that DuckDB freed back where they and what it holds are more than three quarters of what queries may hold: what is on
    /// other heaps comes on top. Elsewhere the next query is better off with them than with new ones, and they go by themselves within a
    /// second or so. Returns at once: deadlines must not wait for it.
    /// </summary>
    /// <param name="isIdle">No query runs: what stays may be a quarter of the pool.</param>
    private void ReturnFreed(bool isIdle)
    {
        (long allocated, long resident) = DuckDbNative.Memory();

        // What is allocated and was never touched is not resident.
        long freed = Math.Max(0, resident - allocated);
        long unreturnable = Volatile.Read(ref _unreturnableBytes);
        if (freed < unreturnable)
            Volatile.Write(ref _unreturnableBytes, freed);
        if (freed - unreturnable < WorthwhileReturnBytes || resident <= (isIdle ? MemoryCapacityBytes / 4 : MemoryCapacityBytes / 4 * 3))
            return;
        if (Interlocked.Exchange(ref _isReturning, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static engine => engine.ReturnFreed(), this, preferLocal: false);
    }

    private void ReturnFreed()
    {
        DuckDbNative.ReturnFreed();

        // Fragments and its own books: asking again for these would only take pages from those who are about to use them.
        (long allocated, long resident) = DuckDbNative.Memory();
        Volatile.Write(ref _unreturnableBytes, Math.Max(0, resident - allocated));
        Interlocked.Increment(ref _returns);
        Volatile.Write(ref _isReturning, 0);
    }

    /// <summary>Why queries that only wait for their readers should go; null while nobody needs what they hold.</summary>
    private string? Need() =>
        _admission.Waiting > 0 ? "other queries waited for a slot"
        : IsClosed?.Invoke() == true ? "the node was short of memory"
        : MemoryUsageBytes > MemoryCapacityBytes / 2 ? "queries held more than half of admin.query-engine.memory-size"
        : null;
}
