using CsCheck;
using Restate.Storage.Encoding;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Encoding;

/// <summary>Byte order of what is written is the order of what it means.</summary>
public sealed class KeyOrderTests
{
    /// <summary>Short strings over few bytes, those that need escapes among them: prefixes and near misses are frequent.</summary>
    internal static readonly Gen<byte[]> Strings = Gen.OneOf<byte>(0x00, 0x01, 0x61, 0xFE, 0xFF).Array[0, 5];

    private static readonly Gen<Parts> AnyParts = Gen.Select(
        Gen.OneOf<ushort>(0x0001, 0x0010, 0x0100, 0xFF00),
        Gen.OneOf<uint>(0, 1, 0x80000000, uint.MaxValue),
        Gen.OneOf<ulong>(0, 1, 0x00FF, 0xFF00, 0x8000000000000000, ulong.MaxValue),
        Strings,
        Strings,
        Strings,
        (kind, log, number, first, second, raw) => new Parts(kind, log, number, first, second, raw));

    [Fact]
    public void Order_of_keys_is_the_order_of_their_parts() =>
        Gen.Select(AnyParts, AnyParts).Sample(
            (left, right) => Assert.Equal(Math.Sign(left.CompareTo(right)), Math.Sign(left.Encode().AsSpan().SequenceCompareTo(right.Encode()))),
            iter: 20_000);

    [Fact]
    public void A_key_is_read_back_part_by_part() =>
        AnyParts.Sample(parts =>
        {
            byte[] key = parts.Encode();
            var reader = new KeyReader(key);
            byte[] buffer = new byte[key.Length];
            Assert.Equal((KeyKind)parts.Kind, reader.Kind());
            Assert.Equal(parts.Log, reader.UInt32());
            Assert.Equal(parts.Number, reader.UInt64());
            Assert.Equal(parts.First, buffer[..reader.Comparable(buffer)]);
            Assert.Equal(parts.Second, buffer[..reader.Comparable(buffer)]);
            Assert.Equal(parts.Raw, reader.Rest.ToArray());
        });

    [Fact]
    public void No_string_is_a_prefix_of_another_ones_form() =>
        Gen.Select(Strings, Strings).Sample((left, right) =>
        {
            if (!left.AsSpan().SequenceEqual(right))
                Assert.False(Comparable(left).AsSpan().StartsWith(Comparable(right)));
        });

    [Theory]
    [InlineData("", "0000")]
    [InlineData("61", "610000")]
    [InlineData("00", "00FF0000")]
    [InlineData("6100FF62", "6100FFFF620000")]
    [InlineData("0000", "00FF00FF0000")]
    public void A_zero_byte_is_escaped_and_two_end_the_string(string value, string expected)
    {
        byte[] bytes = Convert.FromHexString(value);
        Assert.Equal(expected, Convert.ToHexString(Comparable(bytes)));
        Assert.True(expected.Length / 2 <= KeyWriter.MaxComparableLength(bytes.Length));
    }

    [Theory]
    [InlineData("", "has no end")]
    [InlineData("61", "has no end")]
    [InlineData("6100", "has no end")]
    [InlineData("610001", "has no end or a bad escape")]
    public void A_string_without_end_is_refused(string hex, string detail)
    {
        byte[] key = Convert.FromHexString(hex);
        var failure = Assert.Throws<StorageException>(() => new KeyReader(key).Comparable(new byte[16]));
        Assert.Contains(detail, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_as_malformed() =>
        Gen.OneOf(Gen.Byte.Array[0, 24], Gen.OneOf<byte>(0x00, 0xFF, 0x61).Array[0, 24]).Sample(bytes =>
        {
            byte[] destination = new byte[bytes.Length];
            try
            {
                var reader = new KeyReader(bytes);
                reader.Kind();
                reader.Byte();
                reader.UInt32();
                reader.UInt64();
                while (!reader.Rest.IsEmpty)
                    reader.Comparable(destination);
            }
            catch (StorageException e)
            {
                Assert.StartsWith("a stored key is malformed", e.Message, StringComparison.Ordinal);
            }
        });

    private static byte[] Comparable(byte[] value)
    {
        var writer = new KeyWriter(new byte[KeyWriter.MaxComparableLength(value.Length)]);
        writer.Comparable(value);
        return writer.Written.ToArray();
    }

    private sealed record Parts(ushort Kind, uint Log, ulong Number, byte[] First, byte[] Second, byte[] Raw)
    {
        public byte[] Encode()
        {
            var writer = new KeyWriter(new byte[128]);
            writer.Kind((KeyKind)Kind);
            writer.UInt32(Log);
            writer.UInt64(Number);
            writer.Comparable(First);
            writer.Comparable(Second);
            writer.Raw(Raw);
            return writer.Written.ToArray();
        }

        public int CompareTo(Parts other) =>
            Kind != other.Kind ? Kind.CompareTo(other.Kind)
            : Log != other.Log ? Log.CompareTo(other.Log)
            : Number != other.Number ? Number.CompareTo(other.Number)
            : First.AsSpan().SequenceCompareTo(other.First) is not 0 and var first ? first
            : Second.AsSpan().SequenceCompareTo(other.Second) is not 0 and var second ? second
            : Raw.AsSpan().SequenceCompareTo(other.Raw);
    }
}
