using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Memory;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

/// <summary>What the C library's allocator says of itself: figures of the whole process.</summary>
[Collection(ProcessWideCounters.Name)]
public sealed class AllocatorMemoryTests
{
    [Fact]
    public void Freed_small_blocks_show_as_free_in_the_allocators_heaps()
    {
        AllocatorMemory before = Read();
        nint[] blocks = new nint[4096];
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = Allocate(16 << 10);
        AllocatorMemory full = Read();
        Array.ForEach(blocks, Free);
        AllocatorMemory after = Read();

        // 64 MiB; the runtime and what earlier tests left running allocate and free meanwhile.
        const long Most = 48L << 20;
        Assert.True(Used(full) - Used(before) >= Most, $"{before} -> {full}");
        Assert.True(Used(full) - Used(after) >= Most, $"{full} -> {after}");

        static long Used(AllocatorMemory memory) => memory.HeapBytes - memory.FreeBytes;
        static AllocatorMemory Read() => AllocatorMemory.Read() ?? throw new InvalidOperationException("glibc 2.33 or later is needed here");
        static unsafe nint Allocate(nuint bytes) => (nint)System.Runtime.InteropServices.NativeMemory.Alloc(bytes);
        static unsafe void Free(nint block) => System.Runtime.InteropServices.NativeMemory.Free((void*)block);
    }
}
