using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>
/// DuckDB's <c>duckdb_string_t</c>: length, then either up to 12 bytes in place (unused ones zero) or a 4-byte prefix and a pointer.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal unsafe struct StringValue
{
    /// <summary>Longest string that is held in place.</summary>
    internal const int InlineLength = 12;

    private uint _length;
    private uint _prefix;
    private ulong _rest;

    /// <summary>Bytes of the string.</summary>
    internal readonly int Length => (int)_length;

    /// <summary>The bytes. <paramref name="value"/> must stay where it is while the span is used.</summary>
    internal static ReadOnlySpan<byte> Bytes(StringValue* value) => value->_length <= InlineLength
        ? new ReadOnlySpan<byte>((byte*)value + 4, (int)value->_length)
        : new ReadOnlySpan<byte>((byte*)value->_rest, (int)value->_length);

    /// <summary>A string of at most <see cref="InlineLength"/> bytes.</summary>
    internal static StringValue Inline(ReadOnlySpan<byte> bytes)
    {
        StringValue result = default;
        result._length = (uint)bytes.Length;
        bytes.CopyTo(new Span<byte>((byte*)Unsafe.AsPointer(ref result) + 4, InlineLength));
        return result;
    }

    /// <summary>A string longer than <see cref="InlineLength"/> whose bytes stay at <paramref name="address"/>.</summary>
    internal static StringValue Pointer(byte* address, int length)
    {
        StringValue result = default;
        result._length = (uint)length;
        result._prefix = Unsafe.ReadUnaligned<uint>(address);
        result._rest = (ulong)address;
        return result;
    }
}
