using Apache.Arrow;
using Apache.Arrow.Types;
using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query.Output;

/// <summary>Arrow types of result columns: the peer's where it has the type.</summary>
internal static class ArrowTypes
{
    /// <summary>The schema of a result, without metadata.</summary>
    internal static Schema SchemaOf(IReadOnlyList<ResultColumn> columns) => new(
        columns.Select(column => new Field(
            column.Name,
            TypeOf(column),
            nullable: column.Origin == ColumnOrigin.Expression)),
        metadata: null);

    internal static IArrowType TypeOf(ResultColumn column) =>
        column.IsDuration ? DurationType.Millisecond
        : column.IsSmallText ? StringType.Default
        : TypeOf(column.Type, column.Origin);

    private static IArrowType TypeOf(ResultType type, ColumnOrigin origin) => type.Id switch
    {
        DuckDbType.Boolean => BooleanType.Default,
        DuckDbType.TinyInt => Int8Type.Default,
        DuckDbType.SmallInt => Int16Type.Default,
        DuckDbType.Integer => origin == ColumnOrigin.IntegerLiteral ? Int64Type.Default : Int32Type.Default,
        DuckDbType.BigInt or DuckDbType.HugeInt => Int64Type.Default,
        DuckDbType.UTinyInt => UInt8Type.Default,
        DuckDbType.USmallInt => UInt16Type.Default,
        DuckDbType.UInteger => UInt32Type.Default,
        DuckDbType.UBigInt or DuckDbType.UHugeInt => UInt64Type.Default,
        DuckDbType.Float => FloatType.Default,
        DuckDbType.Double => DoubleType.Default,
        DuckDbType.Decimal => new Decimal128Type(type.Width, type.Scale),
        DuckDbType.Varchar => LargeStringType.Default,
        DuckDbType.Enum or DuckDbType.Uuid => LargeStringType.Default,
        DuckDbType.Blob => LargeBinaryType.Default,
        DuckDbType.Date => Date32Type.Default,
        DuckDbType.Time => new Time64Type(TimeUnit.Microsecond),
        DuckDbType.Timestamp => new TimestampType(TimeUnit.Microsecond, (string?)null),
        DuckDbType.TimestampSeconds => new TimestampType(TimeUnit.Second, (string?)null),
        DuckDbType.TimestampMilliseconds => new TimestampType(TimeUnit.Millisecond, (string?)null),
        DuckDbType.TimestampNanoseconds => new TimestampType(TimeUnit.Nanosecond, (string?)null),
        DuckDbType.TimestampTz => new TimestampType(TimeUnit.Millisecond, "+00:00"),
        DuckDbType.Interval => IntervalType.MonthDayNanosecond,
        DuckDbType.List => new ListType(new Field("item", Child(type, 0), nullable: true)),
        DuckDbType.Struct => new StructType(
            [.. type.Children.Select(child => new Field(child.Name, TypeOf(child.Type, ColumnOrigin.Expression), nullable: true))]),
        DuckDbType.Map => new MapType(
            new Field("key", Child(type.Children[0].Type, 0), nullable: false),
            new Field("value", Child(type.Children[0].Type, 1), nullable: true)),
        _ => throw new InvalidOperationException($"no Arrow type for {type.Id}"),
    };

    private static IArrowType Child(ResultType type, int index) => TypeOf(type.Children[index].Type, ColumnOrigin.Expression);
}
