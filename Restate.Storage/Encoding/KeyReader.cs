using System.Buffers.Binary;
using Restate.Storage.Types;

namespace Restate.Storage.Encoding;

/// <summary>Reads the parts of a key in the order in which <see cref="KeyWriter"/> wrote them.</summary>
internal ref struct KeyReader(ReadOnlySpan<byte> key)
{
    private ReadOnlySpan<byte> _rest = key;

    /// <summary>What is not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Reads two bytes.</summary>
    /// <exception cref="StorageException">The key ends too early.</exception>
    public KeyKind Kind() => (KeyKind)BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));

    /// <summary>Reads one byte.</summary>
    /// <exception cref="StorageException">The key ends too early.</exception>
    public byte Byte() => Take(1)[0];

    /// <summary>Reads four bytes, big-endian.</summary>
    /// <exception cref="StorageException">The key ends too early.</exception>
    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));

    /// <summary>Reads eight bytes, big-endian.</summary>
    /// <exception cref="StorageException">The key ends too early.</exception>
    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong)));

    /// <summary>Reads a memcomparable string into <paramref name="destination"/>, which needs no more room than the key has bytes.</summary>
    /// <returns>Bytes of the string.</returns>
    /// <exception cref="StorageException">The string has no end or a bad escape.</exception>
    public int Comparable(Span<byte> destination)
    {
        int length = 0;
        while (true)
        {
            int zero = _rest.IndexOf((byte)0);
            if (zero < 0 || zero + 1 >= _rest.Length)
                throw Malformed();
            _rest[..zero].CopyTo(destination[length..]);
            length += zero;
            byte mark = _rest[zero + 1];
            _rest = _rest[(zero + 2)..];
            switch (mark)
            {
                case 0x00:
                    return length;
                case 0xFF:
                    destination[length++] = 0x00;
                    break;
                default:
                    throw Malformed();
            }
        }
    }

    private static StorageException Malformed() => new("a stored key is malformed: a string in it has no end or a bad escape");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count)
            throw new StorageException("a stored key is malformed: it ends too early");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
