using CsCheck;
using Restate.Storage.Encoding;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Encoding;

public sealed class VarintTests
{
    [Theory]
    [InlineData(0u, "00")]
    [InlineData(127u, "7F")]
    [InlineData(128u, "8001")]
    [InlineData(16_383u, "FF7F")]
    [InlineData(16_384u, "808001")]
    [InlineData(268_435_456u, "8080808001")]
    [InlineData(uint.MaxValue, "FFFFFFFF0F")]
    public void Writes_the_bytes_of_protocol_buffers(uint value, string hex)
    {
        Span<byte> buffer = stackalloc byte[Varint.MaxLength];
        int length = Varint.Write(buffer, value);
        Assert.Equal(hex, Convert.ToHexString(buffer[..length]));
        Assert.Equal(length, Varint.LengthOf(value));
    }

    [Fact]
    public void Reads_back_what_it_wrote_and_leaves_the_rest() =>
        Gen.Select(Gen.UInt, Gen.Byte.Array[0, 8]).Sample((value, rest) =>
        {
            byte[] bytes = new byte[Varint.MaxLength + rest.Length];
            int length = Varint.Write(bytes, value);
            rest.CopyTo(bytes, length);
            ReadOnlySpan<byte> source = bytes.AsSpan(0, length + rest.Length);
            Assert.Equal(value, Varint.Read(ref source));
            Assert.Equal(rest, source.ToArray());
            Assert.Equal(length, Varint.LengthOf(value));
        });

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("FFFFFFFF")]
    [InlineData("FFFFFFFF10")]
    [InlineData("8080808080")]
    [InlineData("808080808001")]
    public void Refuses_a_number_cut_off_or_wider_than_32_bits(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Throws<StorageException>(() =>
        {
            ReadOnlySpan<byte> source = bytes;
            return Varint.Read(ref source);
        });
    }

    [Theory]
    [InlineData("05AABB", "5 bytes announced, 2 left")]
    [InlineData("FFFFFFFF0FAA", "4294967295 bytes announced, 1 left")]
    public void Refuses_a_length_past_the_end(string hex, string detail)
    {
        byte[] bytes = Convert.FromHexString(hex);
        var failure = Assert.Throws<StorageException>(() =>
        {
            ReadOnlySpan<byte> source = bytes;
            return Varint.ReadBytes(ref source).Length;
        });
        Assert.Contains(detail, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_as_malformed() =>
        Gen.Byte.Array[0, 12].Sample(bytes =>
        {
            try
            {
                ReadOnlySpan<byte> source = bytes;
                while (!source.IsEmpty)
                {
                    int before = source.Length;
                    Varint.ReadBytes(ref source);
                    Assert.True(source.Length < before);
                }
            }
            catch (StorageException e)
            {
                Assert.Contains("malformed", e.Message, StringComparison.Ordinal);
            }
        });
}
