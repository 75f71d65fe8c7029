using Restate.Admin.Api.Query.Interop;
using Restate.Storage.Memory;

namespace Restate.Admin.Api.Query;

/// <summary>What the engine tells and asks of memory.</summary>
internal sealed partial class QueryEngine
{
    /// <summary>A trim of the allocator stops its users for some 50 ms; for less than this it is not worth it.</summary>
    private const long WorthwhileTrimBytes = 64L << 20;

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

    /// <summary>Bytes in the pools of others, as far as they are memory of the process.</summary>
    internal Func<long> OthersBytes { get; init; } = () => GcHeap.UsedBytes;

    /// <summary>Those of <see cref="OthersBytes"/> that are on the heap of the C library.</summary>
    internal Func<long> OthersHeapBytes { get; init; } = () => 0;

    /// <summary>Gives free parts of the C library's heap back after a query that filled it; null: nobody does. Returns at once.</summary>
    internal Action? TrimAllocator { get; init; }

    /// <summary>Why queries that only wait for their readers should go; null while nobody needs what they hold.</summary>
    private string? Need() =>
        _admission.Waiting > 0 ? "other queries waited for a slot"
        : IsClosed?.Invoke() == true ? "the node was short of memory"
        : MemoryUsageBytes > MemoryCapacityBytes / 2 ? "queries held more than half of admin.query-engine.memory-size"
        : null;

    /// <summary>Bytes in use on the heap of the C library that are in nobody else's pool; null where it does not tell.</summary>
    private long? HeapRest() => AllocatorMemory.Read() is { } heap ? heap.UsedBytes - OthersHeapBytes() : null;
}
