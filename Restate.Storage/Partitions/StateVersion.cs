using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Restate.Storage.Partitions;

/// <summary>
/// Version of an object's state as Restate's CLI computes it: SHA-256 over the entries sorted by key bytes; for the i-th one
/// <c>i as u64 big-endian | 01 | key | 02 | value | 03</c>. As text: URL-safe base64 without padding.
/// </summary>
internal sealed class StateVersion : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ulong _index;

    /// <summary>Adds the next entry; keys come in byte order.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[sizeof(ulong) + 1];
        BinaryPrimitives.WriteUInt64BigEndian(head, _index++);
        head[^1] = 0x01;
        _hash.AppendData(head);
        _hash.AppendData(key);
        _hash.AppendData([0x02]);
        _hash.AppendData(value);
        _hash.AppendData([0x03]);
    }

    /// <summary>The hash of what was added; starts over.</summary>
    public void Finish(Span<byte> destination)
    {
        _hash.GetHashAndReset(destination);
        _index = 0;
    }

    /// <summary>Reads the text form; false when no state can have that version.</summary>
    public static bool TryParse(string text, out byte[] hash)
    {
        hash = new byte[SHA256.HashSizeInBytes];
        return Base64Url.IsValid(text, out int length) && length == hash.Length
            && Base64Url.TryDecodeFromChars(text, hash, out int written) && written == hash.Length

            // Versions are compared as text: padding, blanks or stray bits at the end make another one.
            && Base64Url.EncodeToString(hash) == text;
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
