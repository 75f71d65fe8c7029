using System.Buffers.Binary;
using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Storage.Partitions;

/// <summary>How far a partition store has come in its log.</summary>
/// <param name="Lsn">Last record whose effects are in the store.</param>
/// <param name="LeaderEpoch">Highest epoch announced up to there.</param>
/// <param name="CreatedAtMs">Time of that record, Unix ms.</param>
internal readonly record struct AppliedState(Lsn Lsn, ulong LeaderEpoch, ulong CreatedAtMs);

/// <summary>The data of one partition: a database without a write-ahead log; its log restores what no flush has reached. Thread-safe but for writing.</summary>
internal sealed class PartitionStore : IDisposable
{
    /// <summary>Version of the stored format: the keys and values listed at <see cref="Encoding.KeyKind"/>.</summary>
    public const uint StoredFormat = 1;

    private const int AppliedLength = 24;
    private bool _hasScopedState;

    /// <summary>Opens the store in a database and owns the database from then on.</summary>
    /// <exception cref="StorageException">The data is of a newer format.</exception>
    public PartitionStore(PartitionId partition, RocksDatabase database)
    {
        Partition = partition;
        Database = database;
        FormatVersion.Check(database, StoredFormat, WriteDurability.Memtable);
        HasScopedState = database.Get(ScopedKey) is not null;
    }

    /// <summary>Which partition it is.</summary>
    public PartitionId Partition { get; }

    /// <summary>
    /// True once the store has held state of a scope. While no store has, a lookup by service key alone needs no search for the
    /// same key in scopes, which live under other partition keys.
    /// </summary>
    public bool HasScopedState
    {
        get => Volatile.Read(ref _hasScopedState);
        set => Volatile.Write(ref _hasScopedState, value);
    }

    internal RocksDatabase Database { get; }

    private static ReadOnlySpan<byte> AppliedKey => [0x00, 0x02];

    private static ReadOnlySpan<byte> ScopedKey => [0x00, 0x03];

    /// <summary>How far the store has come, memtables included.</summary>
    public AppliedState ReadApplied() => Decode(Database.Get(AppliedKey));

    /// <summary>How far the store would have come if the process were killed now; takes microseconds.</summary>
    public AppliedState ReadDurable() => Decode(Database.Get(AppliedKey, persistedOnly: true));

    /// <summary>Writes all memtables to disk and waits.</summary>
    /// <exception cref="StorageException">The flush failed.</exception>
    public void Flush() => Database.FlushAndWait();

    /// <summary>Closes the store, and waits for calls that are just reading a figure of it, so that it can be opened again.</summary>
    public void Dispose()
    {
        Database.Dispose();
        _ = Database.WaitUntilClosed(TimeSpan.FromSeconds(5));
    }

    internal static void PutApplied(RocksBatch batch, in AppliedState applied)
    {
        Span<byte> value = stackalloc byte[AppliedLength];
        BinaryPrimitives.WriteUInt64BigEndian(value, applied.Lsn.Value);
        BinaryPrimitives.WriteUInt64BigEndian(value[8..], applied.LeaderEpoch);
        BinaryPrimitives.WriteUInt64BigEndian(value[16..], applied.CreatedAtMs);
        batch.Put(AppliedKey, value);
    }

    internal static void PutScopedMarker(RocksBatch batch) => batch.Put(ScopedKey, []);

    private AppliedState Decode(byte[]? value)
    {
        if (value is null)
            return default;
        if (value.Length != AppliedLength)
            throw new StorageException($"database {Database.Name}: its applied LSN is damaged");
        return new AppliedState(
            new Lsn(BinaryPrimitives.ReadUInt64BigEndian(value)),
            BinaryPrimitives.ReadUInt64BigEndian(value.AsSpan(8)),
            BinaryPrimitives.ReadUInt64BigEndian(value.AsSpan(16)));
    }
}
