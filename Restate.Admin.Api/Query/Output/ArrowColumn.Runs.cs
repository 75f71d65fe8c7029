using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query.Output;

/// <summary>Many rows at a time: what depends on the column is then asked once and not for every value.</summary>
internal sealed unsafe partial class ArrowColumn
{
    /// <summary>True when no value holds others and texts lie in the vector as they are, so that <see cref="Measure"/> tells what they take.</summary>
    internal bool IsFlat => _shape switch
    {
        Shape.List or Shape.Struct => false,
        Shape.Bytes or Shape.LargeBytes => _source.Type.Id is DuckDbType.Varchar or DuckDbType.Blob,
        _ => true,
    };

    /// <summary>Bytes that some rows of the bound chunk add to a batch. For a flat column.</summary>
    internal long Measure(int row, int count)
    {
        long bytes = (long)count * BytesPerValue;
        return _shape is Shape.Bytes or Shape.LargeBytes ? bytes + TextBytes(row, count) : bytes;
    }

    /// <summary>Appends the values in some rows of the bound chunk.</summary>
    internal void Append(int row, int count)
    {
        if (!IsFlat)
        {
            for (int i = 0; i < count; i++)
                Append(row + i);
            return;
        }

        bool hasNulls = _source.HasNulls;
        if (hasNulls)
            AppendValidity(row, count);
        else
            _validity.AddOnes(_rows, count);
        _size.Bytes += (long)count * BytesPerValue;
        switch (_shape)
        {
            case Shape.Bytes or Shape.LargeBytes:
                AppendTexts(row, count);
                _rows += count;
                break;
            case Shape.Word when !hasNulls:
                _values.Add(new ReadOnlySpan<byte>((ulong*)_source.Data + row, count * sizeof(ulong)));
                _rows += count;
                break;
            default:
                for (int i = 0; i < count; i++)
                {
                    AppendValue(row + i, hasNulls && _source.IsNull(row + i));
                    _rows++;
                }

                break;
        }
    }

    private void AppendValidity(int row, int count)
    {
        for (int i = 0; i < count; i++)
        {
            bool isNull = _source.IsNull(row + i);
            _validity.AddBit(_rows + i, !isNull);
            if (isNull)
                _nulls++;
        }
    }

    private long TextBytes(int row, int count)
    {
        var texts = (StringValue*)_source.Data + row;
        long bytes = 0;
        for (int i = 0; i < count; i++)
            bytes += _source.IsNull(row + i) ? 0 : texts[i].Length;
        return bytes;
    }

    private void AppendTexts(int row, int count)
    {
        int total = checked((int)TextBytes(row, count));
        long end = _values.Length;
        Span<byte> values = _values.Extend(total);
        bool isLarge = _shape == Shape.LargeBytes;
        Span<byte> offsets = _offsets.Extend(count * (isLarge ? sizeof(long) : sizeof(int)));
        var texts = (StringValue*)_source.Data + row;
        fixed (byte* offset = offsets)
        {
            for (int i = 0; i < count; i++)
            {
                if (!_source.IsNull(row + i))
                {
                    ReadOnlySpan<byte> text = StringValue.Bytes(texts + i);
                    text.CopyTo(values);
                    values = values[text.Length..];
                    end += text.Length;
                }

                if (isLarge)
                    ((long*)offset)[i] = end;
                else
                    ((int*)offset)[i] = checked((int)end);
            }
        }

        _size.Bytes += total;
    }
}
