using Restate.Storage.Encoding;
using Restate.Storage.Types;

namespace Restate.Storage.Partitions;

/// <summary>The object's part of a state entry's key; lengths in bytes.</summary>
/// <param name="PartitionKey">Its partition key.</param>
/// <param name="ScopeLength">Length of the scope; −1: there is none.</param>
/// <param name="NameLength">Length of the service name.</param>
/// <param name="KeyLength">Length of the service key.</param>
/// <param name="PrefixLength">Where the state key begins.</param>
internal readonly record struct StateKeyParts(ulong PartitionKey, int ScopeLength, int NameLength, int KeyLength, int PrefixLength);

/// <summary>Keys of state entries: <c>kind | partition key | scope | service name | service key | state key</c>.</summary>
internal static class StateKeys
{
    /// <summary>Bytes before the service name, without the scope itself.</summary>
    private const int FixedLength = 11;
    private const byte NoScope = 0x00;
    private const byte HasScope = 0x01;

    /// <summary>Most bytes of an object's prefix.</summary>
    public static int MaxPrefixLength(int scope, int serviceName, int serviceKey) =>
        FixedLength + KeyWriter.MaxComparableLength(scope) + KeyWriter.MaxComparableLength(serviceName) + KeyWriter.MaxComparableLength(serviceKey);

    /// <summary>Writes the prefix of an object's entries.</summary>
    /// <returns>Bytes written.</returns>
    public static int WritePrefix(
        Span<byte> destination, ulong partitionKey, ReadOnlySpan<byte> scope, ReadOnlySpan<byte> serviceName, ReadOnlySpan<byte> serviceKey)
    {
        var key = new KeyWriter(destination);
        key.Kind(KeyKind.State);
        key.UInt64(partitionKey);
        WriteScope(ref key, scope);
        key.Comparable(serviceName);
        key.Comparable(serviceKey);
        return key.Length;
    }

    /// <summary>The prefix of all entries in a scan range; the whole key when the range names a state key.</summary>
    public static byte[] Prefix(in StateScanRange range)
    {
        byte[] buffer = new byte[MaxPrefixLength(range.Scope?.Length ?? 0, range.ServiceName?.Length ?? 0, range.ServiceKey?.Length ?? 0) + (range.StateKey?.Length ?? 0)];
        var key = new KeyWriter(buffer);
        key.Kind(KeyKind.State);
        if (range.PartitionKey is { } partitionKey)
        {
            key.UInt64(partitionKey);
            if (range.ServiceName is not null || range.Next is not null)
                WriteScope(ref key, range.Scope is { } scope ? scope.Span : default);
            if (range.ServiceName is { } serviceName)
            {
                key.Comparable(serviceName.Span);
                if (range.ServiceKey is { } serviceKey)
                {
                    key.Comparable(serviceKey.Span);
                    if (range.StateKey is { } stateKey)
                        key.Raw(stateKey.Span);
                }
            }
        }

        return buffer[..key.Length];
    }

    /// <summary>Where the entries of a scan range start, and the first key past them.</summary>
    public static (byte[] Start, byte[] End) Bounds(in StateScanRange range)
    {
        byte[] prefix = Prefix(range);
        if (range.StateKey is not null)
            return (prefix, [.. prefix, 0]);
        if (range.Next is not { } next)
            return (prefix, PastAll(prefix));

        // Names and object keys are stored in memcomparable form, whose order is theirs.
        bool isComparable = range.PartitionKey is not null && range.ServiceKey is null;
        return (Append(prefix, next.From.Span, isComparable), next.To is { } to ? Append(prefix, to.Span, isComparable) : PastAll(prefix));
    }

    /// <summary>Splits the object's part off a key.</summary>
    /// <param name="key">Key of a state entry.</param>
    /// <param name="scope">Receives the scope; at least as long as the key.</param>
    /// <param name="serviceName">Receives the service name; at least as long as the key.</param>
    /// <param name="serviceKey">Receives the service key; at least as long as the key.</param>
    /// <exception cref="StorageException">The key is malformed.</exception>
    public static StateKeyParts Read(ReadOnlySpan<byte> key, Span<byte> scope, Span<byte> serviceName, Span<byte> serviceKey)
    {
        var reader = new KeyReader(key);
        if (reader.Kind() != KeyKind.State)
            throw new StorageException("a stored key is malformed: not a state entry");
        ulong partitionKey = reader.UInt64();
        byte scopeKind = reader.Byte();
        if (scopeKind > HasScope)
            throw new StorageException($"a stored key has scope kind {scopeKind} that this build does not know");
        int scopeLength = scopeKind == HasScope ? reader.Comparable(scope) : -1;
        int nameLength = reader.Comparable(serviceName);
        int keyLength = reader.Comparable(serviceKey);
        return new StateKeyParts(partitionKey, scopeLength, nameLength, keyLength, key.Length - reader.Rest.Length);
    }

    private static byte[] Append(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> part, bool isComparable)
    {
        byte[] buffer = new byte[prefix.Length + (isComparable ? KeyWriter.MaxComparableLength(part.Length) : part.Length)];
        var key = new KeyWriter(buffer);
        key.Raw(prefix);
        if (isComparable)
            key.Comparable(part);
        else
            key.Raw(part);
        return buffer[..key.Length];
    }

    /// <summary>The first key after all that start with <paramref name="prefix"/>: there is one, because the kind is not FF FF.</summary>
    private static byte[] PastAll(ReadOnlySpan<byte> prefix)
    {
        byte[] end = prefix[..(prefix.LastIndexOfAnyExcept((byte)0xFF) + 1)].ToArray();
        end[^1]++;
        return end;
    }

    private static void WriteScope(ref KeyWriter key, ReadOnlySpan<byte> scope)
    {
        if (scope.IsEmpty)
        {
            key.Byte(NoScope);
            return;
        }

        key.Byte(HasScope);
        key.Comparable(scope);
    }
}
