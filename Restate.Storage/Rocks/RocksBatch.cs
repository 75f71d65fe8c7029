using Restate.Storage.Rocks.Interop;

namespace Restate.Storage.Rocks;

/// <summary>Changes that a database takes all together or not at all. Not thread-safe.</summary>
internal sealed unsafe class RocksBatch : IDisposable
{
    private readonly WriteBatchHandle _handle = new(RocksNative.WriteBatchCreate());

    /// <summary>Bytes of all keys and values put in so far, with the memtable's overhead per entry: what a reservation must cover.</summary>
    public long EstimatedMemtableBytes { get; private set; }

    /// <summary>Entries put in so far.</summary>
    public int Count { get; private set; }

    internal nint Pointer => _handle.Pointer;

    /// <summary>
    /// Memtable cost of an entry beside key and value: sequence number, two length prefixes and the skip list's pointers
    /// (1.33 levels on average), rounded up.
    /// </summary>
    public const int EntryOverheadBytes = 40;

    /// <summary>Sets a key.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* k = key, v = value)
            RocksNative.WriteBatchPut(_handle.Pointer, k, (nuint)key.Length, v, (nuint)value.Length);
        Account(key.Length + value.Length);
    }

    /// <summary>Removes a key.</summary>
    public void Delete(ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key)
            RocksNative.WriteBatchDelete(_handle.Pointer, k, (nuint)key.Length);
        Account(key.Length);
    }

    /// <summary>Removes the keys from <paramref name="start"/> to before <paramref name="end"/>. Only for ranges nobody scans.</summary>
    public void DeleteRange(ReadOnlySpan<byte> start, ReadOnlySpan<byte> end)
    {
        fixed (byte* s = start, e = end)
            RocksNative.WriteBatchDeleteRange(_handle.Pointer, s, (nuint)start.Length, e, (nuint)end.Length);
        Account(start.Length + end.Length);
    }

    /// <summary>Takes all changes out again.</summary>
    public void Clear()
    {
        RocksNative.WriteBatchClear(_handle.Pointer);
        EstimatedMemtableBytes = 0;
        Count = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private void Account(int bytes)
    {
        EstimatedMemtableBytes += bytes + EntryOverheadBytes;
        Count++;
    }
}
