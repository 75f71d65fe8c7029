using System.Buffers.Binary;
using Restate.Storage.Encoding;
using Restate.Storage.Types;

namespace Restate.Storage.Logs;

/// <summary>Keys of a log store.</summary>
internal static class LogKeys
{
    /// <summary>Bytes of a record's key.</summary>
    public const int RecordLength = 14;

    /// <summary>Bytes of a trim point's key.</summary>
    public const int TrimPointLength = 6;

    public static void WriteRecord(Span<byte> destination, LogId log, Lsn lsn)
    {
        var key = new KeyWriter(destination);
        key.Kind(KeyKind.LogRecord);
        key.UInt32(log.Value);
        key.UInt64(lsn.Value);
    }

    public static void WriteTrimPoint(Span<byte> destination, LogId log)
    {
        var key = new KeyWriter(destination);
        key.Kind(KeyKind.LogTrimPoint);
        key.UInt32(log.Value);
    }

    /// <summary>The LSN in a record's key, or null when the key is not a record of this log.</summary>
    public static Lsn? LsnOf(ReadOnlySpan<byte> key, LogId log)
    {
        if (key.Length != RecordLength)
            return null;
        var reader = new KeyReader(key);
        return reader.Kind() == KeyKind.LogRecord && reader.UInt32() == log.Value ? new Lsn(reader.UInt64()) : null;
    }

    public static byte[] Encode(Lsn lsn)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, lsn.Value);
        return bytes;
    }
}
