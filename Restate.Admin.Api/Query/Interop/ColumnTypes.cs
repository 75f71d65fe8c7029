using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>
/// DuckDB's types for table columns. Where Arrow has two types for one of DuckDB's, the type gets an alias, which DuckDB carries to
/// the result for as long as nothing is computed from the column.
/// </summary>
internal static class ColumnTypes
{
    /// <summary>Alias of an INTERVAL that is a span of time without a calendar: Duration in Arrow.</summary>
    internal const string DurationAlias = "Duration";

    /// <summary>Alias of a VARCHAR that is Utf8 and not LargeUtf8 in Arrow.</summary>
    internal const string SmallUtf8Alias = "Utf8";

    /// <summary>The type of a column.</summary>
    internal static DuckDbLogicalType Create(SqlType type) => type switch
    {
        SqlType.Boolean => new DuckDbLogicalType(DuckDbType.Boolean),
        SqlType.UInt8 => new DuckDbLogicalType(DuckDbType.UTinyInt),
        SqlType.UInt32 => new DuckDbLogicalType(DuckDbType.UInteger),
        SqlType.UInt64 => new DuckDbLogicalType(DuckDbType.UBigInt),
        SqlType.Int64 => new DuckDbLogicalType(DuckDbType.BigInt),
        SqlType.Float64 => new DuckDbLogicalType(DuckDbType.Double),
        SqlType.Utf8 => new DuckDbLogicalType(DuckDbType.Varchar),
        SqlType.SmallUtf8 => Aliased(DuckDbType.Varchar, SmallUtf8Alias),
        SqlType.Binary => new DuckDbLogicalType(DuckDbType.Blob),
        SqlType.Timestamp => new DuckDbLogicalType(DuckDbType.TimestampTz),
        SqlType.Duration => Aliased(DuckDbType.Interval, DurationAlias),
        SqlType.UInt32List => List(DuckDbType.UInteger),
        SqlType.Utf8List => List(DuckDbType.Varchar),
        _ => throw new InvalidOperationException($"unknown column type {type}"),
    };

    private static DuckDbLogicalType Aliased(DuckDbType type, string alias)
    {
        var result = new DuckDbLogicalType(type);
        DuckDbNative.LogicalTypeSetAlias(result, alias);
        return result;
    }

    private static DuckDbLogicalType List(DuckDbType element)
    {
        using var type = new DuckDbLogicalType(element);
        return new DuckDbLogicalType(DuckDbNative.CreateListType(type));
    }
}
