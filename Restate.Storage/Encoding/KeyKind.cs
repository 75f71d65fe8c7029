namespace Restate.Storage.Encoding;

/// <summary>
/// First two bytes of every key of every database. A number is never used again for something else: a retired kind stays in
/// this list with its number. Each has a golden file in the tests.
/// </summary>
internal enum KeyKind : ushort
{
    /// <summary>Every database: <c>kind</c> → format version, u32 BE.</summary>
    FormatVersion = 0x0001,

    /// <summary>Partition store: <c>kind</c> → applied LSN u64 BE, leader epoch u64 BE, record time in ms u64 BE.</summary>
    AppliedLsn = 0x0002,

    /// <summary>Partition store: <c>kind</c> → nothing; present once the store has held state of a scope.</summary>
    ScopedState = 0x0003,

    /// <summary>Partition store: <c>kind | partition key | scope | service name | service key | state key</c> → value.</summary>
    State = 0x0010,

    /// <summary>Log store: <c>kind | log id u32 BE | LSN u64 BE</c> → record.</summary>
    LogRecord = 0x0100,

    /// <summary>Log store: <c>kind | log id u32 BE</c> → last trimmed LSN u64 BE.</summary>
    LogTrimPoint = 0x0101,

    /// <summary>Metadata store: <c>kind | key as UTF-8</c> → version u32 BE, value.</summary>
    Metadata = 0x0200,
}
