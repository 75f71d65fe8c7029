using System.Buffers;

namespace Restate.Admin.Api.Query.Output;

/// <summary>Bytes on their way out, in one pooled array that is used again for every portion.</summary>
internal sealed class OutputBuffer : IDisposable
{
    /// <summary>Bytes after which a portion should be sent.</summary>
    internal const int PortionBytes = 64 << 10;

    private const int InitialBytes = PortionBytes + (16 << 10);
    private const int KeptBytes = 1 << 20;

    private readonly MemoryCounter _memory;
    private byte[] _bytes;

    internal OutputBuffer(MemoryCounter memory)
    {
        _memory = memory;
        _bytes = ArrayPool<byte>.Shared.Rent(InitialBytes);
        _memory.Add(_bytes.Length);
    }

    /// <summary>Bytes written since <see cref="Clear"/>.</summary>
    internal int Length { get; private set; }

    internal bool IsFull => Length >= PortionBytes;

    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Room for <paramref name="size"/> more bytes; tell with <see cref="Advance"/> how many were used.</summary>
    internal Span<byte> Reserve(int size)
    {
        if (_bytes.Length - Length < size)
            Resize(Math.Max(checked(Length + size), _bytes.Length * 2L > Array.MaxLength ? Array.MaxLength : _bytes.Length * 2));
        return _bytes.AsSpan(Length);
    }

    internal void Advance(int count) => Length += count;

    internal void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    internal void Write(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    /// <summary>Forgets what was written. An array that one large value has blown up is given back.</summary>
    internal void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptBytes)
            Resize(InitialBytes);
    }

    public void Dispose()
    {
        _memory.Add(-_bytes.Length);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Resize(int size)
    {
        byte[] old = _bytes;
        _bytes = ArrayPool<byte>.Shared.Rent(size);
        old.AsSpan(0, Length).CopyTo(_bytes);
        _memory.Add(_bytes.Length - old.Length);
        ArrayPool<byte>.Shared.Return(old);
    }
}
