namespace Restate.Admin.Api.Query.Dialect;

/// <summary>Kinds of Arrow types that the peer's expressions have.</summary>
internal enum PeerKind
{
    /// <summary>Not known; nothing is changed for its sake.</summary>
    Unknown,

    /// <summary>Of NULL.</summary>
    Null,

    Boolean,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float32,
    Float64,
    Decimal,
    Utf8,
    LargeUtf8,
    Utf8View,
    Binary,
    LargeBinary,
    Date,
    Time,
    Timestamp,
    Interval,
    Duration,
    List,

    /// <summary>A part of a JSON document whose own type is known only at run time.</summary>
    Json,
}

/// <summary>A type of the peer's.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Precision">Digits of a decimal.</param>
/// <param name="Scale">Digits after the point of a decimal; of the second of a timestamp.</param>
/// <param name="IsZoned">True for a timestamp with a time zone.</param>
internal readonly record struct PeerType(PeerKind Kind, int Precision = 0, int Scale = 0, bool IsZoned = false)
{
    internal const int MaxPrecision = 38;

    internal bool IsSigned => Kind is >= PeerKind.Int8 and <= PeerKind.Int64;

    internal bool IsUnsigned => Kind is >= PeerKind.UInt8 and <= PeerKind.UInt64;

    internal bool IsInteger => IsSigned || IsUnsigned;

    internal bool IsFloat => Kind is PeerKind.Float32 or PeerKind.Float64;

    internal bool IsNumber => IsInteger || IsFloat || Kind == PeerKind.Decimal;

    internal bool IsText => Kind is PeerKind.Utf8 or PeerKind.LargeUtf8 or PeerKind.Utf8View;

    internal static PeerType Decimal(int precision, int scale) => new(PeerKind.Decimal, Math.Min(precision, MaxPrecision), Math.Min(scale, MaxPrecision));

    /// <summary>A timestamp without a zone, to nanoseconds unless told otherwise.</summary>
    internal static PeerType Timestamp(int digits = 9) => new(PeerKind.Timestamp, Scale: digits);

    public static implicit operator PeerType(PeerKind kind) => new(kind);

    /// <summary>The decimal that holds every value of a whole number's type.</summary>
    internal PeerType AsDecimal() => Kind switch
    {
        PeerKind.Decimal => this,
        PeerKind.Int8 or PeerKind.UInt8 => Decimal(3, 0),
        PeerKind.Int16 or PeerKind.UInt16 => Decimal(5, 0),
        PeerKind.Int32 or PeerKind.UInt32 => Decimal(10, 0),
        _ => Decimal(20, 0),
    };

    /// <summary>The type both are brought to before they are compared, added or chosen from.</summary>
    internal static PeerType Common(PeerType left, PeerType right)
    {
        if (left == right || right.Kind == PeerKind.Null)
            return left;
        if (left.Kind == PeerKind.Null)
            return right;
        if (left.IsNumber && right.IsNumber)
            return CommonNumber(left, right);
        if (left.IsText && right.IsText)
            return left.Kind == PeerKind.Utf8View || right.Kind == PeerKind.Utf8View ? PeerKind.Utf8View : PeerKind.LargeUtf8;
        return PeerKind.Unknown;
    }

    /// <summary>What the peer makes of a sum, difference, product, quotient or remainder of numbers.</summary>
    internal static PeerType Arithmetic(string sign, PeerType left, PeerType right)
    {
        PeerType common = CommonNumber(left, right);
        if (common.Kind != PeerKind.Decimal)
            return common;
        (PeerType l, PeerType r) = (left.AsDecimal(), right.AsDecimal());
        int scale = Math.Max(l.Scale, r.Scale);
        return sign switch
        {
            "*" => Decimal(l.Precision + r.Precision + 1, l.Scale + r.Scale),
            "/" => Decimal(l.Precision + r.Scale + 4, l.Scale + 4),
            "%" => Decimal(Math.Min(l.Precision - l.Scale, r.Precision - r.Scale) + scale, scale),
            _ => Decimal(Math.Max(l.Precision - l.Scale, r.Precision - r.Scale) + scale + 1, scale),
        };
    }

    /// <summary>The type in the words of <c>arrow_typeof</c>; null where we do not know them.</summary>
    internal string? Text => Kind switch
    {
        PeerKind.Unknown or PeerKind.List or PeerKind.Json => null,
        PeerKind.Decimal => $"Decimal128({Precision}, {Scale})",
        PeerKind.Date => "Date32",
        PeerKind.Time => "Time64(ns)",
        PeerKind.Timestamp => $"Timestamp({Unit}{(IsZoned ? ", \"+00:00\"" : "")})",
        PeerKind.Interval => "Interval(MonthDayNano)",
        PeerKind.Duration => $"Duration({Unit})",
        _ => Kind.ToString(),
    };

    private string Unit => Scale switch { 0 => "s", 3 => "ms", 6 => "us", _ => "ns" };

    private static PeerType CommonNumber(PeerType left, PeerType right)
    {
        if (left.IsFloat || right.IsFloat)
            return left.Kind == PeerKind.Float32 && right.Kind == PeerKind.Float32 ? PeerKind.Float32 : PeerKind.Float64;
        if (left.Kind == PeerKind.Decimal || right.Kind == PeerKind.Decimal)
        {
            (PeerType l, PeerType r) = (left.AsDecimal(), right.AsDecimal());
            int scale = Math.Max(l.Scale, r.Scale);
            return Decimal(Math.Max(l.Precision - l.Scale, r.Precision - r.Scale) + scale, scale);
        }

        if (left.IsSigned == right.IsSigned)
            return left.Kind > right.Kind ? left : right;
        (PeerKind signed, PeerKind unsigned) = left.IsSigned ? (left.Kind, right.Kind) : (right.Kind, left.Kind);
        return unsigned switch
        {
            PeerKind.UInt64 => Decimal(20, 0),
            PeerKind.UInt32 => PeerKind.Int64,
            PeerKind.UInt16 => signed > PeerKind.Int32 ? signed : PeerKind.Int32,
            _ => signed > PeerKind.Int16 ? signed : PeerKind.Int16,
        };
    }
}
