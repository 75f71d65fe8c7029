using CsCheck;
using Restate.Admin.Tests.Storage.Encoding;
using Restate.Storage.Partitions;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Partitions;

public sealed class StateKeysTests
{
    private static readonly Gen<Entry> Entries = Gen.Select(
        Gen.OneOf<ulong>(0, 1, 0xFF, 0x100, ulong.MaxValue),
        KeyOrderTests.Strings,
        KeyOrderTests.Strings,
        KeyOrderTests.Strings,
        KeyOrderTests.Strings,
        (partitionKey, scope, name, key, stateKey) => new Entry(partitionKey, scope, name, key, stateKey));

    [Fact]
    public void Order_of_keys_is_the_order_of_partition_key_scope_service_key_and_state_key() =>
        Gen.Select(Entries, Entries).Sample(
            (left, right) => Assert.Equal(Math.Sign(left.CompareTo(right)), Math.Sign(left.Encode().AsSpan().SequenceCompareTo(right.Encode()))),
            iter: 20_000);

    [Fact]
    public void A_key_is_split_into_the_parts_it_was_made_of() =>
        Entries.Sample(entry =>
        {
            byte[] key = entry.Encode();
            byte[] scope = new byte[key.Length];
            byte[] name = new byte[key.Length];
            byte[] serviceKey = new byte[key.Length];
            StateKeyParts parts = StateKeys.Read(key, scope, name, serviceKey);
            Assert.Equal(entry.PartitionKey, parts.PartitionKey);
            Assert.Equal(entry.Scope.Length == 0 ? -1 : entry.Scope.Length, parts.ScopeLength);
            Assert.Equal(entry.Scope, scope[..Math.Max(0, parts.ScopeLength)]);
            Assert.Equal(entry.Name, name[..parts.NameLength]);
            Assert.Equal(entry.Key, serviceKey[..parts.KeyLength]);
            Assert.Equal(entry.StateKey, key[parts.PrefixLength..]);
        });

    [Fact]
    public void The_prefix_of_a_range_is_the_prefix_of_every_key_in_it() =>
        Entries.Sample(entry =>
        {
            byte[] key = entry.Encode();
            ReadOnlyMemory<byte>? scope = entry.Scope.Length == 0 ? null : entry.Scope;
            foreach (StateScanRange range in (StateScanRange[])[
                StateScanRange.All,
                new(entry.PartitionKey),
                new(entry.PartitionKey, entry.Name, Scope: scope),
                new(entry.PartitionKey, entry.Name, entry.Key, Scope: scope)])
            {
                Assert.True(key.AsSpan().StartsWith(StateKeys.Prefix(range)));
            }

            Assert.Equal(key, StateKeys.Prefix(new StateScanRange(entry.PartitionKey, entry.Name, entry.Key, entry.StateKey, scope)));
        });

    [Fact]
    public void Any_bytes_are_read_or_refused_as_malformed() =>
        Gen.Select(Entries, Gen.Int[0, 200], Gen.Int[0, 200], Gen.Byte).Sample((entry, cut, place, value) =>
        {
            byte[] key = entry.Encode();
            key[place % key.Length] = value;
            key = key[..Math.Min(key.Length, cut)];
            try
            {
                StateKeys.Read(key, new byte[key.Length], new byte[key.Length], new byte[key.Length]);
            }
            catch (StorageException e)
            {
                Assert.StartsWith("a stored key ", e.Message, StringComparison.Ordinal);
            }
        });

    private sealed record Entry(ulong PartitionKey, byte[] Scope, byte[] Name, byte[] Key, byte[] StateKey)
    {
        public byte[] Encode()
        {
            byte[] buffer = new byte[StateKeys.MaxPrefixLength(Scope.Length, Name.Length, Key.Length)];
            return [.. buffer[..StateKeys.WritePrefix(buffer, PartitionKey, Scope, Name, Key)], .. StateKey];
        }

        public int CompareTo(Entry other) =>
            PartitionKey != other.PartitionKey ? PartitionKey.CompareTo(other.PartitionKey)
            : Scope.AsSpan().SequenceCompareTo(other.Scope) is not 0 and var scope ? scope
            : Name.AsSpan().SequenceCompareTo(other.Name) is not 0 and var name ? name
            : Key.AsSpan().SequenceCompareTo(other.Key) is not 0 and var key ? key
            : StateKey.AsSpan().SequenceCompareTo(other.StateKey);
    }
}
