using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>
/// Refuses DuckDB large blocks that would take all it has allocated past what queries may hold. Strings of expressions are in no limit of its
/// own, and the call that makes them heeds no interrupt: of 1,000 mentions of a string of 20 MB it made 20 GB while
/// <see cref="QueryWatch"/> could only look on. A block that is refused fails the query that wanted it, as any that is out of memory.
/// </summary>
/// <remarks>
/// By the <c>extent_hooks</c> of jemalloc: its arenas ask one of them for memory of the system. Most blocks are made of memory that was freed
/// before, and cost nothing here. Small ones always pass: code that is not prepared for a failure asks for those.
/// See https://jemalloc.net/jemalloc.3.html, <c>arena.i.extent_hooks</c>.
/// </remarks>
internal static unsafe class LargeAllocations
{
    /// <summary>Smaller requests pass.</summary>
    private const nuint LargeBytes = 1 << 20;

    /// <summary>
    /// An arena asks for more than it needs, and for ever more: a request that is refused here is repeated with what is needed, but what
    /// counts until then should be near to what is used.
    /// </summary>
    private const nuint GrowthBytes = 8 << 20;

    private static readonly Lock Installing = new();
    private static delegate* unmanaged[Cdecl]<ExtentHooks*, void*, nuint, nuint, byte*, byte*, uint, void*> _allocate;
    private static bool _isInstalled;
    private static long _limit = long.MaxValue;
    private static long _allocated;
    private static long _since;
    private static long _refused;

    /// <summary>True on a thread that is in a call of DuckDB which must not fail for want of memory, as nothing there would catch it.</summary>
    [ThreadStatic]
    internal static bool IsExempt;

    /// <summary>Bytes that DuckDB may have allocated in this process when it asks for a large block.</summary>
    internal static long LimitBytes { get => Volatile.Read(ref _limit); set => Volatile.Write(ref _limit, value); }

    /// <summary>Requests refused so far. The arena may have found memory elsewhere, or gone on with less.</summary>
    internal static long Refused => Interlocked.Read(ref _refused);

    /// <summary>Begins to watch over the arenas, all that there will be; later calls do nothing.</summary>
    /// <exception cref="InvalidOperationException">The allocator does not take it.</exception>
    internal static void Watch()
    {
        lock (Installing)
        {
            if (_isInstalled)
                return;

            // The last one is for the largest blocks.
            uint arenas = DuckDbNative.ArenaCount();
            DuckDbNative.CreateLargestArena(arenas - 1);
            ExtentHooks* defaults = DuckDbNative.ExtentHooksOf(0);
            _allocate = defaults->Allocate;

            // Never freed: the arenas live as long as the process.
            var hooks = (ExtentHooks*)NativeMemory.Alloc((nuint)sizeof(ExtentHooks));
            *hooks = *defaults;
            hooks->Allocate = &Allocate;

            // The allocator's own answer to "may these neighbours become one" is yes wherever it does not mix memory of brk and of mmap, but it
            // looks up the thread first. Where the first thing a thread does is to free, that makes the thread's cache, with a lock held that
            // the cache needs too. The answer to "may this be split" is the same plain yes, by the same kind of call.
            hooks->Merge = hooks->Split;
            for (uint arena = 0; arena < arenas; arena++)
            {
                DuckDbNative.SetExtentHooks(arena, hooks);
                DuckDbNative.SetGrowthLimit(arena, GrowthBytes);
            }

            _isInstalled = true;
        }
    }

    /// <summary>Notes what is allocated now, from a fresh look; requests add to it until the next one.</summary>
    internal static void Note(long allocated)
    {
        Volatile.Write(ref _allocated, allocated);
        Volatile.Write(ref _since, 0);
    }

    /// <summary>Called by an arena that needs memory, on any thread, with locks of the allocator held: nothing here may allocate or wait.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Allocate(ExtentHooks* hooks, void* address, nuint size, nuint alignment, byte* zero, byte* commit, uint arena)
    {
        if (size >= LargeBytes && !IsExempt)
        {
            if (Volatile.Read(ref _allocated) + Volatile.Read(ref _since) > LimitBytes - (long)size)
            {
                Interlocked.Increment(ref _refused);
                return null;
            }

            Interlocked.Add(ref _since, (long)size);
        }

        return _allocate(hooks, address, size, alignment, zero, commit, arena);
    }

    /// <summary><c>struct extent_hooks_s</c> of jemalloc 5.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ExtentHooks
    {
        internal delegate* unmanaged[Cdecl]<ExtentHooks*, void*, nuint, nuint, byte*, byte*, uint, void*> Allocate;
        private nint _deallocate;
        private nint _destroy;
        private nint _commit;
        private nint _decommit;
        private nint _purgeLazy;
        private nint _purgeForced;
        internal nint Split;
        internal nint Merge;
    }
}
