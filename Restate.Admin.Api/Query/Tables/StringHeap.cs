using System.Runtime.InteropServices;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query.Tables;

/// <summary>
/// Native memory for the strings of one chunk, used again for every chunk. Strings of ours and not DuckDB's: an allocation inside
/// DuckDB can throw, and its exception must not meet a managed frame. Used by one thread at a time.
/// </summary>
internal sealed unsafe class StringHeap : IDisposable
{
    /// <summary>Strings of a chunk past which it should end, so that a worker holds little more than this and one value.</summary>
    internal const int ChunkBytes = 2 << 20;

    private const int BlockBytes = 256 << 10;
    private const int LargeBytes = BlockBytes / 4;

    private readonly MemoryCounter _counter;
    private readonly List<nint> _blocks = [];
    private readonly List<(nint Address, int Length)> _large = [];
    private int _block;
    private byte* _next;
    private byte* _end;

    internal StringHeap(MemoryCounter counter) => _counter = counter;

    /// <summary>Bytes written since <see cref="Reset"/>.</summary>
    internal long Used { get; private set; }

    /// <summary>Forgets all strings: those handed out before are invalid.</summary>
    internal void Reset()
    {
        foreach ((nint address, int length) in _large)
        {
            NativeMemory.Free((void*)address);
            _counter.Add(-length);
        }

        _large.Clear();
        _block = 0;
        _next = null;
        _end = null;
        Used = 0;
    }

    /// <summary>Copies a string and describes it to DuckDB.</summary>
    internal StringValue Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= StringValue.InlineLength)
            return StringValue.Inline(bytes);
        Used += bytes.Length;
        byte* target = _next;
        if (bytes.Length <= _end - target)
            _next = target + bytes.Length;
        else
            target = Reserve(bytes.Length);
        bytes.CopyTo(new Span<byte>(target, bytes.Length));
        return StringValue.Pointer(target, bytes.Length);
    }

    public void Dispose()
    {
        Reset();
        foreach (nint block in _blocks)
        {
            NativeMemory.Free((void*)block);
            _counter.Add(-BlockBytes);
        }

        _blocks.Clear();
    }

    private byte* Reserve(int length)
    {
        // A large string gets memory of its own, given back with the chunk: blocks stay small however large a value was.
        if (length > LargeBytes)
        {
            var own = (byte*)NativeMemory.Alloc((nuint)length);
            _large.Add(((nint)own, length));
            _counter.Add(length);
            return own;
        }

        if (_block == _blocks.Count)
        {
            _blocks.Add((nint)NativeMemory.Alloc(BlockBytes));
            _counter.Add(BlockBytes);
        }

        var start = (byte*)_blocks[_block++];
        _next = start + length;
        _end = start + BlockBytes;
        return start;
    }
}
