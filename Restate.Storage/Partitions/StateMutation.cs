using System.Security.Cryptography;
using Restate.Storage.Encoding;
using Restate.Storage.Types;

namespace Restate.Storage.Partitions;

/// <summary>
/// Payload of a state mutation: <c>scope kind u8 [ | scope ] | service name | service key | version kind u8 [ | SHA-256 ] | count |
/// count × (state key | value)</c>, where strings and values are a varint length and bytes, and entries are sorted by key bytes without duplicates. It replaces
/// the whole state of the object.
/// </summary>
internal ref struct StateMutation
{
    private const byte NoScope = 0;
    private const byte HasScope = 1;
    private const byte AnyVersion = 0;
    private const byte ExactVersion = 1;

    private ReadOnlySpan<byte> _entries;

    private StateMutation(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty || payload[0] > HasScope)
            throw new StorageException("a state mutation is malformed: unknown scope kind");
        bool scoped = payload[0] == HasScope;
        payload = payload[1..];
        if (scoped)
            Scope = Varint.ReadBytes(ref payload);
        ServiceName = Varint.ReadBytes(ref payload);
        ServiceKey = Varint.ReadBytes(ref payload);
        if (payload.IsEmpty || payload[0] > ExactVersion)
            throw new StorageException("a state mutation is malformed: unknown version kind");
        bool exact = payload[0] == ExactVersion;
        payload = payload[1..];
        if (exact)
        {
            if (payload.Length < SHA256.HashSizeInBytes)
                throw new StorageException("a state mutation is malformed: its version is cut off");
            ExpectedVersion = payload[..SHA256.HashSizeInBytes];
            payload = payload[SHA256.HashSizeInBytes..];
        }

        Remaining = Varint.Read(ref payload);
        _entries = payload;
    }

    /// <summary>Scope of the object, UTF-8; empty: none.</summary>
    public ReadOnlySpan<byte> Scope { get; }

    /// <summary>Service of the object, UTF-8.</summary>
    public ReadOnlySpan<byte> ServiceName { get; }

    /// <summary>Key of the object, UTF-8.</summary>
    public ReadOnlySpan<byte> ServiceKey { get; }

    /// <summary>Version the state must have for the mutation to happen; empty: any.</summary>
    public ReadOnlySpan<byte> ExpectedVersion { get; }

    /// <summary>Entries not read yet.</summary>
    public uint Remaining { get; private set; }

    /// <summary>Reads a payload.</summary>
    /// <exception cref="StorageException">It is malformed.</exception>
    public static StateMutation Read(ReadOnlySpan<byte> payload) => new(payload);

    /// <summary>Reads the next entry, in key order.</summary>
    /// <exception cref="StorageException">The payload is malformed.</exception>
    public bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (Remaining == 0)
        {
            key = value = default;
            return false;
        }

        Remaining--;
        key = Varint.ReadBytes(ref _entries);
        value = Varint.ReadBytes(ref _entries);
        return true;
    }

    /// <summary>Bytes before the entries.</summary>
    public static int HeadLength(int scope, int serviceName, int serviceKey, bool exactVersion, uint count) =>
        1 + (scope == 0 ? 0 : Varint.LengthOf((uint)scope) + scope)
        + Varint.LengthOf((uint)serviceName) + serviceName + Varint.LengthOf((uint)serviceKey) + serviceKey
        + 1 + (exactVersion ? SHA256.HashSizeInBytes : 0) + Varint.LengthOf(count);

    /// <summary>Writes what stands before the entries.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteHead(
        Span<byte> destination,
        ReadOnlySpan<byte> scope,
        ReadOnlySpan<byte> serviceName,
        ReadOnlySpan<byte> serviceKey,
        ReadOnlySpan<byte> expectedVersion,
        uint count)
    {
        destination[0] = scope.IsEmpty ? NoScope : HasScope;
        int length = 1;
        if (!scope.IsEmpty)
            length += WriteBytes(destination[length..], scope);
        length += WriteBytes(destination[length..], serviceName);
        length += WriteBytes(destination[length..], serviceKey);
        destination[length++] = expectedVersion.IsEmpty ? AnyVersion : ExactVersion;
        expectedVersion.CopyTo(destination[length..]);
        length += expectedVersion.Length;
        return length + Varint.Write(destination[length..], count);
    }

    /// <summary>Writes a varint length and the bytes.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteBytes(Span<byte> destination, ReadOnlySpan<byte> bytes)
    {
        int length = Varint.Write(destination, (uint)bytes.Length);
        bytes.CopyTo(destination[length..]);
        return length + bytes.Length;
    }
}
