namespace Restate.Admin.Api.Query.Tables;

/// <summary>Types a table column may have.</summary>
internal enum SqlType
{
    Boolean,
    UInt32,
    UInt64,
    Utf8,
    Binary,
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Name in SQL, lower case.</param>
/// <param name="Type">Its type; every column may be null.</param>
internal sealed record SqlColumn(string Name, SqlType Type);
