using System.Text;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query.Tables;

/// <summary>Writes values of rows in memory into the vectors of a chunk.</summary>
internal static unsafe class MemoryRows
{
    private static readonly long MicrosecondsPerDay = (long)TimeSpan.FromDays(1).TotalMicroseconds;

    /// <summary>Writes <paramref name="count"/> rows of one column, if the query reads it.</summary>
    internal static void Write(
        SqlColumn column, int index, IReadOnlyList<object?[]> rows, int first, int count, in ScanVectors vectors, StringHeap heap)
    {
        void* data = vectors.Data(index);
        if (data == null)
            return;
        ulong* validity = vectors.Validity(index);
        bool isList = column.Type is SqlType.UInt32List or SqlType.Utf8List;
        nint vector = isList ? vectors.Vector(index) : 0;
        ulong elements = 0;
        if (isList)
            vectors.ReserveElements(index, Elements(index, rows, first, count));
        for (int row = 0; row < count; row++)
        {
            object? value = rows[first + row][index];
            if (isList)
                elements = WriteList(column, value, (ulong*)data + (2 * row), vector, elements, heap);
            if (value is null)
                ScanVectors.SetNull(validity, row);
            else if (!isList)
                WriteValue(column, value, data, row, heap);
        }

        if (isList)
            DuckDbNative.ListVectorSetSize(vector, elements);
    }

    /// <summary>Elements of a list column in the given rows.</summary>
    internal static int Elements(int index, IReadOnlyList<object?[]> rows, int first, int count)
    {
        int elements = 0;
        for (int row = first; row < first + count; row++)
            elements = checked(elements + Length(rows[row][index]));
        return elements;
    }

    /// <summary>Elements of a list; 0 for null.</summary>
    internal static int Length(object? list) => list switch
    {
        null => 0,
        IReadOnlyList<uint> numbers => numbers.Count,
        IReadOnlyList<string> texts => texts.Count,
        _ => throw new InvalidOperationException($"{list.GetType()} is no list of a column type"),
    };

    private static ulong WriteList(SqlColumn column, object? value, ulong* entry, nint vector, ulong start, StringHeap heap)
    {
        entry[0] = start;
        entry[1] = (ulong)Length(value);
        if (entry[1] == 0)
            return start;
        void* items = DuckDbNative.VectorGetData(DuckDbNative.ListVectorGetChild(vector));
        if (column.Type == SqlType.UInt32List)
        {
            foreach (uint item in (IReadOnlyList<uint>)value!)
                ((uint*)items)[start++] = item;
        }
        else
        {
            foreach (string item in (IReadOnlyList<string>)value!)
                ((StringValue*)items)[start++] = heap.Add(Encoding.UTF8.GetBytes(item));
        }

        return start;
    }

    private static void WriteValue(SqlColumn column, object value, void* data, int row, StringHeap heap)
    {
        switch (column.Type)
        {
            case SqlType.Boolean:
                ((bool*)data)[row] = (bool)value;
                break;
            case SqlType.UInt8:
                ((byte*)data)[row] = (byte)value;
                break;
            case SqlType.UInt32:
                ((uint*)data)[row] = (uint)value;
                break;
            case SqlType.UInt64:
                ((ulong*)data)[row] = (ulong)value;
                break;
            case SqlType.Int64:
                ((long*)data)[row] = (long)value;
                break;
            case SqlType.Float64:
                ((double*)data)[row] = (double)value;
                break;
            case SqlType.Utf8 or SqlType.SmallUtf8:
                ((StringValue*)data)[row] = heap.Add(Encoding.UTF8.GetBytes((string)value));
                break;
            case SqlType.Binary:
                ((StringValue*)data)[row] = heap.Add((byte[])value);
                break;
            case SqlType.Timestamp:
                // What is shown has milliseconds, so what is compared has no more.
                ((long*)data)[row] = ((DateTimeOffset)value).ToUnixTimeMilliseconds() * 1000;
                break;
            case SqlType.Duration:
                WriteDuration((TimeSpan)value, (int*)data + (4 * row));
                break;
            default:
                throw new InvalidOperationException($"{column.Name} has the unknown type {column.Type}");
        }
    }

    /// <summary>An INTERVAL: months, days, microseconds. Days are split off because microseconds alone overflow before milliseconds do.</summary>
    private static void WriteDuration(TimeSpan value, int* interval)
    {
        long microseconds = value.Ticks / TimeSpan.TicksPerMillisecond * 1000;
        interval[0] = 0;
        interval[1] = (int)(microseconds / MicrosecondsPerDay);
        *(long*)(interval + 2) = microseconds % MicrosecondsPerDay;
    }
}
