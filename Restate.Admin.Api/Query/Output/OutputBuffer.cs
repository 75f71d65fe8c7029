using System.Buffers;

namespace Restate.Admin.Api.Query.Output;

/// <summary>Bytes on their way out, in two pooled arrays that take turns: one portion is written while the one before it is sent.</summary>
internal sealed class OutputBuffer : IDisposable
{
    /// <summary>Bytes after which a portion should be sent.</summary>
    internal const int PortionBytes = 64 << 10;

    private const int InitialBytes = PortionBytes + (16 << 10);
    private const int KeptBytes = 1 << 20;

    private readonly MemoryCounter _memory;
    private byte[] _bytes;
    private byte[] _sent = [];

    internal OutputBuffer(MemoryCounter memory)
    {
        _memory = memory;
        _bytes = Rent(InitialBytes);
    }

    /// <summary>Bytes of this portion.</summary>
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

    /// <summary>Ends a portion and begins the next, which leaves the one it returns as it is until it ends itself.</summary>
    internal ReadOnlyMemory<byte> Turn()
    {
        ReadOnlyMemory<byte> written = Written;
        (_bytes, _sent) = (_sent, _bytes);
        Length = 0;
        if (_bytes.Length is 0 or > KeptBytes)
            Resize(InitialBytes);
        return written;
    }

    /// <summary>
    /// The portion of the last turn is no longer needed: an array that one large value has blown up is given back at once. The next portion may
    /// be written meanwhile.
    /// </summary>
    internal void Sent()
    {
        if (_sent.Length <= KeptBytes)
            return;
        Return(_sent);
        _sent = [];
    }

    public void Dispose()
    {
        Return(_bytes);
        Return(_sent);
        (_bytes, _sent) = ([], []);
    }

    private byte[] Rent(int size)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(size);
        _memory.Add(bytes.Length);
        return bytes;
    }

    private void Return(byte[] bytes)
    {
        if (bytes.Length == 0)
            return;
        _memory.Add(-bytes.Length);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Resize(int size)
    {
        byte[] old = _bytes;
        _bytes = Rent(size);
        old.AsSpan(0, Length).CopyTo(_bytes);
        Return(old);
    }
}
