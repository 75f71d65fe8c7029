using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Restate.Storage.Encoding;

/// <summary>A growing run of bytes in native memory: large request bodies must not live in the garbage-collected heap. Not thread-safe.</summary>
internal sealed unsafe class NativeBuffer : SafeHandleZeroOrMinusOneIsInvalid
{
    private int _capacity;

    /// <summary>Creates an empty buffer.</summary>
    /// <param name="capacity">Bytes to reserve at once, 1 or more.</param>
    public NativeBuffer(int capacity) : base(ownsHandle: true)
    {
        _capacity = capacity;
        SetHandle((nint)NativeMemory.Alloc((nuint)capacity));
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => new((void*)handle, Length);

    /// <summary>Appends one byte.</summary>
    public void Append(byte value)
    {
        if (Length == _capacity)
            Grow(1);
        ((byte*)handle)[Length++] = value;
    }

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Room for <paramref name="count"/> bytes; <see cref="Advance"/> says how many were used.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_capacity - Length < count)
            Grow(count);
        return new Span<byte>((byte*)handle + Length, _capacity - Length);
    }

    /// <summary>Counts bytes that were written into <see cref="Reserve"/>'s span.</summary>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }

    private void Grow(int count)
    {
        long wanted = Math.Min(Array.MaxLength, Math.Max((long)Length + count, (long)_capacity * 2));
        if (wanted < (long)Length + count)
            throw new InvalidOperationException("a buffer cannot hold 2 GiB");
        SetHandle((nint)NativeMemory.Realloc((void*)handle, (nuint)wanted));
        _capacity = (int)wanted;
    }
}
