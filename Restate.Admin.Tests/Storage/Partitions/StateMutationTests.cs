using CsCheck;
using Restate.Storage.Partitions;
using Restate.Storage.Types;
using Xunit;
using static Restate.Admin.Tests.Storage.Partitions.TestMutations;

namespace Restate.Admin.Tests.Storage.Partitions;

public sealed class StateMutationTests
{
    private static readonly Gen<byte[]> Text = Gen.Byte.Array[0, 200];

    [Fact]
    public void A_mutation_is_read_back_part_by_part() =>
        Gen.Select(Text, Text, Text, Gen.Bool, Gen.Byte.Array[32], Gen.Select(Text, Text).Array[0, 10]).Sample(
            (scope, service, key, exact, version, entries) =>
            {
                StateMutation mutation = StateMutation.Read(Payload(scope, service, key, exact ? version : [], entries));
                Assert.Equal(scope, mutation.Scope.ToArray());
                Assert.Equal(service, mutation.ServiceName.ToArray());
                Assert.Equal(key, mutation.ServiceKey.ToArray());
                Assert.Equal(exact ? version : [], mutation.ExpectedVersion.ToArray());
                foreach ((byte[] entryKey, byte[] entryValue) in entries)
                {
                    Assert.True(mutation.TryRead(out ReadOnlySpan<byte> readKey, out ReadOnlySpan<byte> readValue));
                    Assert.Equal(entryKey, readKey.ToArray());
                    Assert.Equal(entryValue, readValue.ToArray());
                }

                Assert.Equal(0U, mutation.Remaining);
                Assert.False(mutation.TryRead(out _, out _));
            });

    [Fact]
    public void A_mutation_cut_off_anywhere_is_refused()
    {
        byte[] payload = Payload(Bytes("scope"), Bytes("Service"), Bytes("key"), new byte[32], (Bytes("a"), Bytes("1")), (Bytes("b"), Bytes("2")));
        for (int length = 0; length < payload.Length; length++)
            Assert.Throws<StorageException>(() => ReadAll(payload.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(0, 2, "unknown scope kind")]
    [InlineData(5, 2, "unknown version kind")]
    public void Kinds_that_this_build_does_not_know_are_refused(int offset, byte value, string detail)
    {
        byte[] payload = Payload("S", "k", ["a=1"]);
        payload[offset] = value;
        Assert.Equal("a state mutation is malformed: " + detail, Assert.Throws<StorageException>(() => ReadAll(payload)).Message);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Gen.OneOf(Gen.Byte.Array[0, 60], Gen.Byte[0, 3].Array[0, 60]).Sample(bytes =>
        {
            try
            {
                ReadAll(bytes);
            }
            catch (StorageException e)
            {
                Assert.Contains("malformed", e.Message, StringComparison.Ordinal);
            }
        });

    private static void ReadAll(ReadOnlySpan<byte> payload)
    {
        StateMutation mutation = StateMutation.Read(payload);
        while (mutation.TryRead(out _, out _))
            Assert.True(mutation.Remaining < uint.MaxValue);
    }
}
