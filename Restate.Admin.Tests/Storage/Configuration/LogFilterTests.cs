using Microsoft.Extensions.Logging;
using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class LogFilterTests
{
    [Theory]
    [InlineData("warn,restate=info", "Restate.Storage.Logs.LogStore", LogLevel.Information)]
    [InlineData("warn,restate=info", "Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning)]
    [InlineData("restate=debug", "Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error)]
    [InlineData("INFO , Restate.Storage = TRACE", "Restate.Storage.Logs.LogStore", LogLevel.Trace)]
    [InlineData("restate.storage=debug,restate=error,info", "Restate.Storage.Logs.LogStore", LogLevel.Debug)]
    [InlineData("restate.storage=debug,restate=error,info", "Restate.Admin.Api.RestateNode", LogLevel.Error)]
    [InlineData("restate=debug,restate=off", "Restate.Admin.Api.RestateNode", LogLevel.None)]
    [InlineData("restate=off,restate=debug", "Restate.Admin.Api.RestateNode", LogLevel.Debug)]
    [InlineData("off,info", "x", LogLevel.Information)]
    public void The_longest_target_counts_and_of_two_alike_the_last(string text, string target, LogLevel level)
    {
        Assert.True(LogFilter.TryParse(text, out LogFilter? filter));
        Assert.Equal(level, filter.LevelOf(target));
    }

    [Theory]
    [InlineData("")]
    [InlineData("loud")]
    [InlineData("info,")]
    [InlineData("=info")]
    [InlineData("a=b=info")]
    [InlineData("a")]
    [InlineData("a b=info")]
    [InlineData("a\n=info")]
    [InlineData("restate[span]=info")]
    public void What_is_no_filter_is_refused(string text) => Assert.False(LogFilter.TryParse(text, out _));

    [Fact]
    public void A_filter_of_endless_length_is_refused() =>
        Assert.False(LogFilter.TryParse(string.Join(',', Enumerable.Repeat("restate=info", 1000)), out _));
}
