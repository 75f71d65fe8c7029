using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Restate.Storage.Logs;

/// <summary>
/// The bytes of one log record in native memory, shared by reference count: the appender, the record cache and readers each hold
/// one reference. Immutable once built. Thread-safe.
/// </summary>
internal sealed unsafe class RecordBuffer : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>What the allocator and this object cost beside the bytes; counted so that many small records are not free.</summary>
    public const int OverheadBytes = 96;

    private static long _totalBytes;
    private int _references = 1;

    private RecordBuffer(nint memory, int length) : base(ownsHandle: true)
    {
        SetHandle(memory);
        Length = length;
        Interlocked.Add(ref _totalBytes, RetainedBytes);
    }

    /// <summary>Bytes retained by all records that are referenced from anywhere.</summary>
    public static long TotalBytes => Interlocked.Read(ref _totalBytes);

    /// <summary>Length of the record in bytes.</summary>
    public int Length { get; }

    /// <summary>What the record costs in memory.</summary>
    public int RetainedBytes => Length + OverheadBytes;

    /// <summary>The record. Valid while the caller holds a reference.</summary>
    public ReadOnlySpan<byte> Span => new((void*)handle, Length);

    /// <summary>Copies bytes into a new buffer with one reference.</summary>
    public static RecordBuffer Copy(ReadOnlySpan<byte> record)
    {
        void* memory = NativeMemory.Alloc((nuint)Math.Max(1, record.Length));
        record.CopyTo(new Span<byte>(memory, record.Length));
        return new RecordBuffer((nint)memory, record.Length);
    }

    /// <summary>Makes a buffer of the given length and lets the caller fill it.</summary>
    public static RecordBuffer Create<TState>(int length, TState state, System.Buffers.SpanAction<byte, TState> fill)
    {
        void* memory = NativeMemory.Alloc((nuint)Math.Max(1, length));
        try
        {
            fill(new Span<byte>(memory, length), state);
        }
        catch
        {
            NativeMemory.Free(memory);
            throw;
        }

        return new RecordBuffer((nint)memory, length);
    }

    /// <summary>Takes one more reference. The caller must already hold one, or the lock of a structure that does.</summary>
    public RecordBuffer AddReference()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    /// <summary>Gives one reference back; the last one frees the memory.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            Dispose();
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        Interlocked.Add(ref _totalBytes, -RetainedBytes);
        return true;
    }
}
