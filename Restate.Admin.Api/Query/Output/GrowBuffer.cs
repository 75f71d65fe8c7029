using System.Buffers;
using System.Runtime.InteropServices;

namespace Restate.Admin.Api.Query.Output;

/// <summary>A pooled array that grows and is used again; part of an Arrow column under construction.</summary>
internal sealed class GrowBuffer(MemoryCounter memory) : IDisposable
{
    private const int KeptBytes = 1 << 20;

    private byte[] _bytes = [];

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    internal void Add<T>(T value) where T : unmanaged
    {
        MemoryMarshal.Write(Extend(System.Runtime.CompilerServices.Unsafe.SizeOf<T>()), value);
    }

    internal void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Extend(bytes.Length));

    /// <summary>Appends bytes that the caller must set, and returns their place.</summary>
    internal Span<byte> Extend(int count)
    {
        if (_bytes.Length - Length < count)
            Grow(count);
        Span<byte> place = _bytes.AsSpan(Length, count);
        Length += count;
        return place;
    }

    /// <summary>Appends a bit; <paramref name="index"/> is the number of bits so far.</summary>
    internal void AddBit(int index, bool value)
    {
        if ((index & 7) == 0)
            Extend(1)[0] = 0;
        if (value)
            _bytes[index >> 3] |= (byte)(1 << (index & 7));
    }

    /// <summary>Appends bits that are set; <paramref name="index"/> is the number of bits so far.</summary>
    internal void AddOnes(int index, int count)
    {
        for (; count > 0 && (index & 7) != 0; index++, count--)
            AddBit(index, value: true);
        Extend(count >> 3).Fill(0xFF);
        for (index += count & ~7, count &= 7; count > 0; index++, count--)
            AddBit(index, value: true);
    }

    internal void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptBytes)
            Dispose();
    }

    public void Dispose()
    {
        Length = 0;
        if (_bytes.Length == 0)
            return;
        memory.Add(-_bytes.Length);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Grow(int count)
    {
        long wanted = Math.Max((long)Length + count, Math.Max(4096, _bytes.Length * 2L));
        byte[] old = _bytes;
        _bytes = ArrayPool<byte>.Shared.Rent((int)Math.Min(wanted, Array.MaxLength));
        old.AsSpan(0, Length).CopyTo(_bytes);
        memory.Add(_bytes.Length - old.Length);
        if (old.Length > 0)
            ArrayPool<byte>.Shared.Return(old);
    }
}
