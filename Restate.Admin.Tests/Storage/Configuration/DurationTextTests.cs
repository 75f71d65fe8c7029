using CsCheck;
using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("5s", 5_000)]
    [InlineData(" 5s ", 5_000)]
    [InlineData("+5s", 5_000)]
    [InlineData("0s", 0)]
    [InlineData("1m 30s", 90_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1h, 30m", 5_400_000)]
    [InlineData("500ms", 500)]
    [InlineData("1500ms", 1_500)]
    [InlineData("90m", 5_400_000)]
    [InlineData("36h", 129_600_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("2 days", 172_800_000)]
    [InlineData("1w", 604_800_000)]
    [InlineData("1 week 2 days", 777_600_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("0.1ms", 0.1)]
    [InlineData("100us", 0.1)]
    [InlineData("100µs", 0.1)]
    [InlineData("100μs", 0.1)]
    [InlineData("100ns", 0.0001)]
    [InlineData("1 hr 2 mins 3 secs 4 msecs", 3_723_004)]
    [InlineData("1 minute 30 seconds", 90_000)]
    [InlineData("1:30:00", 5_400_000)]
    [InlineData("1d 1:00:00.5", 90_000_500)]
    [InlineData("PT5S", 5_000)]
    [InlineData("pt5s", 5_000)]
    [InlineData("PT0.5S", 500)]
    [InlineData("PT1.5H", 5_400_000)]
    [InlineData("PT1H30M", 5_400_000)]
    [InlineData("P1D", 86_400_000)]
    [InlineData("P1W", 604_800_000)]
    [InlineData("P1DT2H", 93_600_000)]
    public void Reads(string text, double milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out TimeSpan duration));
        Assert.Equal((long)(milliseconds * TimeSpan.TicksPerMillisecond), duration.Ticks);
        Assert.Equal(duration, DurationText.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("5")]
    [InlineData("0")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5s ago")]
    [InlineData("5S")]
    [InlineData("5 parsecs")]
    [InlineData(".5h")]
    [InlineData("1.h")]
    [InlineData("1.5d")]
    [InlineData("1.5ns")]
    [InlineData("1.0000000001s")]
    [InlineData("1.5h 3m")]
    [InlineData("1s 1m")]
    [InlineData("5s5s")]
    [InlineData("1h30")]
    [InlineData("1h,30m")]
    [InlineData("1h,")]
    [InlineData("1m+30s")]
    [InlineData("1m-30s")]
    [InlineData("1h 1:30")]
    [InlineData("1:30")]
    [InlineData("1:60:00")]
    [InlineData("1:00:00 5ms")]
    [InlineData("1mo")]
    [InlineData("1y")]
    [InlineData("P1Y")]
    [InlineData("P1M")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("P5S")]
    [InlineData("PT5")]
    [InlineData("PT1D")]
    [InlineData("-PT5S")]
    [InlineData("PT1.5H3M")]
    [InlineData("forever")]
    [InlineData("999999999999999w")]
    [InlineData("18446744073709551615s")]
    public void Rejects(string text)
    {
        Assert.False(DurationText.TryParse(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.Zero, duration);
        string message = Assert.Throws<FormatException>(() => DurationText.Parse(text)).Message;
        Assert.Contains($"\"{text}\"", message);
        Assert.Contains("expected a human-friendly duration string", message);
    }

    [Fact]
    public void Rejects_null_and_endless_text()
    {
        Assert.False(DurationText.TryParse(null, out _));
        Assert.False(DurationText.TryParse(new string(' ', 200) + "5s", out _));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(5_000, "5s")]
    [InlineData(90_000, "1m 30s")]
    [InlineData(1_500, "1s 500ms")]
    [InlineData(129_600_000, "1d 12h")]
    [InlineData(777_600_000, "9d")]
    [InlineData(0.1, "100µs")]
    [InlineData(0.0001, "100ns")]
    public void Prints_as_restate_does(double milliseconds, string text) =>
        Assert.Equal(text, DurationText.Format(new TimeSpan((long)(milliseconds * TimeSpan.TicksPerMillisecond))));

    [Fact]
    public void Printed_text_reads_back() =>
        Gen.Long[0, long.MaxValue].Select(Gen.Int[0, 62], (ticks, shift) => new TimeSpan(ticks >> shift))
            .Sample(duration => DurationText.Parse(DurationText.Format(duration)) == duration);
}
