using System.Buffers;
using System.IO.Hashing;

namespace Restate.Storage.Types;

/// <summary>The u64 that places an object on the ring of partitions.</summary>
public static class PartitionKey
{
    /// <summary>
    /// Key of an object: XXH3-64 with seed 0 over the UTF-8 bytes of the service key followed by one byte 0xFF,
    /// as Restate computes it, so that both servers place an object alike.
    /// </summary>
    /// <param name="serviceKey">Object key or workflow id; may be empty.</param>
    public static ulong Of(ReadOnlySpan<byte> serviceKey)
    {
        const int StackLimit = 256;
        int length = serviceKey.Length + 1;
        byte[]? rented = length <= StackLimit ? null : ArrayPool<byte>.Shared.Rent(length);
        Span<byte> buffer = rented is null ? stackalloc byte[StackLimit] : rented;
        serviceKey.CopyTo(buffer);
        buffer[serviceKey.Length] = 0xFF;
        ulong hash = XxHash3.HashToUInt64(buffer[..length]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    /// <summary>Key of an object whose service key is given as text.</summary>
    public static ulong Of(string serviceKey) => Of(System.Text.Encoding.UTF8.GetBytes(serviceKey));
}
