namespace Restate.Admin.Api.Query.Tables;

/// <summary>Types a table column may have, each with the values that a row of a <see cref="MemoryTable"/> holds for it.</summary>
internal enum SqlType
{
    /// <summary>A <see cref="bool"/>.</summary>
    Boolean,

    /// <summary>A <see cref="byte"/>.</summary>
    UInt8,

    /// <summary>A <see cref="uint"/>.</summary>
    UInt32,

    /// <summary>A <see cref="ulong"/>.</summary>
    UInt64,

    /// <summary>A <see cref="long"/>.</summary>
    Int64,

    /// <summary>A <see cref="double"/>.</summary>
    Float64,

    /// <summary>Text, a <see cref="string"/>; LargeUtf8 in Arrow, like nearly all text of the peer.</summary>
    Utf8,

    /// <summary>Text, a <see cref="string"/>; Utf8 in Arrow: the information schema.</summary>
    SmallUtf8,

    /// <summary>A <see cref="byte"/> array.</summary>
    Binary,

    /// <summary>A moment to the millisecond, a <see cref="DateTimeOffset"/>.</summary>
    Timestamp,

    /// <summary>A span to the millisecond, a <see cref="TimeSpan"/>.</summary>
    Duration,

    /// <summary>A <see cref="IReadOnlyList{T}"/> of <see cref="uint"/>.</summary>
    UInt32List,

    /// <summary>A <see cref="IReadOnlyList{T}"/> of <see cref="string"/>.</summary>
    Utf8List,
}

/// <summary>How types are described to clients.</summary>
internal static class SqlTypeText
{
    /// <summary>The type as <c>information_schema.columns.data_type</c> shows it: the Arrow type in the peer's words.</summary>
    internal static string DataType(this SqlType type) => type switch
    {
        SqlType.Utf8 => "LargeUtf8",
        SqlType.SmallUtf8 => "Utf8",
        SqlType.Binary => "LargeBinary",
        SqlType.Timestamp => "Timestamp(ms, \"+00:00\")",
        SqlType.Duration => "Duration(ms)",
        SqlType.UInt32List => "List(UInt32)",
        SqlType.Utf8List => "List(LargeUtf8)",
        _ => type.ToString(),
    };
}
