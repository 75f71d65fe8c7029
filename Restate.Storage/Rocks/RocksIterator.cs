using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Restate.Storage.Rocks.Interop;
using Restate.Storage.Types;

namespace Restate.Storage.Rocks;

/// <summary>Walks a database in key order at one point in time. Not thread-safe. Keeps its database open until disposed.</summary>
internal sealed unsafe class RocksIterator : IDisposable
{
    private readonly DatabaseHandle _database;
    private readonly string _name;
    private readonly ReadOptionsHandle _options;
    private readonly IteratorHandle _iterator;
    private readonly nint _native;
    private byte[] _bound = [];
    private bool _disposed;

    internal RocksIterator(DatabaseHandle database, string name, RocksSnapshot? snapshot, bool fillCache, bool isBounded = false)
    {
        _name = name;
        IsBounded = isBounded;
        bool held = false;
        database.DangerousAddRef(ref held);
        _database = database;
        try
        {
            _options = new ReadOptionsHandle(RocksNative.ReadOptionsCreate());
            RocksNative.ReadOptionsSetFillCache(_options.Pointer, fillCache ? (byte)1 : (byte)0);
            if (snapshot is not null)
                RocksNative.ReadOptionsSetSnapshot(_options.Pointer, snapshot.Pointer);
            if (isBounded)
                SetBound([]);
            _iterator = new IteratorHandle(RocksNative.CreateIterator(database.Pointer, _options.Pointer));
            _native = _iterator.Pointer;
        }
        catch
        {
            _options?.Dispose();
            database.DangerousRelease();
            throw;
        }
    }

    /// <summary>True when it goes by <see cref="Seek(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> only.</summary>
    public bool IsBounded { get; }

    /// <summary>True while the iterator stands on an entry.</summary>
    public bool Valid => RocksNative.IteratorValid(_native) != 0;

    /// <summary>Key of the entry. Valid until the iterator moves.</summary>
    public ReadOnlySpan<byte> Key
    {
        get
        {
            nuint length;
            byte* key = RocksNative.IteratorKey(_native, &length);
            return new ReadOnlySpan<byte>(key, checked((int)length));
        }
    }

    /// <summary>Value of the entry. Valid until the iterator moves.</summary>
    public ReadOnlySpan<byte> Value
    {
        get
        {
            nuint length;
            byte* value = RocksNative.IteratorValue(_native, &length);
            return new ReadOnlySpan<byte>(value, checked((int)length));
        }
    }

    /// <summary>Goes to the first entry.</summary>
    public void SeekToFirst() => RocksNative.IteratorSeekToFirst(_native);

    /// <summary>Goes to the first entry at or after <paramref name="key"/>.</summary>
    public void Seek(ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key)
            RocksNative.IteratorSeek(_native, k, (nuint)key.Length);
    }

    /// <summary>
    /// Goes to the first entry at or after <paramref name="key"/>, and ends before <paramref name="end"/>: what lies behind that is not
    /// read, deleted entries neither.
    /// </summary>
    /// <exception cref="InvalidOperationException">The iterator was not made for it.</exception>
    public void Seek(ReadOnlySpan<byte> key, ReadOnlySpan<byte> end)
    {
        if (!IsBounded)
            throw new InvalidOperationException("the iterator has no bound that could move");
        SetBound(end);
        Seek(key);
    }

    /// <summary>Goes to the last entry at or before <paramref name="key"/>.</summary>
    public void SeekForPrevious(ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key)
            RocksNative.IteratorSeekForPrevious(_native, k, (nuint)key.Length);
    }

    /// <summary>Goes to the next entry.</summary>
    public void Next() => RocksNative.IteratorNext(_native);

    /// <summary>To be called whenever <see cref="Valid"/> turned false: an error also ends an iteration.</summary>
    /// <exception cref="StorageException">The database could not be read.</exception>
    public void ThrowIfFailed()
    {
        nint error = 0;
        RocksNative.IteratorGetError(_native, ref error);
        RocksException.ThrowIfError(error, _name);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _iterator.Dispose();
        _options.Dispose();
        _database.DangerousRelease();
    }

    /// <summary>
    /// The options keep the address of the bound, and the iterator that of its place in the options: so the bytes are pinned for as long
    /// as this object lives, and setting another bound moves the iterator's. RocksDB heeds it from the next seek on.
    /// </summary>
    private void SetBound(ReadOnlySpan<byte> end)
    {
        // Never of no bytes: an empty array has no address, and the options would drop the bound.
        if (_bound.Length < Math.Max(1, end.Length))
            _bound = GC.AllocateUninitializedArray<byte>(Math.Max(64, end.Length * 2), pinned: true);
        end.CopyTo(_bound);
        RocksNative.ReadOptionsSetIterateUpperBound(
            _options.Pointer, (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_bound)), (nuint)end.Length);
    }
}

/// <summary>A point in time of a database. Keeps its database open until disposed.</summary>
internal sealed class RocksSnapshot : IDisposable
{
    private readonly SnapshotHandle _handle;

    internal RocksSnapshot(DatabaseHandle database) => _handle = SnapshotHandle.Create(database);

    internal nint Pointer => _handle.Pointer;

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
