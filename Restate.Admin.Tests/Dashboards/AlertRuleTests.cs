using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Dashboards;

/// <summary>The alerts of <c>deploy/prometheus</c>, by Prometheus' own tool.</summary>
public sealed class AlertRuleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static string Rules => File.ReadAllText(Path.Combine(MonitoredNode.Settings, "rules.yml"));

    private static string Tests => File.ReadAllText(Path.Combine(MonitoredNode.Settings, "rules_test.yml"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("check rules rules.yml")]
    [InlineData("check config prometheus.yml")]
    [InlineData("test rules rules_test.yml")]
    public async Task Promtool_accepts(string arguments)
    {
        Installed.RequirePromtool();
        (int code, string output) = await PromtoolAsync(MonitoredNode.Settings, arguments);
        Assert.True(code == 0, output);
    }

    [Fact]
    public void Every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not()
    {
        string[] alerts = [.. Regex.Matches(Rules, @"- alert: (\w+)").Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(alerts);
        Assert.All(alerts, alert =>
        {
            Assert.Matches($@"alertname: {alert}\n\s+eval_time: \w+\n\s+exp_alerts: \[\]", Tests);
            Assert.Matches($@"alertname: {alert}\n\s+eval_time: \w+\n\s+exp_alerts:\n", Tests);
        });
    }

    [Theory]
    [InlineData("== 1", "== 7")]
    [InlineData("> 0.9", "> 0.1")]
    [InlineData("for: 5m", "for: 1s")]
    [InlineData("increase(", "0 * increase(")]
    public async Task The_tests_see_an_alert_that_is_wrong(string text, string mutation)
    {
        Installed.RequirePromtool();
        Assert.Contains(text, Rules, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder.Inside("rules.yml"), Rules.Replace(text, mutation, StringComparison.Ordinal), Cancelled);
        await File.WriteAllTextAsync(_folder.Inside("rules_test.yml"), Tests, Cancelled);
        (int code, string output) = await PromtoolAsync(_folder.Path, "test rules rules_test.yml");
        Assert.True(code != 0 && output.Contains("FAILED", StringComparison.Ordinal), output);
    }

    private static async Task<(int Code, string Output)> PromtoolAsync(string folder, string arguments)
    {
        await using ChildProcess promtool = ChildProcess.Start("/bin/sh", ["-c", $"cd \"$0\" && {Installed.Promtool} {arguments} 2>&1", folder]);
        int code = await promtool.WaitAsync(Cancelled);
        return (code, promtool.Output);
    }
}
