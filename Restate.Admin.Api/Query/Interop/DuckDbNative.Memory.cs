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

    /// <summary>Bytes DuckDB has allocated now, whether touched or not. Takes 10 µs.</summary>
    internal static long AllocatedBytes()
    {
        // The statistics are a snapshot that writing the epoch refreshes.
        ulong epoch = 1;
        MallCtl("epoch", null, null, &epoch, sizeof(ulong));
        nuint bytes = 0;
        nuint length = (nuint)sizeof(nuint);
        int error = MallCtl("stats.allocated", &bytes, &length, null, 0);
        return error == 0 ? (long)bytes : throw new InvalidOperationException($"jemalloc does not tell stats.allocated: error {error}");
    }
}
