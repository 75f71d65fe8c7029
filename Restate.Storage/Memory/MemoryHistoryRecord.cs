using System.Buffers.Binary;
using System.IO.Hashing;

namespace Restate.Storage.Memory;

/// <summary>
/// The stored form of a sample: 512 bytes, so that one write fills one slot of the ring file. Integers are big-endian.
/// <c>hash u64 | sequence u64 | at ms i64 | limit i64 | rss i64 | format u8 | pools u8 | 6 zero bytes | pools × (length u8 | name 27 | capacity i64 | usage i64)</c>.
/// The hash is XXH3-64 of all bytes behind it: a slot that a kill left half written is not read.
/// </summary>
internal static class MemoryHistoryRecord
{
    /// <summary>Bytes of a slot.</summary>
    public const int Size = 512;

    /// <summary>Most pools of a sample; later ones are left out.</summary>
    public const int MaxPools = (Size - PoolsAt) / PoolSize;

    private const byte Format = 1;
    private const int FormatAt = 40;
    private const int PoolsAt = 48;
    private const int NameSize = 27;
    private const int PoolSize = 1 + NameSize + 8 + 8;

    /// <summary>Writes a sample.</summary>
    /// <param name="slot"><see cref="Size"/> bytes.</param>
    /// <param name="sequence">Number of the sample since the file was made, from 1.</param>
    /// <param name="sample">The sample.</param>
    public static void Write(Span<byte> slot, ulong sequence, MemoryHistorySample sample)
    {
        slot.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(slot[8..], sequence);
        BinaryPrimitives.WriteInt64BigEndian(slot[16..], sample.At.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(slot[24..], sample.LimitBytes);
        BinaryPrimitives.WriteInt64BigEndian(slot[32..], sample.RssBytes);
        int count = Math.Min(sample.Pools.Count, MaxPools);
        slot[FormatAt] = Format;
        slot[FormatAt + 1] = (byte)count;
        for (int i = 0; i < count; i++)
        {
            Span<byte> pool = slot.Slice(PoolsAt + (i * PoolSize), PoolSize);
            System.Text.Encoding.UTF8.TryGetBytes(sample.Pools[i].Name, pool.Slice(1, NameSize), out int length);
            pool[0] = (byte)length;
            BinaryPrimitives.WriteInt64BigEndian(pool[(1 + NameSize)..], sample.Pools[i].CapacityBytes);
            BinaryPrimitives.WriteInt64BigEndian(pool[(1 + NameSize + 8)..], sample.Pools[i].UsageBytes);
        }

        BinaryPrimitives.WriteUInt64BigEndian(slot, XxHash3.HashToUInt64(slot[8..]));
    }

    /// <summary>Reads a slot; null when it was never written, is torn, or is of another format.</summary>
    public static (ulong Sequence, MemoryHistorySample Sample)? Read(ReadOnlySpan<byte> slot)
    {
        int count = slot[FormatAt + 1];
        if (BinaryPrimitives.ReadUInt64BigEndian(slot) != XxHash3.HashToUInt64(slot[8..]) || slot[FormatAt] != Format || count > MaxPools)
            return null;
        var pools = new MemoryPoolSample[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> pool = slot.Slice(PoolsAt + (i * PoolSize), PoolSize);
            pools[i] = new MemoryPoolSample(
                System.Text.Encoding.UTF8.GetString(pool.Slice(1, Math.Min((int)pool[0], NameSize))),
                BinaryPrimitives.ReadInt64BigEndian(pool[(1 + NameSize)..]),
                BinaryPrimitives.ReadInt64BigEndian(pool[(1 + NameSize + 8)..]));
        }

        var sample = new MemoryHistorySample(
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(slot[16..])),
            BinaryPrimitives.ReadInt64BigEndian(slot[24..]),
            BinaryPrimitives.ReadInt64BigEndian(slot[32..]),
            pools);
        return (BinaryPrimitives.ReadUInt64BigEndian(slot[8..]), sample);
    }
}
