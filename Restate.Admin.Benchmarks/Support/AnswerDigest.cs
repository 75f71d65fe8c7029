using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>What two answers must have in common: a million rows are compared without being held.</summary>
/// <param name="Schema">Names and types of the columns, for an Arrow answer; empty for JSON.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="AnyOrder">Sum of the hashes of the rows: equal for the same rows in any order.</param>
/// <param name="InOrder">Hash over the rows as they came.</param>
internal sealed record AnswerDigest(string Schema, long Rows, ulong AnyOrder, ulong InOrder)
{
    /// <summary>Says how <paramref name="other"/> differs, or null when it does not.</summary>
    public string? Difference(AnswerDigest other, bool ordered)
    {
        if (ReadAlike(Schema) != ReadAlike(other.Schema))
            return $"types: {Schema} against {other.Schema}";
        if (Rows != other.Rows)
            return $"rows: {Rows} against {other.Rows}";
        if (AnyOrder != other.AnyOrder)
            return "values differ";
        return ordered && InOrder != other.InOrder ? "order differs" : null;
    }

    /// <summary>The digest of <c>{"rows":[…]}</c>. A row is hashed as it is written, so number and time formats count.</summary>
    /// <exception cref="JsonException">Not JSON of that shape.</exception>
    public static AnswerDigest OfJson(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        Expect(ref reader, JsonTokenType.StartObject);
        Expect(ref reader, JsonTokenType.PropertyName);
        if (!reader.ValueTextEquals("rows"u8))
            throw new JsonException($"expected \"rows\", found \"{reader.GetString()}\"");
        Expect(ref reader, JsonTokenType.StartArray);
        var sums = new Sums();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            sums.Add(body[start..(int)reader.BytesConsumed]);
        }

        Expect(ref reader, JsonTokenType.EndObject);
        return sums.Digest(schema: string.Empty);
    }

    /// <summary>The digest of an Arrow stream.</summary>
    /// <exception cref="NotSupportedException">A column of a type no query here gives.</exception>
    public static async Task<AnswerDigest> OfArrowAsync(ArrowStreamReader reader, CancellationToken cancellationToken)
    {
        Schema schema = await reader.GetSchema(cancellationToken);
        string columns = string.Join(", ", schema.FieldsList.Select(field => $"{field.Name} {TypeText(field)}"));
        var sums = new Sums();
        var row = new ArrayBufferWriter<byte>();
        while (await reader.ReadNextRecordBatchAsync(cancellationToken) is { } batch)
        {
            using (batch)
            {
                IArrowArray[] arrays = [.. batch.Arrays];
                for (int i = 0; i < batch.Length; i++)
                {
                    row.ResetWrittenCount();
                    foreach (IArrowArray array in arrays)
                        Append(row, array, i);
                    sums.Add(row.WrittenSpan);
                }
            }
        }

        return sums.Digest(columns);
    }

    // The peer gives what some functions compute (substr) in the view layout, which is its engine's way of holding strings and
    // no other type: a client reads the same text. We give text that is not a literal as large_utf8 everywhere, and all text in lists.
    private static string ReadAlike(string schema) => schema
        .Replace(" utf8view", " large_utf8", StringComparison.Ordinal)
        .Replace("<utf8view>", "<large_utf8>", StringComparison.Ordinal)
        .Replace("<utf8>", "<large_utf8>", StringComparison.Ordinal);

    private static string TypeText(Field field) => TypeText(field.DataType);

    private static string TypeText(IArrowType type) => type switch
    {
        TimestampType time => $"timestamp({time.Unit}, {time.Timezone})",
        DurationType duration => $"duration({duration.Unit})",
        Time64Type time => $"time64({time.Unit})",
        Decimal128Type number => $"decimal128({number.Precision}, {number.Scale})",
        ListType list => $"list<{TypeText(list.ValueDataType)}>",
        _ => type.Name,
    };

    private static void Append(ArrayBufferWriter<byte> row, IArrowArray array, int i)
    {
        if (array.IsNull(i))
        {
            row.Write<byte>([0]);
            return;
        }

        row.Write<byte>([1]);
        switch (array)
        {
            case LargeBinaryArray bytes: Framed(row, bytes.GetBytes(i)); break;
            case BinaryArray bytes: Framed(row, bytes.GetBytes(i)); break;
            case BinaryViewArray bytes: Framed(row, bytes.GetBytes(i)); break;
            case UInt64Array numbers: Number(row, numbers.GetValue(i)!.Value); break;
            case Int64Array numbers: Number(row, (ulong)numbers.GetValue(i)!.Value); break;
            case Decimal128Array numbers: Framed(row, numbers.ValueBuffer.Span.Slice((numbers.Offset + i) * 16, 16)); break;
            case FloatArray numbers: Number(row, BitConverter.SingleToUInt32Bits(numbers.GetValue(i)!.Value)); break;
            case Int16Array numbers: Number(row, (ulong)numbers.GetValue(i)!.Value); break;
            case Int8Array numbers: Number(row, (ulong)numbers.GetValue(i)!.Value); break;
            case UInt16Array numbers: Number(row, numbers.GetValue(i)!.Value); break;
            case UInt8Array numbers: Number(row, numbers.GetValue(i)!.Value); break;
            case Date32Array days: Number(row, (ulong)days.GetValue(i)!.Value); break;
            case Time64Array times: Number(row, (ulong)times.GetValue(i)!.Value); break;
            case DurationArray spans: Number(row, (ulong)spans.GetValue(i)!.Value); break;
            case MonthDayNanosecondIntervalArray spans: Framed(row, spans.ValueBuffer.Span.Slice((spans.Offset + i) * 16, 16)); break;
            case ListArray lists: Elements(row, lists.GetSlicedValues(i)); break;
            case UInt32Array numbers: Number(row, numbers.GetValue(i)!.Value); break;
            case Int32Array numbers: Number(row, (ulong)numbers.GetValue(i)!.Value); break;
            case DoubleArray numbers: Number(row, BitConverter.DoubleToUInt64Bits(numbers.GetValue(i)!.Value)); break;
            case TimestampArray times: Number(row, (ulong)times.GetValue(i)!.Value); break;
            case BooleanArray flags: Number(row, flags.GetValue(i)!.Value ? 1UL : 0); break;
            default: throw new NotSupportedException($"no comparison for Arrow type {array.Data.DataType.Name}");
        }
    }

    private static void Elements(ArrayBufferWriter<byte> row, IArrowArray elements)
    {
        Number(row, (ulong)elements.Length);
        for (int i = 0; i < elements.Length; i++)
            Append(row, elements, i);
    }

    private static void Number(ArrayBufferWriter<byte> row, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(row.GetSpan(sizeof(ulong)), value);
        row.Advance(sizeof(ulong));
    }

    private static void Framed(ArrayBufferWriter<byte> row, ReadOnlySpan<byte> bytes)
    {
        Number(row, (ulong)bytes.Length);
        row.Write(bytes);
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType expected)
    {
        if (!reader.Read() || reader.TokenType != expected)
            throw new JsonException($"expected {expected}, found {reader.TokenType} at byte {reader.TokenStartIndex}");
    }

    private sealed class Sums
    {
        private long _rows;
        private ulong _anyOrder;
        private ulong _inOrder;

        public void Add(ReadOnlySpan<byte> row)
        {
            ulong hash = XxHash3.HashToUInt64(row);
            _rows++;
            _anyOrder = unchecked(_anyOrder + hash);
            _inOrder = unchecked((_inOrder * 0x9E3779B97F4A7C15) + hash);
        }

        public AnswerDigest Digest(string schema) => new(schema, _rows, _anyOrder, _inOrder);
    }
}
