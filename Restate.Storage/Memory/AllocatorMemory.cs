using System.Runtime.InteropServices;

namespace Restate.Storage.Memory;

/// <summary>
/// What the C library's allocator holds: RocksDB's small blocks, the record cache and DuckDB's C++ objects live in it. Free bytes are
/// the part of untracked memory that a trim can give back.
/// </summary>
/// <param name="HeapBytes">Its heaps (arenas), used and free parts.</param>
/// <param name="FreeBytes">Free parts of the heaps. Those that a trim gave back to the operating system count until they are used again.</param>
/// <param name="MappedBytes">Large blocks, each mapped for itself and given back when it is freed.</param>
public readonly partial record struct AllocatorMemory(long HeapBytes, long FreeBytes, long MappedBytes)
{
    /// <summary>Part of the ledger's use that untracked memory may reach besides <see cref="UntrackedBaseBytes"/>, in percent.</summary>
    public const int UntrackedPercent = 15;

    /// <summary>
    /// What the process needs whatever its pools hold: compiled code and types of the runtime, thread stacks, web server, and the free
    /// parts of heaps that a trim cannot give back.
    /// </summary>
    public const long UntrackedBaseBytes = 64L << 20;

    private static volatile bool _unknown;

    /// <summary>Bytes in use.</summary>
    public long UsedBytes => HeapBytes - FreeBytes + MappedBytes;

    /// <summary>What may be untracked once load or a change of budgets is over: 15 % of the ledger's use and 64 MiB.</summary>
    /// <param name="trackedBytes">Sum of the use of all pools.</param>
    public static long UntrackedBound(long trackedBytes) => UntrackedBaseBytes + (trackedBytes * UntrackedPercent / 100);

    /// <summary>Reads the allocator; null where the C library does not tell (glibc before 2.33, musl). Locks each heap while its free blocks are counted.</summary>
    public static AllocatorMemory? Read()
    {
        if (_unknown || !OperatingSystem.IsLinux())
            return null;
        try
        {
            MallocInfo info = MallInfo2();
            return new AllocatorMemory((long)info.Arena, (long)info.FreeInArenas, (long)info.MappedBytes);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            _unknown = true;
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial MallocInfo MallInfo2();

    /// <summary><c>struct mallinfo2</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct MallocInfo
    {
        public readonly nuint Arena;
        public readonly nuint FreeChunks;
        public readonly nuint FreeFastChunks;
        public readonly nuint MappedBlocks;
        public readonly nuint MappedBytes;
        public readonly nuint Unused;
        public readonly nuint FreeInFastChunks;
        public readonly nuint UsedInArenas;
        public readonly nuint FreeInArenas;
        public readonly nuint TopReleasable;
    }
}
