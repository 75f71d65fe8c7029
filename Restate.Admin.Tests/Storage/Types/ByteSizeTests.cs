using CsCheck;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Types;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("536870912", 536870912)]
    [InlineData("007", 7)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("100 B", 100)]
    [InlineData("100b", 100)]
    [InlineData("1.7 B", 1)]
    [InlineData("1.5", 1)]
    [InlineData("5.", 5)]
    [InlineData(".5 KiB", 512)]
    [InlineData("5. KiB", 5120)]
    [InlineData("0.4 KiB", 409)]
    [InlineData("1K", 1_000)]
    [InlineData("1kb", 1_000)]
    [InlineData("1 KiB", 1_024)]
    [InlineData("1kIb", 1_024)]
    [InlineData("512M", 512_000_000)]
    [InlineData("512MB", 512_000_000)]
    [InlineData("512 MiB", 536_870_912)]
    [InlineData("512\tMiB", 536_870_912)]
    [InlineData("  512   MiB  ", 536_870_912)]
    [InlineData("2g", 2_000_000_000)]
    [InlineData("2 GB", 2_000_000_000)]
    [InlineData("2 GiB", 2_147_483_648)]
    [InlineData("1.001 GB", 1_001_000_000)]
    [InlineData("1.5 GiB", 1_610_612_736)]
    [InlineData("1T", 1_000_000_000_000)]
    [InlineData("1TB", 1_000_000_000_000)]
    [InlineData("1 TiB", 1_099_511_627_776)]
    [InlineData("1P", 1_000_000_000_000_000)]
    [InlineData("1 PB", 1_000_000_000_000_000)]
    [InlineData("1 PiB", 1_125_899_906_842_624)]
    [InlineData("17E", 17_000_000_000_000_000_000)]
    [InlineData("1 EB", 1_000_000_000_000_000_000)]
    [InlineData("1 EiB", 1_152_921_504_606_846_976)]
    [InlineData("15.999999999999999999 EiB", 18_446_744_073_709_551_614)]
    [InlineData("20EiB", ulong.MaxValue)]
    [InlineData("20000000000000000000 B", ulong.MaxValue)]
    [InlineData("99999999999999999999999999999999999999999999999999 KiB", ulong.MaxValue)]
    public void Reads(string text, ulong bytes)
    {
        Assert.True(ByteSize.TryParse(text, out ByteSize size));
        Assert.Equal(bytes, size.Bytes);
        Assert.Equal(size, ByteSize.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("abc")]
    [InlineData("MiB")]
    [InlineData("-1 MiB")]
    [InlineData("+512MiB")]
    [InlineData("512 XB")]
    [InlineData("512 iB")]
    [InlineData("512 Ki")]
    [InlineData("512 MiBs")]
    [InlineData("12 KiB B")]
    [InlineData("12 K B")]
    [InlineData("1e9")]
    [InlineData("1E9")]
    [InlineData("0x10")]
    [InlineData("536_870_912")]
    [InlineData("1,5 GiB")]
    [InlineData("1..5 GiB")]
    [InlineData("1.5.5 GiB")]
    [InlineData("5 . 5 GiB")]
    [InlineData("40%")]
    [InlineData("18446744073709551616")]
    [InlineData("20000000000000000000")]
    [InlineData("١ MiB")]
    [InlineData("1 MiB\n")]
    [InlineData("10000000000000000000000000000000000000000000000000000000000000000 B")]
    public void Rejects(string text)
    {
        Assert.False(ByteSize.TryParse(text, out ByteSize size));
        Assert.Equal(default, size);
        string message = Assert.Throws<FormatException>(() => ByteSize.Parse(text)).Message;
        Assert.Contains($"\"{text}\"", message);
        Assert.Contains("expected a human-readable byte count string", message);
    }

    [Fact]
    public void Rejects_null() => Assert.False(ByteSize.TryParse(null, out _));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(100, "100 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(512_000_000, "488.3 MiB")]
    [InlineData(1_825_361_152, "1.7 GiB")]
    [InlineData(2_147_483_648, "2.0 GiB")]
    [InlineData(17_000_000_000_000_000_000, "14.7 EiB")]
    [InlineData(ulong.MaxValue, "16.0 EiB")]
    public void Prints_one_decimal(ulong bytes, string text) => Assert.Equal(text, new ByteSize(bytes).ToString());

    [Theory]
    [InlineData(2_147_483_648, "2.0 GiB")]
    [InlineData(1_825_361_152, "1825361152 B")]
    [InlineData(100, "100 B")]
    [InlineData(ulong.MaxValue, "16.0 EiB")]
    public void Exact_text_is_the_short_one_where_that_is_exact(ulong bytes, string text) =>
        Assert.Equal(text, new ByteSize(bytes).ToExactString());

    [Fact]
    public void Exact_text_reads_back() =>
        Gen.ULong.Select(Gen.Int[0, 63], (bytes, shift) => new ByteSize(bytes >> shift))
            .Sample(size => ByteSize.Parse(size.ToExactString()) == size);

    [Fact]
    public void A_decimal_number_of_a_unit_is_exact() =>
        Gen.Select(Gen.Int[0, 9999], Gen.Int[0, 999]).Sample((whole, thousandths) =>
            ByteSize.Parse($"{whole}.{thousandths:d3} GB").Bytes == (ulong)whole * 1_000_000_000 + (ulong)thousandths * 1_000_000);

    [Fact]
    public void Saturates_as_a_signed_count()
    {
        Assert.Equal(long.MaxValue, new ByteSize(ulong.MaxValue).ToInt64());
        Assert.Equal(long.MaxValue, new ByteSize(long.MaxValue).ToInt64());
        Assert.Equal(1024, ByteSize.FromKiB(1).ToInt64());
    }

    [Fact]
    public void Orders_by_bytes()
    {
        Assert.True(ByteSize.FromMiB(1).CompareTo(ByteSize.FromGiB(1)) < 0);
        Assert.Equal(0, ByteSize.FromMiB(1024).CompareTo(ByteSize.FromGiB(1)));
    }
}
