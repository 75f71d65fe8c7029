using System.Security.Cryptography;
using Restate.Storage.Rocks;

namespace Restate.Storage.Partitions;

/// <summary>
/// Changes to a partition store that follow from a run of log records, and the LSN they result from: all in one batch. Reads see
/// the store as it was before the batch. Not thread-safe; one at a time for a store; used again after <see cref="Reset"/>.
/// </summary>
internal sealed class PartitionTransaction(PartitionStore store) : IDisposable
{
    private readonly RocksBatch _batch = new();
    private readonly StateVersion _version = new();
    private readonly HashSet<UInt128> _touched = [];
    private RocksIterator? _iterator;
    private byte[] _key = new byte[512];

    /// <summary>Memtable bytes that committing will take.</summary>
    public long EstimatedMemtableBytes => _batch.EstimatedMemtableBytes;

    /// <summary>True when this transaction already changed the object, so that reading it would miss that change: commit first.</summary>
    public bool Touches(ulong partitionKey, in StateMutation mutation) => _touched.Contains(ObjectId(partitionKey, mutation));

    /// <summary>Replaces the state of an object: absent keys are deleted one by one, since range tombstones would slow every later scan.</summary>
    /// <returns>False when the state has another version than the mutation expects; nothing is changed then.</returns>
    public bool ReplaceState(ulong partitionKey, StateMutation mutation)
    {
        int maxPrefix = StateKeys.MaxPrefixLength(mutation.Scope.Length, mutation.ServiceName.Length, mutation.ServiceKey.Length);
        EnsureKey(maxPrefix);
        int prefixLength = StateKeys.WritePrefix(_key, partitionKey, mutation.Scope, mutation.ServiceName, mutation.ServiceKey);
        _iterator ??= store.Database.CreateIterator(snapshot: null, fillCache: true);
        if (!mutation.ExpectedVersion.IsEmpty && !HasVersion(prefixLength, mutation.ExpectedVersion))
            return false;

        if (!mutation.Scope.IsEmpty && !store.HasScopedState)
        {
            store.HasScopedState = true;
            PartitionStore.PutScopedMarker(_batch);
        }

        _touched.Add(ObjectId(partitionKey, mutation));
        bool more = Seek(prefixLength);
        while (mutation.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            // Both sides are in key order: stored keys before this one are absent from the new state.
            while (more && StoredKey(prefixLength).SequenceCompareTo(key) < 0)
            {
                _batch.Delete(_iterator.Key);
                more = Next(prefixLength);
            }

            if (more && StoredKey(prefixLength).SequenceEqual(key))
                more = Next(prefixLength);
            EnsureKey(prefixLength + key.Length);
            key.CopyTo(_key.AsSpan(prefixLength));
            _batch.Put(_key.AsSpan(0, prefixLength + key.Length), value);
        }

        for (; more; more = Next(prefixLength))
            _batch.Delete(_iterator.Key);
        return true;
    }

    /// <summary>Lets go of the view of the store; the changes are copies and stay.</summary>
    public void ReleaseView()
    {
        _iterator?.Dispose();
        _iterator = null;
    }

    /// <summary>Writes all changes and the LSN they lead to.</summary>
    /// <exception cref="Types.StorageException">The store could not be written; nothing was changed.</exception>
    public void Commit(in AppliedState applied)
    {
        PartitionStore.PutApplied(_batch, applied);
        store.Database.Write(_batch, WriteDurability.Memtable);
    }

    /// <summary>Forgets all changes and the view of the store.</summary>
    public void Reset()
    {
        _batch.Clear();
        _touched.Clear();
        ReleaseView();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Reset();
        _batch.Dispose();
        _version.Dispose();
    }

    private static UInt128 ObjectId(ulong partitionKey, in StateMutation mutation) =>
        new(partitionKey, System.IO.Hashing.XxHash3.HashToUInt64(mutation.ServiceName, (long)System.IO.Hashing.XxHash3.HashToUInt64(mutation.ServiceKey)));

    private bool HasVersion(int prefixLength, ReadOnlySpan<byte> expected)
    {
        for (bool more = Seek(prefixLength); more; more = Next(prefixLength))
            _version.Add(StoredKey(prefixLength), _iterator!.Value);
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        _version.Finish(actual);
        return actual.SequenceEqual(expected);
    }

    private bool Seek(int prefixLength)
    {
        _iterator!.Seek(_key.AsSpan(0, prefixLength));
        return Holds(prefixLength);
    }

    private bool Next(int prefixLength)
    {
        _iterator!.Next();
        return Holds(prefixLength);
    }

    private bool Holds(int prefixLength)
    {
        if (_iterator!.Valid)
            return _iterator.Key.StartsWith(_key.AsSpan(0, prefixLength));
        _iterator.ThrowIfFailed();
        return false;
    }

    private ReadOnlySpan<byte> StoredKey(int prefixLength) => _iterator!.Key[prefixLength..];

    private void EnsureKey(int length)
    {
        if (_key.Length < length)
            Array.Resize(ref _key, Math.Max(length, _key.Length * 2));
    }
}
