using Microsoft.Win32.SafeHandles;

namespace Restate.Storage.Rocks.Interop;

/// <summary>Counts native RocksDB objects, so that a test can see that none is left.</summary>
internal static class RocksHandles
{
    private static long _live;

    /// <summary>Native objects that are not released yet.</summary>
    public static long Live => Interlocked.Read(ref _live);

    public static void Created() => Interlocked.Increment(ref _live);

    public static void Released() => Interlocked.Decrement(ref _live);
}

/// <summary>Base of all RocksDB handles: owns one native object.</summary>
internal abstract class RocksHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    protected RocksHandle(nint native) : base(ownsHandle: true)
    {
        if (native == 0)
            throw new OutOfMemoryException("RocksDB returned no object");
        SetHandle(native);
        RocksHandles.Created();
    }

    /// <summary>The native pointer. The caller keeps this handle alive while it uses the pointer.</summary>
    public nint Pointer => handle;

    protected sealed override bool ReleaseHandle()
    {
        Destroy(handle);
        RocksHandles.Released();
        return true;
    }

    protected abstract void Destroy(nint native);
}

internal sealed class DatabaseHandle(nint native) : RocksHandle(native)
{
    private readonly object _gate = new();
    private RocksHandle[] _owned = [];
    private bool _gone;

    /// <summary>Makes these live as long as the database: a call that runs while another thread closes it still reads its options.</summary>
    public void Own(params RocksHandle[] handles) => _owned = handles;

    protected override void Destroy(nint native)
    {
        RocksNative.Close(native);
        foreach (RocksHandle owned in _owned)
            owned.Dispose();
        lock (_gate)
        {
            _gone = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until the last call that was under way has let the database close; false when it has not in time.</summary>
    public bool WaitUntilClosed(TimeSpan timeout)
    {
        lock (_gate)
            return _gone || Monitor.Wait(_gate, timeout) || _gone;
    }
}

internal sealed class OptionsHandle(nint native) : RocksHandle(native)
{
    protected override void Destroy(nint native) => RocksNative.OptionsDestroy(native);
}

internal sealed class TableOptionsHandle(nint native) : RocksHandle(native)
{
    protected override void Destroy(nint native) => RocksNative.TableOptionsDestroy(native);
}

internal sealed class CacheHandle(nint native) : RocksHandle(native)
{
    protected override void Destroy(nint native) => RocksNative.CacheDestroy(native);
}

internal sealed class WriteBufferManagerHandle(nint native) : RocksHandle(native)
{
    protected override void Destroy(nint native) => RocksNative.WriteBufferManagerDestroy(native);
}

internal sealed class EnvHandle(nint native) : RocksHandle(native)
{
    protected override void Destroy(nint native) => RocksNative.EnvDestroy(native);
}

internal sealed class ReadOptionsHandle(nint native) : RocksHandle(native)
{
    protected override void Destroy(nint native) => RocksNative.ReadOptionsDestroy(native);
}

internal sealed class WriteOptionsHandle(nint native) : RocksHandle(native)
{
    protected override void Destroy(nint native) => RocksNative.WriteOptionsDestroy(native);
}

internal sealed class FlushOptionsHandle(nint native) : RocksHandle(native)
{
    protected override void Destroy(nint native) => RocksNative.FlushOptionsDestroy(native);
}

internal sealed class WriteBatchHandle(nint native) : RocksHandle(native)
{
    protected override void Destroy(nint native) => RocksNative.WriteBatchDestroy(native);
}

internal sealed class IteratorHandle(nint native) : RocksHandle(native)
{
    protected override void Destroy(nint native) => RocksNative.IteratorDestroy(native);
}

/// <summary>A snapshot; it holds a reference to its database, which must be open to release it.</summary>
internal sealed class SnapshotHandle : RocksHandle
{
    private readonly DatabaseHandle _database;

    private SnapshotHandle(DatabaseHandle database, nint native) : base(native) => _database = database;

    public static SnapshotHandle Create(DatabaseHandle database)
    {
        bool held = false;
        database.DangerousAddRef(ref held);
        return new SnapshotHandle(database, RocksNative.CreateSnapshot(database.Pointer));
    }

    protected override void Destroy(nint native)
    {
        RocksNative.ReleaseSnapshot(_database.Pointer, native);
        _database.DangerousRelease();
    }
}
