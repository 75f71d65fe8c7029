using Restate.Admin.Api.Endpoints;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

public sealed class ServiceDurationTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(500, "500ms")]
    [InlineData(90_000, "1m 30s")]
    [InlineData(86_400_000, "1d")]
    [InlineData(129_600_000, "1d 12h")]
    [InlineData(90_061_001, "1d 1h 1m 1s 1ms")]
    public void Is_written_as_the_peer_writes_it_and_reads_back(long milliseconds, string text)
    {
        Assert.Equal(text, ServiceDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.True(ServiceDuration.TryParse(text, out TimeSpan read, out string? error), error);
        Assert.Equal(milliseconds, read.TotalMilliseconds);
    }

    [Theory]
    [InlineData("5 hours", 18_000)]
    [InlineData("2 days", 172_800)]
    [InlineData("90s", 90)]
    [InlineData("1 hour, 30 mins", 5_400)]
    [InlineData("1.5h", 5_400)]
    [InlineData("2w", 1_209_600)]
    [InlineData("P1D", 86_400)]
    [InlineData("PT1H", 3_600)]
    [InlineData("P1DT2H", 93_600)]
    public void Reads_friendly_text_and_iso_8601(string text, long seconds)
    {
        Assert.True(ServiceDuration.TryParse(text, out TimeSpan read, out string? error), error);
        Assert.Equal(seconds, read.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("5")]
    [InlineData("5 parsecs")]
    [InlineData("-1s")]
    [InlineData("-PT1H")]
    [InlineData("P")]
    [InlineData("999999999999999d")]
    public void Says_what_is_wrong_with_other_text(string text)
    {
        Assert.False(ServiceDuration.TryParse(text, out _, out string? error));
        Assert.Contains($"'{text}'", error, StringComparison.Ordinal);
    }
}
