using System.Buffers.Binary;

namespace Restate.Admin.Api.Query.Output;

/// <summary>DuckDB's UUIDs: a 128-bit number whose top bit is flipped so that it sorts as signed.</summary>
internal static unsafe class Uuid
{
    /// <summary>The usual text form.</summary>
    /// <param name="words">Low and high word.</param>
    internal static string Text(ulong* words)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, words[1] ^ (1UL << 63));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], words[0]);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }
}
