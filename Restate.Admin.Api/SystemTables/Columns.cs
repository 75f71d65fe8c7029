using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.SystemTables;

/// <summary>Columns by type, to write tables down.</summary>
internal static class Columns
{
    internal static SqlColumn Flag(string name, string description) => new(name, SqlType.Boolean, description);

    internal static SqlColumn Small(string name, string description) => new(name, SqlType.UInt32, description);

    internal static SqlColumn Number(string name, string description) => new(name, SqlType.UInt64, description);

    internal static SqlColumn Signed(string name, string description) => new(name, SqlType.Int64, description);

    internal static SqlColumn Real(string name, string description) => new(name, SqlType.Float64, description);

    internal static SqlColumn Text(string name, string description) => new(name, SqlType.Utf8, description);

    internal static SqlColumn Bytes(string name, string description) => new(name, SqlType.Binary, description);

    internal static SqlColumn Time(string name, string description) => new(name, SqlType.Timestamp, description);

    internal static SqlColumn Span(string name, string description) => new(name, SqlType.Duration, description);

    internal static SqlColumn Numbers(string name, string description) => new(name, SqlType.UInt32List, description);

    internal static SqlColumn Texts(string name, string description) => new(name, SqlType.Utf8List, description);
}
