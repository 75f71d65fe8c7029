using System.Runtime.InteropServices;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>An open DuckDB instance. Connections keep their own reference to it.</summary>
internal sealed class DuckDbDatabase : SafeHandle
{
    internal DuckDbDatabase(nint handle) : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        DuckDbNative.Close(ref handle);
        return true;
    }
}

/// <summary>A connection. One statement at a time; <see cref="DuckDbNative.Interrupt"/> from any thread.</summary>
internal sealed class DuckDbConnection : SafeHandle
{
    internal DuckDbConnection(nint handle) : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        DuckDbNative.Disconnect(ref handle);
        return true;
    }
}

/// <summary>A prepared statement.</summary>
internal sealed class DuckDbStatement : SafeHandle
{
    internal DuckDbStatement(nint handle) : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        DuckDbNative.DestroyPrepare(ref handle);
        return true;
    }
}

/// <summary>A type with its parameters.</summary>
internal sealed class DuckDbLogicalType : SafeHandle
{
    internal DuckDbLogicalType(nint handle) : base(0, ownsHandle: true) => SetHandle(handle);

    internal DuckDbLogicalType(DuckDbType type) : this(DuckDbNative.CreateLogicalType(type))
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        DuckDbNative.DestroyLogicalType(ref handle);
        return true;
    }
}

/// <summary>A chunk of at most 2,048 result rows. Its vectors are valid until it is disposed.</summary>
internal sealed class DuckDbChunk : SafeHandle
{
    internal DuckDbChunk(nint handle) : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    /// <summary>Number of rows.</summary>
    internal int RowCount => (int)DuckDbNative.ChunkGetSize(handle);

    internal nint Vector(int column) => DuckDbNative.ChunkGetVector(handle, (ulong)column);

    protected override bool ReleaseHandle()
    {
        DuckDbNative.DestroyDataChunk(ref handle);
        return true;
    }
}

/// <summary>The result of a statement: a zeroed <c>duckdb_result</c> that DuckDB fills.</summary>
internal sealed unsafe class DuckDbResult : SafeHandle
{
    internal DuckDbResult() : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(Native)));

    public override bool IsInvalid => handle == 0;

    /// <summary>The next chunk; null at the end or after an error.</summary>
    internal DuckDbChunk? Fetch()
    {
        nint chunk = DuckDbNative.FetchChunk(*(Native*)handle);
        return chunk == 0 ? null : new DuckDbChunk(chunk);
    }

    /// <summary>The error of the last call; null when there is none.</summary>
    internal string? Error => Marshal.PtrToStringUTF8(DuckDbNative.ResultError(this));

    protected override bool ReleaseHandle()
    {
        DuckDbNative.DestroyResult(handle);
        NativeMemory.Free((void*)handle);
        return true;
    }

    /// <summary><c>duckdb_result</c>: six words, passed by value to some calls.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Native
    {
        private ulong _columnCount;
        private ulong _rowCount;
        private ulong _rowsChanged;
        private nint _columns;
        private nint _errorMessage;
        private nint _internalData;
    }
}
