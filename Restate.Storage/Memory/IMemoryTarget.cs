using Restate.Storage.Types;

namespace Restate.Storage.Memory;

/// <summary>The parts that share the memtable budget, in the order in which plans and reports list them.</summary>
public enum MemoryComponent
{
    /// <summary>The partition stores; budget split evenly over the partitions counted.</summary>
    PartitionStore,

    /// <summary>The log server.</summary>
    LogServer,

    /// <summary>The metadata server.</summary>
    MetadataServer,

    /// <summary>The local loglet, in the log server's place where it is the provider.</summary>
    LocalLoglet,
}

/// <summary>Memtable figures of one database, in bytes.</summary>
/// <param name="ActiveBytes">The memtable that takes writes now.</param>
/// <param name="UnflushedBytes">Active and immutable memtables that are not on disk yet.</param>
/// <param name="AllBytes">Unflushed ones and those that iterators still pin.</param>
/// <param name="FlushPending">True while a flush is wanted or running.</param>
public readonly record struct MemtableSample(long ActiveBytes, long UnflushedBytes, long AllBytes, bool FlushPending)
{
    /// <summary>Bytes already flushed but kept by iterators.</summary>
    public long PinnedBytes => Math.Max(0, AllBytes - UnflushedBytes);
}

/// <summary>Memtable options that are always set together.</summary>
/// <param name="WriteBufferBytes">RocksDB <c>write_buffer_size</c>, at least 64 KiB.</param>
/// <param name="ArenaBlockBytes">RocksDB <c>arena_block_size</c>: a memtable's memory grows by this much.</param>
/// <param name="MaxWriteBuffers">RocksDB <c>max_write_buffer_number</c>, 2 or more.</param>
/// <param name="MinToMerge">RocksDB <c>min_write_buffer_number_to_merge</c>: set at open only.</param>
public readonly record struct WriteBufferSettings(long WriteBufferBytes, long ArenaBlockBytes, int MaxWriteBuffers, int MinToMerge);

/// <summary>
/// One open database as the memory controller sees it. Implemented by the layers above; every member may be called
/// from any thread and, after the database closed, does nothing and reports zeroes.
/// </summary>
public interface IMemoryTarget
{
    /// <summary>Name of the database, unique on the node: <c>partition-7</c>, <c>log-server</c>, <c>metadata-server</c>.</summary>
    string Name { get; }

    /// <summary>The component whose budget it lives on.</summary>
    MemoryComponent Component { get; }

    /// <summary>The partition it stores, when it is a partition store.</summary>
    PartitionId? Partition { get; }

    /// <summary>Settings that were applied last.</summary>
    WriteBufferSettings AppliedSettings { get; }

    /// <summary>Reads the memtable figures; takes microseconds.</summary>
    MemtableSample Sample();

    /// <summary>Applies settings to the memtables that will be created from now on; takes 2 to 4 ms.</summary>
    /// <exception cref="StorageException">The database refused them.</exception>
    void Apply(in WriteBufferSettings settings);

    /// <summary>Asks for a flush of all memtables and returns without waiting for it.</summary>
    /// <exception cref="StorageException">The database refused it.</exception>
    void StartFlush();
}

/// <summary>The memory that all databases of the node share, and the list of those databases.</summary>
public interface ISharedMemory
{
    /// <summary>All open databases. The list is a snapshot.</summary>
    IReadOnlyList<IMemoryTarget> Targets { get; }

    /// <summary>Write buffer manager capacity in bytes. Setting it flushes nothing by itself.</summary>
    long WriteBufferManagerCapacity { get; set; }

    /// <summary>Bytes in all memtables: mutable, being flushed and pinned.</summary>
    long WriteBufferManagerUsage { get; }

    /// <summary>Bytes in memtables that still take writes.</summary>
    long WriteBufferManagerMutableUsage { get; }

    /// <summary>Capacity of the shared block cache in bytes. Lowering it evicts before it returns.</summary>
    long BlockCacheCapacity { get; set; }

    /// <summary>Bytes in the block cache, the charge for memtables included.</summary>
    long BlockCacheUsage { get; }

    /// <summary>Bytes of the block cache that cannot be evicted now.</summary>
    long BlockCachePinnedUsage { get; }

    /// <summary>Gives free allocator pages back to the operating system; takes 30 to 80 ms.</summary>
    void TrimAllocator();
}
