using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using Restate.Storage.Memory;
using Restate.Storage.Rocks.Interop;
using Restate.Storage.Types;

namespace Restate.Storage.Rocks;

/// <summary>How a write reaches the disk.</summary>
internal enum WriteDurability
{
    /// <summary>Memtable only: a flush makes it durable. For stores that a log can restore.</summary>
    Memtable,

    /// <summary>Write-ahead log without waiting for the disk.</summary>
    Logged,

    /// <summary>Write-ahead log, on disk when the call returns.</summary>
    Synced,
}

/// <summary>One open RocksDB database with one column family. Thread-safe.</summary>
internal sealed unsafe class RocksDatabase : IMemoryTarget, IDisposable
{
    /// <summary>Read what is on disk or in the write-ahead log only (RocksDB <c>kPersistedTier</c>).</summary>
    private const int PersistedTier = 2;

    /// <summary>Memtables of a partition store at which RocksDB stops its writers, at least.</summary>
    private const int MinBuffersBeforeStop = 4;

    private readonly RocksDbManager _manager;
    private readonly DatabaseHandle _handle;

    // Owned by the database's handle, which outlives this object while calls run.
#pragma warning disable CA2213
    private readonly ReadOptionsHandle _read = new(RocksNative.ReadOptionsCreate());
    private readonly ReadOptionsHandle _readPersisted = new(RocksNative.ReadOptionsCreate());
    private readonly WriteOptionsHandle _writeMemtable = new(RocksNative.WriteOptionsCreate());
    private readonly WriteOptionsHandle _writeLogged = new(RocksNative.WriteOptionsCreate());
    private readonly WriteOptionsHandle _writeSynced = new(RocksNative.WriteOptionsCreate());
#pragma warning restore CA2213
    private readonly Lock _optionsLock = new();
    private readonly int _minToMerge;
    private WriteBufferSettings _applied;
    private int _closed;

    internal RocksDatabase(RocksDbManager manager, in DatabaseSpec spec, DatabaseHandle handle)
    {
        _manager = manager;
        _handle = handle;
        Name = spec.Name;
        Component = spec.Component;
        Partition = spec.Partition;
        _applied = spec.Settings;
        _minToMerge = spec.Settings.MinToMerge;
        handle.Own(_read, _readPersisted, _writeMemtable, _writeLogged, _writeSynced);
        RocksNative.ReadOptionsSetReadTier(_readPersisted.Pointer, PersistedTier);
        RocksNative.WriteOptionsDisableWal(_writeMemtable.Pointer, 1);
        RocksNative.WriteOptionsSetSync(_writeSynced.Pointer, 1);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public MemoryComponent Component { get; }

    /// <inheritdoc/>
    public PartitionId? Partition { get; }

    /// <inheritdoc/>
    public WriteBufferSettings AppliedSettings
    {
        get
        {
            lock (_optionsLock)
                return _applied;
        }
    }

    /// <summary>Reads a value; null when the key is absent.</summary>
    /// <param name="key">The whole key.</param>
    /// <param name="persistedOnly">True reads as if the process had been killed now.</param>
    /// <exception cref="StorageException">The database could not be read.</exception>
    public byte[]? Get(ReadOnlySpan<byte> key, bool persistedOnly = false)
    {
        using Use use = Enter();
        nint error = 0;
        nuint length = 0;
        byte* value;
        fixed (byte* k = key)
            value = RocksNative.Get(_handle.Pointer, (persistedOnly ? _readPersisted : _read).Pointer, k, (nuint)key.Length, &length, ref error);
        RocksException.ThrowIfError(error, Name);
        if (value is null)
            return null;
        byte[] copy = new ReadOnlySpan<byte>(value, checked((int)length)).ToArray();
        RocksNative.Free((nint)value);
        return copy;
    }

    /// <summary>Applies a batch, all of it or nothing.</summary>
    /// <exception cref="StorageException">The database could not be written.</exception>
    public void Write(RocksBatch batch, WriteDurability durability)
    {
        using Use use = Enter();
        WriteOptionsHandle options = durability switch
        {
            WriteDurability.Memtable => _writeMemtable,
            WriteDurability.Logged => _writeLogged,
            _ => _writeSynced,
        };
        nint error = 0;
        RocksNative.Write(_handle.Pointer, options.Pointer, batch.Pointer, ref error);
        RocksException.ThrowIfError(error, Name);
    }

    /// <summary>A new iterator, at the snapshot or at this moment.</summary>
    /// <param name="snapshot">Point in time to read; null: now.</param>
    /// <param name="fillCache">False for scans that would push everything else out of the block cache.</param>
    /// <param name="isBounded">True for one whose seeks name an end.</param>
    public RocksIterator CreateIterator(RocksSnapshot? snapshot, bool fillCache, bool isBounded = false)
    {
        using Use use = Enter();
        return new RocksIterator(_handle, Name, snapshot, fillCache, isBounded);
    }

    /// <summary>A new snapshot of this moment.</summary>
    public RocksSnapshot CreateSnapshot()
    {
        using Use use = Enter();
        return new RocksSnapshot(_handle);
    }

    /// <summary>Writes all memtables to disk and waits for it.</summary>
    /// <exception cref="StorageException">The flush failed.</exception>
    public void FlushAndWait() => Flush(wait: true);

    /// <summary>Rewrites all files into as few as there need be and waits for it. Closing the database ends it early.</summary>
    /// <param name="cancellationToken">Ends it early, for good: afterwards this database compacts on its own account only.</param>
    public void Compact(CancellationToken cancellationToken)
    {
        if (!TryEnter(out Use use))
            return;
        using (use)
        {
            using CancellationTokenRegistration ending = cancellationToken.Register(EndCompaction);
            RocksNative.CompactRange(_handle.Pointer, null, 0, null, 0);
        }
    }

    /// <summary>Drops whole files between two keys without rewriting anything; the files of level 0 stay.</summary>
    /// <param name="start">First key that may go.</param>
    /// <param name="end">Last key that may go: unlike in a range delete it is part of the range.</param>
    /// <exception cref="StorageException">The database refused it.</exception>
    public void DeleteFilesInRange(ReadOnlySpan<byte> start, ReadOnlySpan<byte> end)
    {
        using Use use = Enter();
        nint error = 0;
        fixed (byte* s = start, e = end)
            RocksNative.DeleteFilesInRange(_handle.Pointer, s, (nuint)start.Length, e, (nuint)end.Length, ref error);
        RocksException.ThrowIfError(error, Name);
    }

    /// <summary>Reads an integer property such as <c>rocksdb.num-running-flushes</c>; 0 when there is none of that name.</summary>
    /// <param name="nullTerminatedName">The name, UTF-8, with a zero byte after it.</param>
    public ulong Property(ReadOnlySpan<byte> nullTerminatedName)
    {
        if (!TryEnter(out Use use))
            return 0;
        using (use)
        {
            ulong value = 0;
            fixed (byte* name = nullTerminatedName)
                return RocksNative.PropertyInt(_handle.Pointer, name, &value) == 0 ? value : ReadNumber(name);
        }
    }

    /// <summary>Some properties that are numbers are given as text only, those of levels among them.</summary>
    private ulong ReadNumber(byte* name)
    {
        nint text = RocksNative.PropertyValue(_handle.Pointer, name);
        if (text == 0)
            return 0;
        try
        {
            return Utf8Parser.TryParse(MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)text), out ulong value, out _) ? value : 0;
        }
        finally
        {
            RocksNative.Free(text);
        }
    }

    /// <inheritdoc/>
    public MemtableSample Sample() => new(
        (long)Property("rocksdb.cur-size-active-mem-table\0"u8),
        (long)Property("rocksdb.cur-size-all-mem-tables\0"u8),
        (long)Property("rocksdb.size-all-mem-tables\0"u8),
        Property("rocksdb.mem-table-flush-pending\0"u8) != 0 || Property("rocksdb.num-running-flushes\0"u8) != 0);

    /// <inheritdoc/>
    public void Apply(in WriteBufferSettings settings)
    {
        if (!TryEnter(out Use use))
            return;
        using (use)
        {
            lock (_optionsLock)
            {
                // Always together: an arena block of the old size would make a small memtable hold far more than its share.
                // How many are merged is fixed at open, and with no buffer more than that every flush would stop the writers.
                const long SmallestBuffer = 64 << 10;
                int buffers = Math.Max(settings.MaxWriteBuffers, _minToMerge + 1);
                long bytes = Math.Max(SmallestBuffer, settings.WriteBufferBytes * settings.MaxWriteBuffers / buffers);
                SetOptions(
                    ("write_buffer_size", bytes),
                    ("arena_block_size", settings.ArenaBlockBytes),
                    ("max_write_buffer_number", Math.Max(buffers, BuffersBeforeStop(Component, settings))));
                _applied = settings;
            }
        }
    }

    /// <inheritdoc/>
    public void StartFlush() => Flush(wait: false);

    /// <summary>Closes the database; iterators and snapshots that are still open keep it until they are disposed.</summary>
    public void Dispose()
    {
        EndCompaction();
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        _manager.Forget(this);
        _handle.Dispose();
    }

    /// <summary>Waits, after <see cref="Dispose"/>, until its directory may be opened again.</summary>
    /// <returns>False when something still reads it after <paramref name="timeout"/>.</returns>
    public bool WaitUntilClosed(TimeSpan timeout) => _handle.WaitUntilClosed(timeout);

    /// <summary>
    /// The number at which writers stop; it reserves nothing. A partition of two small buffers gets more: one flush that waits for the
    /// disk would stop its processor at every buffer (<c>writepath</c>, 128 partitions on memtables of
    /// 32 MiB: 17.3 s of stops summed over all partitions with two, 0.34 s with four).
    /// What bounds the memory is admission and the rule of 1.5 shares.
    /// </summary>
    internal static int BuffersBeforeStop(MemoryComponent component, in WriteBufferSettings settings) =>
        component == MemoryComponent.PartitionStore ? Math.Max(MinBuffersBeforeStop, settings.MaxWriteBuffers) : settings.MaxWriteBuffers;

    private void EndCompaction()
    {
        if (!TryEnter(out Use use))
            return;
        using (use)
            RocksNative.DisableManualCompaction(_handle.Pointer);
    }

    private void Flush(bool wait)
    {
        if (!TryEnter(out Use use))
            return;
        using (use)
        {
            nint error = 0;
            RocksNative.Flush(_handle.Pointer, (wait ? _manager.FlushAndWait : _manager.FlushNoWait).Pointer, ref error);
            try
            {
                RocksException.ThrowIfError(error, Name);
            }
            catch (RocksException e) when (!wait && e.Message.Contains("Writes have been stopped", StringComparison.Ordinal))
            {
                // Stopped because as many memtables as there may be wait for flushes that are running: what was asked for is under way.
            }
        }
    }

    private void SetOptions(params ReadOnlySpan<(string Key, long Value)> options)
    {
        byte** keys = stackalloc byte*[options.Length];
        byte** values = stackalloc byte*[options.Length];
        var text = new byte[options.Length * 2][];
        var pins = new GCHandle[text.Length];
        try
        {
            for (int i = 0; i < options.Length; i++)
            {
                text[2 * i] = System.Text.Encoding.UTF8.GetBytes(options[i].Key + '\0');
                text[(2 * i) + 1] = System.Text.Encoding.UTF8.GetBytes(options[i].Value.ToString(CultureInfo.InvariantCulture) + '\0');
                for (int part = 2 * i; part <= (2 * i) + 1; part++)
                    pins[part] = GCHandle.Alloc(text[part], GCHandleType.Pinned);
                keys[i] = (byte*)pins[2 * i].AddrOfPinnedObject();
                values[i] = (byte*)pins[(2 * i) + 1].AddrOfPinnedObject();
            }

            nint error = 0;
            RocksNative.SetOptions(_handle.Pointer, options.Length, keys, values, ref error);
            RocksException.ThrowIfError(error, Name);
        }
        finally
        {
            foreach (GCHandle pin in pins)
            {
                if (pin.IsAllocated)
                    pin.Free();
            }
        }
    }

    private Use Enter() => TryEnter(out Use use) ? use : throw new StorageException($"database {Name} is closed");

    private bool TryEnter(out Use use)
    {
        // The handle alone would not do: it takes new references for as long as one is left, so overlapping calls, or one
        // iterator that is still open, would keep a closed database in use.
        bool held = false;
        if (Volatile.Read(ref _closed) != 0)
        {
            use = default;
            return false;
        }

        try
        {
            _handle.DangerousAddRef(ref held);
        }
        catch (ObjectDisposedException)
        {
            // Closed by another thread: the reader gets "closed" instead of a native crash.
            held = false;
        }

        use = new Use(held ? _handle : null);
        return held;
    }

    /// <summary>Keeps the native database while one call uses it.</summary>
    private readonly ref struct Use(DatabaseHandle? handle)
    {
        public void Dispose() => handle?.DangerousRelease();
    }
}
