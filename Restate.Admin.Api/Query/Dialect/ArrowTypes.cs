using System.Globalization;
using System.Text.RegularExpressions;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>The types that <c>arrow_cast</c> takes by name.</summary>
internal static partial class ArrowTypes
{
    private static readonly Dictionary<string, PeerType> Plain = new(StringComparer.Ordinal)
    {
        ["Boolean"] = PeerKind.Boolean,
        ["Int8"] = PeerKind.Int8,
        ["Int16"] = PeerKind.Int16,
        ["Int32"] = PeerKind.Int32,
        ["Int64"] = PeerKind.Int64,
        ["UInt8"] = PeerKind.UInt8,
        ["UInt16"] = PeerKind.UInt16,
        ["UInt32"] = PeerKind.UInt32,
        ["UInt64"] = PeerKind.UInt64,
        ["Float32"] = PeerKind.Float32,
        ["Float64"] = PeerKind.Float64,
        ["Utf8"] = PeerKind.Utf8,
        ["LargeUtf8"] = PeerKind.LargeUtf8,
        ["Utf8View"] = PeerKind.Utf8View,
        ["Binary"] = PeerKind.Binary,
        ["LargeBinary"] = PeerKind.LargeBinary,
        ["BinaryView"] = PeerKind.Binary,
        ["Date32"] = PeerKind.Date,
    };

    /// <summary>Reads a type; null for one we have no counterpart of.</summary>
    internal static PeerType? Read(string text)
    {
        if (Plain.TryGetValue(text, out PeerType plain))
            return plain;
        if (Timestamp().Match(text) is { Success: true } time)
        {
            int digits = time.Groups[1].Value switch { "Second" or "s" => 0, "Millisecond" or "ms" => 3, "Microsecond" or "us" => 6, _ => 9 };
            return new PeerType(PeerKind.Timestamp, Scale: digits, IsZoned: time.Groups[2].Success);
        }

        if (Decimal().Match(text) is not { Success: true } number)
            return null;
        int precision = int.Parse(number.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        int scale = int.Parse(number.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
        return precision is > 0 and <= PeerType.MaxPrecision && scale <= precision ? PeerType.Decimal(precision, scale) : null;
    }

    [GeneratedRegex("""^Timestamp\((Second|Millisecond|Microsecond|Nanosecond|s|ms|us|ns)(?:, *(?:None|(Some\("(?:\+00:00|UTC|Z)"\)|"(?:\+00:00|UTC|Z)")))?\)$""")]
    private static partial Regex Timestamp();

    [GeneratedRegex(@"^Decimal128\((\d{1,2}), *(\d{1,2})\)$")]
    private static partial Regex Decimal();
}
