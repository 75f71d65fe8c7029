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
    private bool _disposed;

    internal RocksIterator(DatabaseHandle database, string name, RocksSnapshot? snapshot, bool fillCache)
    {
        _name = name;
        bool held = false;
        database.DangerousAddRef(ref held);
        _database = database;
        try
        {
            _options = new ReadOptionsHandle(RocksNative.ReadOptionsCreate());
            RocksNative.ReadOptionsSetFillCache(_options.Pointer, fillCache ? (byte)1 : (byte)0);
            if (snapshot is not null)
                RocksNative.ReadOptionsSetSnapshot(_options.Pointer, snapshot.Pointer);
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
