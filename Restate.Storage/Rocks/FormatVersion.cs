using System.Buffers.Binary;
using Restate.Storage.Types;

namespace Restate.Storage.Rocks;

/// <summary>The version of the stored format, kept in every database under one fixed key.</summary>
internal static class FormatVersion
{
    /// <summary>
    /// Key of the version: <c>KeyKind.FormatVersion</c>, big-endian. Fixed for ever, so it is written out here rather than built.
    /// </summary>
    private static ReadOnlySpan<byte> Key => [0x00, 0x01];

    /// <summary>Writes the version into a new database, and checks it in an old one.</summary>
    /// <param name="database">The database, just opened.</param>
    /// <param name="current">Version this build writes, and the newest it reads; 1 or more.</param>
    /// <param name="durability">How the first write reaches the disk.</param>
    /// <exception cref="StorageException">The data is of a newer version, or the database holds data without a version.</exception>
    public static void Check(RocksDatabase database, uint current, WriteDurability durability)
    {
        byte[]? stored = database.Get(Key);
        if (stored is null)
        {
            using (RocksIterator iterator = database.CreateIterator(snapshot: null, fillCache: false))
            {
                iterator.SeekToFirst();
                if (iterator.Valid)
                    throw new StorageException($"database {database.Name} holds data but no format version; it was not written by this program");
                iterator.ThrowIfFailed();
            }

            Write(database, current, durability);
            return;
        }

        uint version = stored.Length == sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(stored) : 0;
        if (version == 0)
            throw new StorageException($"database {database.Name}: its format version is damaged");
        if (version > current)
            throw new StorageException($"database {database.Name} has format version {version}; this build reads up to {current}: start a newer build");
    }

    /// <summary>Writes the version that is there once more: a write that changes nothing, to see whether the database takes any.</summary>
    /// <exception cref="StorageException">It takes none.</exception>
    public static void Rewrite(RocksDatabase database, uint current) => Write(database, current, WriteDurability.Synced);

    private static void Write(RocksDatabase database, uint version, WriteDurability durability)
    {
        byte[] value = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(value, version);
        using var batch = new RocksBatch();
        batch.Put(Key, value);
        database.Write(batch, durability);
    }
}
