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
        return (Figure("stats.allocated"), Figure("stats.resident"));
    }

    /// <summary>Gives all freed pages back at once, one call of the system for each run of them.</summary>
    /// <returns>False when the allocator does not do that: the pages then go by themselves.</returns>
    internal static bool ReturnFreed() => MallCtl(PurgeAll, null, null, null, 0) == 0;

    private static long Figure(string name)
    {
        nuint bytes = 0;
        nuint length = (nuint)sizeof(nuint);
        int error = MallCtl(name, &bytes, &length, null, 0);
        return error == 0 ? (long)bytes : throw new InvalidOperationException($"jemalloc does not tell {name}: error {error}");
    }
}
