using System.Buffers.Binary;

namespace Restate.Storage.Encoding;

/// <summary>
/// Writes the parts of a key so that byte order is value order. Numbers are big-endian. Strings are memcomparable: a byte 00
/// becomes 00 FF and the end is 00 00, so that no string is a prefix of another one's encoding and order is kept.
/// </summary>
/// <remarks>The caller gives a buffer that is large enough: <see cref="MaxComparableLength"/> bounds one string.</remarks>
internal ref struct KeyWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    /// <summary>Longest memcomparable form of a string of <paramref name="length"/> bytes.</summary>
    public static int MaxComparableLength(int length) => checked((length * 2) + 2);

    /// <summary>Appends a key kind: two bytes.</summary>
    public void Kind(KeyKind kind)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], (ushort)kind);
        Length += sizeof(ushort);
    }

    /// <summary>Appends one byte.</summary>
    public void Byte(byte value) => _buffer[Length++] = value;

    /// <summary>Appends four bytes, big-endian.</summary>
    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer[Length..], value);
        Length += sizeof(uint);
    }

    /// <summary>Appends eight bytes, big-endian.</summary>
    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_buffer[Length..], value);
        Length += sizeof(ulong);
    }

    /// <summary>Appends a string in memcomparable form.</summary>
    public void Comparable(ReadOnlySpan<byte> value)
    {
        while (true)
        {
            int zero = value.IndexOf((byte)0);
            ReadOnlySpan<byte> plain = zero < 0 ? value : value[..zero];
            plain.CopyTo(_buffer[Length..]);
            Length += plain.Length;
            if (zero < 0)
                break;
            _buffer[Length++] = 0x00;
            _buffer[Length++] = 0xFF;
            value = value[(zero + 1)..];
        }

        _buffer[Length++] = 0x00;
        _buffer[Length++] = 0x00;
    }

    /// <summary>Appends bytes as they are; only for the last part of a key.</summary>
    public void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_buffer[Length..]);
        Length += value.Length;
    }
}
