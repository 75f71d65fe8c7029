using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query.Tables;

/// <summary>The vectors of a DuckDB chunk that a worker fills, by table column. Valid during one call.</summary>
internal readonly unsafe ref struct ScanVectors
{
    private readonly nint _chunk;
    private readonly ReadOnlySpan<int> _positions;

    /// <param name="chunk">A <c>duckdb_data_chunk</c>.</param>
    /// <param name="positions">By table column: its vector in the chunk, or −1 when the query does not read it.</param>
    /// <param name="capacity">Rows a vector holds.</param>
    internal ScanVectors(nint chunk, ReadOnlySpan<int> positions, int capacity)
    {
        _chunk = chunk;
        _positions = positions;
        Capacity = capacity;
    }

    /// <summary>Most rows of a chunk.</summary>
    internal int Capacity { get; }

    /// <summary>The values of a column, or null when the query does not read it.</summary>
    internal void* Data(int column) =>
        _positions[column] < 0 ? null : DuckDbNative.VectorGetData(DuckDbNative.ChunkGetVector(_chunk, (ulong)_positions[column]));

    /// <summary>The validity bits of a column the query reads, all set; clear a row's bit to make it null.</summary>
    internal ulong* Validity(int column)
    {
        nint vector = DuckDbNative.ChunkGetVector(_chunk, (ulong)_positions[column]);
        DuckDbNative.VectorEnsureValidityWritable(vector);
        return DuckDbNative.VectorGetValidity(vector);
    }

    /// <summary>The vector of a column the query reads.</summary>
    internal nint Vector(int column) => DuckDbNative.ChunkGetVector(_chunk, (ulong)_positions[column]);

    /// <summary>Makes room in a list column the query reads.</summary>
    /// <remarks>
    /// Within DuckDB's vector size this does nothing. Beyond, it takes memory outside DuckDB's limit and ours, so that it fails only where
    /// the process has none left: nothing in the call would catch that.
    /// </remarks>
    /// <exception cref="InvalidOperationException">DuckDB refused.</exception>
    internal void ReserveElements(int column, int count)
    {
        nint vector = Vector(column);
        int failed;
        LargeAllocations.IsExempt = true;
        try
        {
            failed = DuckDbNative.ListVectorReserve(vector, (ulong)count);
        }
        finally
        {
            LargeAllocations.IsExempt = false;
        }

        if (failed != 0)
            throw new InvalidOperationException($"DuckDB has no room for {count} list elements");
    }

    internal static void SetNull(ulong* validity, int row) => validity[row >> 6] &= ~(1UL << (row & 63));
}
