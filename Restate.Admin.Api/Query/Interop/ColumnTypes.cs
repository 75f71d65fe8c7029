using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>DuckDB's types for table columns.</summary>
/// <remarks>
/// Some of ours share one of DuckDB's. They are not told apart by type aliases, which DuckDB would carry to the result: it finds no
/// function, no operator and no join for a type of another name.
/// </remarks>
internal static class ColumnTypes
{
    /// <summary>The type of a column.</summary>
    internal static DuckDbLogicalType Create(SqlType type) => type switch
    {
        SqlType.Boolean => new DuckDbLogicalType(DuckDbType.Boolean),
        SqlType.UInt8 => new DuckDbLogicalType(DuckDbType.UTinyInt),
        SqlType.UInt32 => new DuckDbLogicalType(DuckDbType.UInteger),
        SqlType.UInt64 => new DuckDbLogicalType(DuckDbType.UBigInt),
        SqlType.Int64 => new DuckDbLogicalType(DuckDbType.BigInt),
        SqlType.Float64 => new DuckDbLogicalType(DuckDbType.Double),
        SqlType.Utf8 or SqlType.SmallUtf8 => new DuckDbLogicalType(DuckDbType.Varchar),
        SqlType.Binary => new DuckDbLogicalType(DuckDbType.Blob),
        SqlType.Timestamp => new DuckDbLogicalType(DuckDbType.TimestampTz),
        SqlType.Duration => new DuckDbLogicalType(DuckDbType.Interval),
        SqlType.UInt32List => List(DuckDbType.UInteger),
        SqlType.Utf8List => List(DuckDbType.Varchar),
        _ => throw new InvalidOperationException($"unknown column type {type}"),
    };

    private static DuckDbLogicalType List(DuckDbType element)
    {
        using var type = new DuckDbLogicalType(element);
        return new DuckDbLogicalType(DuckDbNative.CreateListType(type));
    }
}
