using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Api.Query.Interop;
using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.Query;

/// <summary>A column of a result and, while a chunk is read, where its values are.</summary>
internal sealed unsafe class ResultColumn
{
    private readonly ResultColumn[] _children;

    internal ResultColumn(string name, ResultType type, ColumnOrigin origin)
    {
        Name = name;
        Type = type;
        Origin = origin;
        _children = [.. type.Children.Select(child => new ResultColumn(child.Name, child.Type, ColumnOrigin.Expression))];
    }

    internal string Name { get; }

    internal ResultType Type { get; }

    internal ColumnOrigin Origin { get; }

    /// <summary>Type of the table column these values come from; null where that is not known. It tells types apart that are one to DuckDB.</summary>
    internal SqlType? Stored { get; set; }

    /// <summary>True for a span of time without a calendar.</summary>
    internal bool IsDuration => Type.Id == DuckDbType.Interval && Stored == SqlType.Duration;

    /// <summary>True for text that is Utf8 and not LargeUtf8 in Arrow.</summary>
    internal bool IsSmallText =>
        Type.Id == DuckDbType.Varchar && (Origin == ColumnOrigin.TextLiteral || Stored == SqlType.SmallUtf8);

    internal ReadOnlySpan<ResultColumn> Children => _children;

    /// <summary>Values of the chunk being read, laid out as <see cref="ResultType.Storage"/> says.</summary>
    internal void* Data { get; private set; }

    private ulong* Validity { get; set; }

    /// <summary>False when no value of the chunk being read can be null.</summary>
    internal bool HasNulls => Validity != null;

    internal bool IsNull(long row) => Validity != null && (Validity[row >> 6] & (1UL << (int)(row & 63))) == 0;

    /// <summary>The bytes of a text or blob.</summary>
    internal ReadOnlySpan<byte> Bytes(long row) => StringValue.Bytes((StringValue*)Data + row);

    /// <summary>First element and number of elements of a list or map, as rows of its child.</summary>
    internal (long Start, long Count) Elements(long row)
    {
        var entry = (ulong*)Data + (2 * row);
        return ((long)entry[0], (long)entry[1]);
    }

    /// <summary>A whole number of any width, an enum's index, or the digits of a decimal.</summary>
    internal Int128 Integer(long row) => Type.Storage switch
    {
        DuckDbType.TinyInt => ((sbyte*)Data)[row],
        DuckDbType.SmallInt => ((short*)Data)[row],
        DuckDbType.Integer => ((int*)Data)[row],
        DuckDbType.BigInt => ((long*)Data)[row],
        DuckDbType.UTinyInt => ((byte*)Data)[row],
        DuckDbType.USmallInt => ((ushort*)Data)[row],
        DuckDbType.UInteger => ((uint*)Data)[row],
        DuckDbType.UBigInt => ((ulong*)Data)[row],
        DuckDbType.HugeInt => new Int128(((ulong*)Data)[(2 * row) + 1], ((ulong*)Data)[2 * row]),
        _ => throw new InvalidOperationException($"{Type.Storage} is not a whole number"),
    };

    /// <summary>A 128-bit sum as the 64-bit number the peer's results have.</summary>
    /// <exception cref="QueryException">It does not fit.</exception>
    internal long Int64(long row)
    {
        var low = ((ulong*)Data)[2 * row];
        var high = ((long*)Data)[(2 * row) + 1];
        return high == (long)low >> 63 ? (long)low : throw DoesNotFit("Int64");
    }

    /// <inheritdoc cref="Int64"/>
    internal ulong UInt64(long row) =>
        ((ulong*)Data)[(2 * row) + 1] == 0 ? ((ulong*)Data)[2 * row] : throw DoesNotFit("UInt64");

    /// <summary>Milliseconds of a duration; a month counts 30 days, as where DuckDB compares.</summary>
    internal long Milliseconds(long row)
    {
        var parts = (int*)Data + (4 * row);
        Int128 days = ((Int128)parts[0] * 30) + parts[1];
        Int128 microseconds = (days * 86_400_000_000) + *(long*)(parts + 2);
        return (long)(microseconds / 1000);
    }

    /// <summary>Points the column at a vector of the chunk being read.</summary>
    internal void Bind(nint vector)
    {
        Data = DuckDbNative.VectorGetData(vector);
        Validity = DuckDbNative.VectorGetValidity(vector);
        if (Type.Id is DuckDbType.List or DuckDbType.Map)
        {
            _children[0].Bind(DuckDbNative.ListVectorGetChild(vector));
        }
        else if (Type.Id == DuckDbType.Struct)
        {
            for (int i = 0; i < _children.Length; i++)
                _children[i].Bind(DuckDbNative.StructVectorGetChild(vector, (ulong)i));
        }
    }

    private QueryException DoesNotFit(string type) =>
        QueryException.Invalid($"a value of column '{Name}' does not fit {type}: cast it to DECIMAL(38,0), DOUBLE or VARCHAR");
}
