using Restate.Storage.Types;

namespace Restate.Storage.Encoding;

/// <summary>Unsigned LEB128: seven bits a byte, lowest first, the high bit set on all but the last (as in Protocol Buffers).</summary>
internal static class Varint
{
    /// <summary>Most bytes of a 32-bit number.</summary>
    public const int MaxLength = 5;

    /// <summary>Bytes that <paramref name="value"/> takes.</summary>
    public static int LengthOf(uint value) => value switch
    {
        < 1u << 7 => 1,
        < 1u << 14 => 2,
        < 1u << 21 => 3,
        < 1u << 28 => 4,
        _ => 5,
    };

    /// <summary>Writes a number and returns the bytes it took.</summary>
    public static int Write(Span<byte> destination, uint value)
    {
        int length = 0;
        while (value >= 0x80)
        {
            destination[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length++] = (byte)value;
        return length;
    }

    /// <summary>Reads a number from the start of <paramref name="source"/> and moves past it.</summary>
    /// <exception cref="StorageException">The bytes end too early or hold more than 32 bits.</exception>
    public static uint Read(scoped ref ReadOnlySpan<byte> source)
    {
        uint value = 0;
        for (int i = 0; i < MaxLength; i++)
        {
            if (i >= source.Length)
                break;
            byte next = source[i];
            if (i == MaxLength - 1 && next > 0x0F)
                break;
            value |= (uint)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                source = source[(i + 1)..];
                return value;
            }
        }

        throw new StorageException("stored bytes are malformed: a length is cut off or too large");
    }

    /// <summary>Reads a length and that many bytes, and moves past them.</summary>
    /// <exception cref="StorageException">The bytes end too early.</exception>
    public static ReadOnlySpan<byte> ReadBytes(scoped ref ReadOnlySpan<byte> source)
    {
        uint length = Read(ref source);
        if (length > source.Length)
            throw new StorageException($"stored bytes are malformed: {length} bytes announced, {source.Length} left");
        ReadOnlySpan<byte> bytes = source[..(int)length];
        source = source[(int)length..];
        return bytes;
    }
}
