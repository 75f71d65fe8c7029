using CsCheck;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Types;

/// <summary>The keys below were read from the peer's <c>partition_key</c> column.</summary>
public sealed class PartitionKeyTests
{
    [Theory]
    [InlineData("a", 1417734710680270745UL)]
    [InlineData("obj-1", 2672026701831783409UL)]
    [InlineData("s1", 9413875479566793588UL)]
    public void Places_an_object_where_the_peer_does(string serviceKey, ulong expected) => Assert.Equal(expected, PartitionKey.Of(serviceKey));

    [Fact]
    public void Text_and_its_bytes_have_the_same_key_whatever_the_length() =>
        Gen.String[Gen.Char.AlphaNumeric, 0, 2_000].Sample(
            text => Assert.Equal(PartitionKey.Of(text), PartitionKey.Of(System.Text.Encoding.UTF8.GetBytes(text))), iter: 500);

    [Fact]
    public void A_key_longer_than_the_stack_buffer_is_hashed_whole()
    {
        byte[] bytes = new byte[600];
        foreach (int length in (int[])[254, 255, 256, 257, 600])
        {
            byte[] last = [.. bytes[..(length - 1)], 1];
            Assert.NotEqual(PartitionKey.Of(bytes.AsSpan(0, length)), PartitionKey.Of(last));
            byte[] padded = [.. bytes[..length], 0xFF];
            Assert.Equal(System.IO.Hashing.XxHash3.HashToUInt64(padded), PartitionKey.Of(bytes.AsSpan(0, length)));
        }
    }
}
