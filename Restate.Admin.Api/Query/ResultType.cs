using System.Runtime.InteropServices;
using System.Text;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query;

/// <summary>The type of a result column.</summary>
/// <param name="Id">DuckDB's type.</param>
/// <param name="Storage">How its values lie in memory, where that is not the type itself (decimals, enums).</param>
/// <param name="Width">Digits of a decimal.</param>
/// <param name="Scale">Digits after the point of a decimal.</param>
/// <param name="Labels">Values of an enum, UTF-8.</param>
/// <param name="Children">Element of a list, fields of a struct, key and value of a map.</param>
internal sealed record ResultType(
    DuckDbType Id,
    DuckDbType Storage,
    int Width,
    int Scale,
    IReadOnlyList<byte[]> Labels,
    IReadOnlyList<(string Name, ResultType Type)> Children)
{
    private static readonly (string, ResultType)[] None = [];

    /// <summary>Reads a type.</summary>
    /// <exception cref="QueryException">There is no output form for it.</exception>
    internal static ResultType Read(DuckDbLogicalType type, string column)
    {
        DuckDbType id = DuckDbNative.GetTypeId(type);
        var plain = new ResultType(id, id, 0, 0, [], None);
        switch (id)
        {
            case DuckDbType.Decimal:
                return plain with
                {
                    Storage = DuckDbNative.DecimalInternalType(type),
                    Width = DuckDbNative.DecimalWidth(type),
                    Scale = DuckDbNative.DecimalScale(type),
                };
            case DuckDbType.Enum:
                return plain with { Storage = DuckDbNative.EnumInternalType(type), Labels = ReadLabels(type) };
            case DuckDbType.List:
                using (var element = new DuckDbLogicalType(DuckDbNative.ListTypeChildType(type)))
                    return plain with { Children = [("item", Read(element, column))] };
            case DuckDbType.Map:
                // In memory a map is a list of structs of key and value, and the C API describes its child so.
                using (var entry = new DuckDbLogicalType(DuckDbNative.ListTypeChildType(type)))
                    return plain with { Children = [("entries", Read(entry, column))] };
            case DuckDbType.Struct:
                return plain with { Children = ReadFields(type, column) };
            case DuckDbType.Boolean or DuckDbType.TinyInt or DuckDbType.SmallInt or DuckDbType.Integer or DuckDbType.BigInt
                or DuckDbType.UTinyInt or DuckDbType.USmallInt or DuckDbType.UInteger or DuckDbType.UBigInt
                or DuckDbType.HugeInt or DuckDbType.UHugeInt or DuckDbType.Float or DuckDbType.Double
                or DuckDbType.Varchar or DuckDbType.Blob or DuckDbType.Uuid or DuckDbType.Date or DuckDbType.Time
                or DuckDbType.Timestamp or DuckDbType.TimestampSeconds or DuckDbType.TimestampMilliseconds
                or DuckDbType.TimestampNanoseconds or DuckDbType.TimestampTz or DuckDbType.Interval:
                return plain;
            default:
                throw QueryException.Invalid($"column '{column}' has the type {id}, which has no output form: cast it to VARCHAR");
        }
    }

    private static List<byte[]> ReadLabels(DuckDbLogicalType type)
    {
        var labels = new List<byte[]>();
        uint count = DuckDbNative.EnumDictionarySize(type);
        for (ulong i = 0; i < count; i++)
            labels.Add(Encoding.UTF8.GetBytes(TakeText(DuckDbNative.EnumDictionaryValue(type, i))));
        return labels;
    }

    private static List<(string, ResultType)> ReadFields(DuckDbLogicalType type, string column)
    {
        var fields = new List<(string, ResultType)>();
        ulong count = DuckDbNative.StructTypeChildCount(type);
        for (ulong i = 0; i < count; i++)
        {
            using var field = new DuckDbLogicalType(DuckDbNative.StructTypeChildType(type, i));
            fields.Add((TakeText(DuckDbNative.StructTypeChildName(type, i)), Read(field, column)));
        }

        return fields;
    }

    private static string TakeText(nint text)
    {
        string result = Marshal.PtrToStringUTF8(text) ?? "";
        DuckDbNative.Free(text);
        return result;
    }
}
