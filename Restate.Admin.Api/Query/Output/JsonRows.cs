using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query.Output;

/// <summary>How rows are put together.</summary>
internal enum JsonLayout
{
    /// <summary><c>{"rows":[…]}</c>.</summary>
    Document,

    /// <summary>One object a line.</summary>
    Lines,
}

/// <summary>
/// Writes rows as JSON objects as the peer does: null columns are left out, whole numbers keep all digits, floats always have a
/// point or an exponent, bytes are lower-case hex.
/// </summary>
internal sealed unsafe class JsonRows : IRowSink
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (byte)c), (byte)'"', (byte)'\\']);

    private readonly IReadOnlyList<ResultColumn> _columns;
    private readonly byte[][] _names;
    private readonly OutputBuffer _output;
    private readonly JsonLayout _layout;
    private bool _isStarted;
    private bool _hasRow;

    internal JsonRows(IReadOnlyList<ResultColumn> columns, OutputBuffer output, JsonLayout layout)
    {
        _columns = columns;
        _output = output;
        _layout = layout;
        _names = [.. columns.Select(column => Name(column.Name))];
    }

    public bool IsFull => _output.IsFull;

    public int Append(int from, int count)
    {
        Start();
        int row = from;
        for (; row < count && !_output.IsFull; row++)
        {
            if (_hasRow && _layout == JsonLayout.Document)
                _output.Write((byte)',');
            _hasRow = true;
            WriteRow(row);
            if (_layout == JsonLayout.Lines)
                _output.Write((byte)'\n');
        }

        return row;
    }

    public void Complete()
    {
        Start();
        if (_layout == JsonLayout.Document)
            _output.Write("]}"u8);
    }

    private static byte[] Name(string name) => Encoding.UTF8.GetBytes(
        $"\"{JsonEncodedText.Encode(name, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\":");

    private void Start()
    {
        if (!_isStarted && _layout == JsonLayout.Document)
            _output.Write("{\"rows\":["u8);
        _isStarted = true;
    }

    private void WriteRow(int row)
    {
        _output.Write((byte)'{');
        bool isFirst = true;
        for (int i = 0; i < _names.Length; i++)
        {
            ResultColumn column = _columns[i];
            if (column.IsNull(row))
                continue;
            if (!isFirst)
                _output.Write((byte)',');
            isFirst = false;
            _output.Write(_names[i]);
            WriteValue(column, row);
        }

        _output.Write((byte)'}');
    }

    private void WriteValue(ResultColumn column, long row)
    {
        switch (column.Type.Id)
        {
            case DuckDbType.UBigInt:
                WriteUnsigned(((ulong*)column.Data)[row]);
                break;
            case DuckDbType.Varchar:
                WriteText(column.Bytes(row));
                break;
            case DuckDbType.TinyInt or DuckDbType.SmallInt or DuckDbType.Integer or DuckDbType.BigInt
                or DuckDbType.UTinyInt or DuckDbType.USmallInt or DuckDbType.UInteger:
                WriteSigned((long)column.Integer(row));
                break;
            case DuckDbType.HugeInt:
                WriteSigned(column.Int64(row));
                break;
            case DuckDbType.UHugeInt:
                WriteUnsigned(column.UInt64(row));
                break;
            case DuckDbType.Boolean:
                _output.Write(((byte*)column.Data)[row] != 0 ? "true"u8 : "false"u8);
                break;
            case DuckDbType.Float:
                WriteFloat(((float*)column.Data)[row], isSingle: true);
                break;
            case DuckDbType.Double:
                WriteFloat(((double*)column.Data)[row], isSingle: false);
                break;
            case DuckDbType.Decimal:
                WriteAscii(Decimal(column.Integer(row), column.Type.Scale));
                break;
            case DuckDbType.Blob:
                WriteHex(column.Bytes(row));
                break;
            case DuckDbType.Enum:
                WriteText(column.Type.Labels[(int)column.Integer(row)]);
                break;
            case DuckDbType.List:
                WriteList(column, row);
                break;
            case DuckDbType.Struct:
                WriteStruct(column, row);
                break;
            case DuckDbType.Map:
                WriteMap(column, row);
                break;
            default:
                _output.Write((byte)'"');
                WriteTemporal(column, row);
                _output.Write((byte)'"');
                break;
        }
    }

    private void WriteTemporal(ResultColumn column, long row)
    {
        Span<byte> target = _output.Reserve(Civil.MaxBytes);
        switch (column.Type.Id)
        {
            case DuckDbType.Date:
                _output.Advance(Civil.Date(((int*)column.Data)[row], target));
                break;
            case DuckDbType.Time:
                (long seconds, long micros) = Civil.FloorDivide(((long*)column.Data)[row], 1_000_000);
                _output.Advance(Civil.Time(seconds, micros * 1000, 6, target));
                break;
            case DuckDbType.TimestampTz:
                _output.Advance(Civil.Timestamp(((long*)column.Data)[row], 1_000_000, 3, target));
                _output.Write((byte)'Z');
                break;
            case DuckDbType.Timestamp:
                _output.Advance(Civil.Timestamp(((long*)column.Data)[row], 1_000_000, 6, target));
                break;
            case DuckDbType.TimestampSeconds:
                _output.Advance(Civil.Timestamp(((long*)column.Data)[row], 1, 3, target));
                break;
            case DuckDbType.TimestampMilliseconds:
                _output.Advance(Civil.Timestamp(((long*)column.Data)[row], 1000, 3, target));
                break;
            case DuckDbType.TimestampNanoseconds:
                _output.Advance(Civil.Timestamp(((long*)column.Data)[row], 1_000_000_000, 9, target));
                break;
            case DuckDbType.Interval when column.IsDuration:
                WriteAscii(Civil.Duration(column.Milliseconds(row)));
                break;
            case DuckDbType.Interval:
                var parts = (int*)column.Data + (4 * row);
                WriteAscii(Civil.Interval(parts[0], parts[1], *(long*)(parts + 2)));
                break;
            case DuckDbType.Uuid:
                WriteAscii(Uuid.Text((ulong*)column.Data + (2 * row)));
                break;
            default:
                throw new InvalidOperationException($"no JSON form for {column.Type.Id}");
        }
    }

    private void WriteList(ResultColumn column, long row)
    {
        (long start, long count) = column.Elements(row);
        _output.Write((byte)'[');
        for (long i = 0; i < count; i++)
        {
            if (i > 0)
                _output.Write((byte)',');
            WriteOrNull(column.Children[0], start + i);
        }

        _output.Write((byte)']');
    }

    private void WriteStruct(ResultColumn column, long row)
    {
        _output.Write((byte)'{');
        bool isFirst = true;
        foreach (ResultColumn field in column.Children)
        {
            if (field.IsNull(row))
                continue;
            if (!isFirst)
                _output.Write((byte)',');
            isFirst = false;
            _output.Write(Name(field.Name));
            WriteValue(field, row);
        }

        _output.Write((byte)'}');
    }

    private void WriteMap(ResultColumn column, long row)
    {
        (long start, long count) = column.Elements(row);
        ResultColumn key = column.Children[0].Children[0];
        _output.Write((byte)'{');
        for (long i = 0; i < count; i++)
        {
            if (i > 0)
                _output.Write((byte)',');

            WriteName(key, start + i);
            _output.Write((byte)':');
            WriteOrNull(column.Children[0].Children[1], start + i);
        }

        _output.Write((byte)'}');
    }

    /// <summary>Writes a value as a name, which must be text: what is none yet becomes the text of its JSON.</summary>
    private void WriteName(ResultColumn key, long row)
    {
        int start = _output.Length;
        WriteValue(key, row);
        if (_output.Written.Span[start] == (byte)'"')
            return;
        byte[] json = _output.Written.Span[start..].ToArray();
        _output.Advance(start - _output.Length);
        WriteText(json);
    }

    private void WriteOrNull(ResultColumn column, long row)
    {
        if (column.IsNull(row))
            _output.Write("null"u8);
        else
            WriteValue(column, row);
    }

    private void WriteSigned(long value)
    {
        Utf8Formatter.TryFormat(value, _output.Reserve(20), out int written);
        _output.Advance(written);
    }

    private void WriteUnsigned(ulong value)
    {
        Utf8Formatter.TryFormat(value, _output.Reserve(20), out int written);
        _output.Advance(written);
    }

    private void WriteFloat(double value, bool isSingle)
    {
        if (!double.IsFinite(value))
            _output.Write("null"u8);
        else
            WriteAscii(FloatText.Format(value, isSingle));
    }

    /// <summary>Digits of a decimal with its point, e.g. <c>1.230</c>.</summary>
    private static string Decimal(Int128 digits, int scale)
    {
        string text = Int128.Abs(digits).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        string sign = digits < 0 ? "-" : "";
        return scale == 0 ? sign + text : $"{sign}{text.AsSpan(0, text.Length - scale)}.{text.AsSpan(text.Length - scale)}";
    }

    private void WriteAscii(string text)
    {
        Encoding.ASCII.TryGetBytes(text, _output.Reserve(text.Length), out int written);
        _output.Advance(written);
    }

    private void WriteHex(ReadOnlySpan<byte> bytes)
    {
        Span<byte> target = _output.Reserve(checked((2 * bytes.Length) + 2));
        target[0] = (byte)'"';
        Convert.TryToHexStringLower(bytes, target[1..], out int written);
        target[written + 1] = (byte)'"';
        _output.Advance(written + 2);
    }

    private void WriteText(ReadOnlySpan<byte> text)
    {
        _output.Write((byte)'"');
        while (true)
        {
            int plain = text.IndexOfAny(Escaped);
            if (plain < 0)
                break;
            _output.Write(text[..plain]);
            WriteEscape(text[plain]);
            text = text[(plain + 1)..];
        }

        _output.Write(text);
        _output.Write((byte)'"');
    }

    private void WriteEscape(byte c)
    {
        switch (c)
        {
            case (byte)'"':
                _output.Write("\\\""u8);
                break;
            case (byte)'\\':
                _output.Write("\\\\"u8);
                break;
            case (byte)'\n':
                _output.Write("\\n"u8);
                break;
            case (byte)'\r':
                _output.Write("\\r"u8);
                break;
            case (byte)'\t':
                _output.Write("\\t"u8);
                break;
            case (byte)'\b':
                _output.Write("\\b"u8);
                break;
            case (byte)'\f':
                _output.Write("\\f"u8);
                break;
            default:
                _output.Write("\\u00"u8);
                Utf8Formatter.TryFormat(c, _output.Reserve(2), out int written, new StandardFormat('x', 2));
                _output.Advance(written);
                break;
        }
    }
}
