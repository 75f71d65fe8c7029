using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query.Output;

/// <summary>Bytes of a batch so far, over all its columns.</summary>
internal sealed class BatchSize
{
    internal long Bytes { get; set; }
}

/// <summary>Builds one Arrow array from the values of a result column.</summary>
internal sealed unsafe partial class ArrowColumn : IDisposable
{
    /// <summary>About what a value takes beside its text.</summary>
    private const int BytesPerValue = 8;

    private readonly ResultColumn _source;
    private readonly IArrowType _type;
    private readonly Shape _shape;
    private readonly BatchSize _size;
    private readonly GrowBuffer _validity;
    private readonly GrowBuffer _offsets;
    private readonly GrowBuffer _values;
    private readonly ArrowColumn[] _children;
    private int _rows;
    private int _nulls;
    private int _childRows;

    /// <param name="source">The column.</param>
    /// <param name="size">Counts the bytes of the batch.</param>
    /// <param name="memory">Counts the memory held.</param>
    internal ArrowColumn(ResultColumn source, BatchSize size, MemoryCounter memory)
    {
        _source = source;
        _size = size;
        _type = ArrowTypes.TypeOf(source);
        _shape = _type switch
        {
            LargeStringType or LargeBinaryType => Shape.LargeBytes,
            StringType => Shape.Bytes,
            ListType or MapType => Shape.List,
            StructType => Shape.Struct,
            BooleanType => Shape.Boolean,
            _ when source.Type.Id is DuckDbType.UBigInt or DuckDbType.BigInt => Shape.Word,
            _ => Shape.Fixed,
        };
        _validity = new GrowBuffer(memory);
        _offsets = new GrowBuffer(memory);
        _values = new GrowBuffer(memory);
        _children = new ArrowColumn[source.Children.Length];
        for (int i = 0; i < _children.Length; i++)
            _children[i] = new ArrowColumn(source.Children[i], size, memory);
        StartOffsets();
    }

    /// <summary>How values are laid out: what is looked at for every one of them.</summary>
    private enum Shape
    {
        Fixed,
        Word,
        Boolean,
        Bytes,
        LargeBytes,
        List,
        Struct,
    }

    /// <summary>Appends the value in a row of the bound chunk.</summary>
    internal void Append(long row)
    {
        bool isNull = _source.IsNull(row);
        _validity.AddBit(_rows, !isNull);
        if (isNull)
            _nulls++;
        AppendValue(row, isNull);
        _rows++;
        _size.Bytes += BytesPerValue;
    }

    /// <summary>The array of all values since <see cref="Clear"/>. It shares this column's memory: use it before the next call.</summary>
    internal ArrayData Build()
    {
        ArrowBuffer validity = _nulls == 0 ? ArrowBuffer.Empty : new ArrowBuffer(_validity.Written);
        ArrowBuffer[] buffers = _shape switch
        {
            Shape.Bytes or Shape.LargeBytes => [validity, new ArrowBuffer(_offsets.Written), new ArrowBuffer(_values.Written)],
            Shape.List => [validity, new ArrowBuffer(_offsets.Written)],
            Shape.Struct => [validity],
            _ => [validity, new ArrowBuffer(_values.Written)],
        };
        return new ArrayData(_type, _rows, _nulls, 0, buffers, [.. _children.Select(child => child.Build())]);
    }

    /// <summary>Starts anew.</summary>
    internal void Clear()
    {
        _rows = 0;
        _nulls = 0;
        _childRows = 0;
        _validity.Clear();
        _offsets.Clear();
        _values.Clear();
        foreach (ArrowColumn child in _children)
            child.Clear();
        StartOffsets();
    }

    public void Dispose()
    {
        _validity.Dispose();
        _offsets.Dispose();
        _values.Dispose();
        foreach (ArrowColumn child in _children)
            child.Dispose();
    }

    private void StartOffsets()
    {
        if (_shape == Shape.LargeBytes)
            _offsets.Add(0L);
        else if (_shape is Shape.Bytes or Shape.List)
            _offsets.Add(0);
    }

    private void AppendValue(long row, bool isNull)
    {
        switch (_shape)
        {
            case Shape.LargeBytes:
                if (!isNull)
                    AppendBytes(row);
                _offsets.Add((long)_values.Length);
                break;
            case Shape.Bytes:
                if (!isNull)
                    AppendBytes(row);
                _offsets.Add(_values.Length);
                break;
            case Shape.Word:
                _values.Add(isNull ? 0 : ((long*)_source.Data)[row]);
                break;
            case Shape.List:
                (long start, long count) = isNull ? (0, 0) : _source.Elements(row);
                for (long i = 0; i < count; i++)
                    _children[0].Append(start + i);
                _childRows = checked(_childRows + (int)count);
                _offsets.Add(_childRows);
                break;
            case Shape.Struct:
                foreach (ArrowColumn child in _children)
                    child.Append(row);
                break;
            case Shape.Boolean:
                _values.AddBit(_rows, !isNull && ((byte*)_source.Data)[row] != 0);
                break;
            default:
                AppendFixed(row, isNull);
                break;
        }
    }

    private void AppendBytes(long row)
    {
        ReadOnlySpan<byte> bytes = Text(row);
        _values.Add(bytes);
        _size.Bytes += bytes.Length;
    }

    private ReadOnlySpan<byte> Text(long row) => _source.Type.Id switch
    {
        DuckDbType.Enum => _source.Type.Labels[(int)_source.Integer(row)],
        DuckDbType.Uuid => Encoding.ASCII.GetBytes(Uuid.Text((ulong*)_source.Data + (2 * row))),
        _ => _source.Bytes(row),
    };

    private void AppendFixed(long row, bool isNull)
    {
        void* data = _source.Data;
        switch (_source.Type.Id)
        {
            case DuckDbType.TinyInt or DuckDbType.UTinyInt:
                _values.Add(isNull ? default : ((byte*)data)[row]);
                break;
            case DuckDbType.SmallInt or DuckDbType.USmallInt:
                _values.Add(isNull ? default : ((short*)data)[row]);
                break;
            case DuckDbType.Integer when _type is Int64Type:
                _values.Add(isNull ? 0L : ((int*)data)[row]);
                break;
            case DuckDbType.Integer or DuckDbType.UInteger or DuckDbType.Float or DuckDbType.Date:
                _values.Add(isNull ? default : ((int*)data)[row]);
                break;
            case DuckDbType.HugeInt:
                _values.Add(isNull ? default : _source.Int64(row));
                break;
            case DuckDbType.UHugeInt:
                _values.Add(isNull ? default : _source.UInt64(row));
                break;
            case DuckDbType.Decimal:
                _values.Add(isNull ? default : _source.Integer(row));
                break;
            case DuckDbType.TimestampTz:
                _values.Add(isNull ? default : Civil.FloorDivide(((long*)data)[row], 1000).Quotient);
                break;
            case DuckDbType.Interval when _source.IsDuration:
                _values.Add(isNull ? default : _source.Milliseconds(row));
                break;
            case DuckDbType.Interval:
                var parts = (int*)data + (4 * row);
                _values.Add(isNull ? default : parts[0]);
                _values.Add(isNull ? default : parts[1]);
                _values.Add(isNull ? default : checked(*(long*)(parts + 2) * 1000));
                break;
            default:
                _values.Add(isNull ? default : ((long*)data)[row]);
                break;
        }
    }
}
