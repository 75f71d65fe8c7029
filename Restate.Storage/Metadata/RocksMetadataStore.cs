using System.Buffers.Binary;
using Restate.Storage.Encoding;
using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Storage.Metadata;

/// <summary>The metadata store of a single node: one small database, every write synced. Thread-safe.</summary>
internal sealed class RocksMetadataStore : IMetadataStore, IDisposable
{
    /// <summary>Version of the stored format: <c>KeyKind.Metadata | key</c> → <c>version u32 BE | value</c>.</summary>
    public const uint StoredFormat = 1;

    private readonly RocksDatabase _database;

    /// <summary>One change at a time: a compare and its set must not be separated. Metadata changes are rare.</summary>
    private readonly Lock _writeLock = new();

    /// <summary>Opens the store in a database and owns the database from then on.</summary>
    /// <exception cref="StorageException">The data is of a newer format.</exception>
    public RocksMetadataStore(RocksDatabase database)
    {
        _database = database;
        try
        {
            FormatVersion.Check(database, StoredFormat, WriteDurability.Synced);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<VersionedValue?> GetAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(key, EncodeKey(key)));
    }

    /// <inheritdoc/>
    public ValueTask<uint> PutAsync(string key, ReadOnlyMemory<byte> value, Precondition precondition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[] encodedKey = EncodeKey(key);
        byte[] encoded = new byte[sizeof(uint) + value.Length];
        value.Span.CopyTo(encoded.AsSpan(sizeof(uint)));
        lock (_writeLock)
        {
            uint? current = Read(key, encodedKey)?.Version;
            Check(key, precondition, current);
            uint version = (current ?? 0) + 1;
            BinaryPrimitives.WriteUInt32BigEndian(encoded, version);
            using var batch = new RocksBatch();
            batch.Put(encodedKey, encoded);
            _database.Write(batch, WriteDurability.Synced);
            return ValueTask.FromResult(version);
        }
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string key, Precondition precondition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[] encodedKey = EncodeKey(key);
        lock (_writeLock)
        {
            uint? current = Read(key, encodedKey)?.Version;
            Check(key, precondition, current);
            if (current is null)
                return ValueTask.CompletedTask;
            using var batch = new RocksBatch();
            batch.Delete(encodedKey);
            _database.Write(batch, WriteDurability.Synced);
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    private static void Check(string key, Precondition precondition, uint? current)
    {
        switch (precondition.Kind)
        {
            case PreconditionKind.DoesNotExist when current is not null:
                throw new PreconditionFailedException(key, "no value", current);
            case PreconditionKind.MatchesVersion when current != precondition.Version:
                throw new PreconditionFailedException(key, $"version {precondition.Version}", current);
            default:
                return;
        }
    }

    private static byte[] EncodeKey(string key)
    {
        byte[] encoded = new byte[sizeof(ushort) + System.Text.Encoding.UTF8.GetByteCount(key)];
        BinaryPrimitives.WriteUInt16BigEndian(encoded, (ushort)KeyKind.Metadata);
        System.Text.Encoding.UTF8.GetBytes(key, encoded.AsSpan(sizeof(ushort)));
        return encoded;
    }

    private VersionedValue? Read(string key, byte[] encodedKey) => _database.Get(encodedKey) switch
    {
        null => null,
        { Length: < sizeof(uint) } => throw new StorageException($"metadata key '{key}' is damaged: it has no version"),
        byte[] stored => new VersionedValue(BinaryPrimitives.ReadUInt32BigEndian(stored), stored.AsMemory(sizeof(uint))),
    };
}
