using System.Globalization;
using System.Runtime.InteropServices;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>
/// The figures of the allocator inside the DuckDB library (jemalloc, own copy, symbols <c>duckdb_je_*</c>). Unlike
/// <c>duckdb_memory()</c> they count everything DuckDB allocates: vectors, lists and strings of expressions included.
/// </summary>
internal static unsafe partial class DuckDbNative
{
    [LibraryImport(Library, EntryPoint = "duckdb_je_mallctl", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MallCtl(string name, void* old, nuint* oldLength, void* value, nuint valueLength);

    [LibraryImport(Library, EntryPoint = "duckdb_je_mallocx")]
    internal static partial nint MallocX(nuint size, int flags);

    [LibraryImport(Library, EntryPoint = "duckdb_je_dallocx")]
    internal static partial void DallocX(nint address, int flags);

    /// <summary><c>arena.&lt;i&gt;.purge</c> with <c>MALLCTL_ARENAS_ALL</c>.</summary>
    private const string PurgeAll = "arena.4096.purge";

    /// <summary>Bytes DuckDB has allocated now, whether touched or not. Takes 10 µs.</summary>
    internal static long AllocatedBytes() => Memory().Allocated;

    /// <summary>Bytes DuckDB has allocated now, and bytes its allocator holds for them: freed pages stay resident for about a second.</summary>
    internal static (long Allocated, long Resident) Memory()
    {
        // The statistics are a snapshot that writing the epoch refreshes.
        ulong epoch = 1;
        MallCtl("epoch", null, null, &epoch, sizeof(ulong));
        long allocated = Figure("stats.allocated");
        LargeAllocations.Note(allocated);
        return (allocated, Figure("stats.resident"));
    }

    /// <summary>Arenas of the allocator, those that are not in use yet included.</summary>
    internal static uint ArenaCount()
    {
        uint count = 0;
        nuint length = sizeof(uint);
        Require("arenas.narenas", MallCtl("arenas.narenas", &count, &length, null, 0));
        return count;
    }

    /// <summary>How an arena gets memory of the system. The table belongs to the allocator.</summary>
    internal static LargeAllocations.ExtentHooks* ExtentHooksOf(uint arena)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"arena.{arena}.extent_hooks");
        LargeAllocations.ExtentHooks* hooks = null;
        nuint length = (nuint)sizeof(nint);
        Require(name, MallCtl(name, &hooks, &length, null, 0));
        return hooks;
    }

    /// <summary>
    /// Creates the arena of the largest blocks, which otherwise comes with the first of them. It gives freed pages back at once, as that one
    /// would.
    /// </summary>
    internal static void CreateLargestArena(uint arena)
    {
        // MALLOCX_ARENA(arena) | MALLOCX_TCACHE_NONE: allocating there is what creates it.
        int flags = ((int)(arena + 1) << 20) | (1 << 8);
        nint probe = MallocX(16, flags);
        if (probe != 0)
            DallocX(probe, flags);
        string name = string.Create(CultureInfo.InvariantCulture, $"arena.{arena}.dirty_decay_ms");
        nint none = 0;
        Require(name, MallCtl(name, null, null, &none, (nuint)sizeof(nint)));
    }

    /// <summary>Has an arena get memory of the system in another way. The table must live as long as the process.</summary>
    internal static void SetExtentHooks(uint arena, LargeAllocations.ExtentHooks* hooks)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"arena.{arena}.extent_hooks");
        Require(name, MallCtl(name, null, null, &hooks, (nuint)sizeof(nint)));
    }

    /// <summary>Limits how much more than it needs an arena asks for at a time, in bytes.</summary>
    internal static void SetGrowthLimit(uint arena, nuint bytes)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"arena.{arena}.retain_grow_limit");
        Require(name, MallCtl(name, null, null, &bytes, (nuint)sizeof(nuint)));
    }

    /// <summary>Gives all freed pages back at once, one call of the system for each run of them.</summary>
    /// <returns>False when the allocator does not do that: the pages then go by themselves.</returns>
    internal static bool ReturnFreed() => MallCtl(PurgeAll, null, null, null, 0) == 0;

    private static long Figure(string name)
    {
        nuint bytes = 0;
        nuint length = (nuint)sizeof(nuint);
        int error = MallCtl(name, &bytes, &length, null, 0);
        Require(name, error);
        return (long)bytes;
    }

    private static void Require(string name, int error)
    {
        if (error != 0)
            throw new InvalidOperationException($"jemalloc does not know {name}: error {error}");
    }
}
