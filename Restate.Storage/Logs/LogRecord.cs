using System.Buffers.Binary;
using Restate.Storage.Types;

namespace Restate.Storage.Logs;

/// <summary>What a log record is. A number is never used again for something else; each kind has a golden file.</summary>
internal enum LogRecordKind : byte
{
    /// <summary>A processor takes the partition: records of a lower epoch after this one are dropped by every reader. No payload.</summary>
    AnnounceLeader = 1,

    /// <summary>Replaces the state of one object.</summary>
    StateMutation = 2,
}

/// <summary>
/// Head of a log record:
/// <c>version u8 | kind u8 | flags u16 | leader epoch u64 | created-at ms u64 | dedup u8 | key kind u8 [ | partition key u64 ] | payload</c>;
/// numbers are big-endian. No flag and no dedup information is defined yet: both are 0, and a reader refuses others.
/// </summary>
/// <param name="Kind">What the record is.</param>
/// <param name="LeaderEpoch">Epoch of the processor that let it in.</param>
/// <param name="CreatedAtMs">Unix time in ms at which it was made: the time of everything that follows from it.</param>
/// <param name="PartitionKey">The object it belongs to; null for the whole partition.</param>
internal readonly record struct LogRecordHeader(LogRecordKind Kind, ulong LeaderEpoch, ulong CreatedAtMs, ulong? PartitionKey)
{
    /// <summary>Version written by this build, and the newest it reads.</summary>
    public const byte CurrentVersion = 1;

    private const int FixedLength = 22;
    private const byte NoKeys = 0;
    private const byte SingleKey = 1;

    /// <summary>Bytes of the header.</summary>
    public int Length => PartitionKey is null ? FixedLength : FixedLength + sizeof(ulong);

    /// <summary>Writes the header to the start of <paramref name="destination"/>, which has at least <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        destination[0] = CurrentVersion;
        destination[1] = (byte)Kind;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], 0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[4..], LeaderEpoch);
        BinaryPrimitives.WriteUInt64BigEndian(destination[12..], CreatedAtMs);
        destination[20] = 0;
        destination[21] = PartitionKey is null ? NoKeys : SingleKey;
        if (PartitionKey is { } key)
            BinaryPrimitives.WriteUInt64BigEndian(destination[FixedLength..], key);
    }

    /// <summary>Reads a header and says where the payload begins.</summary>
    /// <exception cref="StorageException">The record is damaged or of a newer format.</exception>
    public static LogRecordHeader Read(ReadOnlySpan<byte> record, out ReadOnlySpan<byte> payload)
    {
        if (record.Length < FixedLength)
            throw new StorageException($"a log record is damaged: {record.Length} bytes, at least {FixedLength} expected");
        if (record[0] != CurrentVersion)
            throw new StorageException($"a log record has format version {record[0]}; this build reads up to {CurrentVersion}");
        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(record[2..]);
        if (flags != 0 || record[20] != 0 || record[21] > SingleKey)
            throw new StorageException($"a log record has flags {flags}, dedup {record[20]}, key kind {record[21]} that this build does not know");
        ulong? partitionKey = null;
        int length = FixedLength;
        if (record[21] == SingleKey)
        {
            if (record.Length < FixedLength + sizeof(ulong))
                throw new StorageException("a log record is damaged: its key is cut off");
            partitionKey = BinaryPrimitives.ReadUInt64BigEndian(record[FixedLength..]);
            length += sizeof(ulong);
        }

        payload = record[length..];
        return new LogRecordHeader(
            (LogRecordKind)record[1],
            BinaryPrimitives.ReadUInt64BigEndian(record[4..]),
            BinaryPrimitives.ReadUInt64BigEndian(record[12..]),
            partitionKey);
    }
}
