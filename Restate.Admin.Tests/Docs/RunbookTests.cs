using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary>The parts of <c>docs/runbook.md</c> that others link to, and the alerts that lead there.</summary>
public sealed partial class RunbookTests
{
    private const string Document = "runbook.md";

    [Theory]
    [InlineData("node-down")]
    [InlineData("oom")]
    [InlineData("memory-high")]
    [InlineData("untracked")]
    [InlineData("over-subscribed")]
    [InlineData("write-stalls")]
    [InlineData("slow-disk")]
    [InlineData("slow-query")]
    [InlineData("query-memory")]
    [InlineData("disk-full")]
    [InlineData("corrupt-store")]
    [InlineData("partition-failing")]
    [InlineData("config-reload")]
    public void The_anchor_is_a_contract(string anchor) => Assert.Contains(anchor, MarkdownFile.Read("docs/" + Document).Anchors);

    [Fact]
    public void The_alerts_are_those_of_the_rules() => GeneratedDocument.Read(Document).Holds("alerts", Alerts());

    private static string Alerts()
    {
        string rules = Path.Combine(Repository.Root, "deploy", "prometheus", "rules.yml");
        var text = new StringBuilder("| Alert | Severity | See |\n|---|---|---|\n");
        foreach (Match alert in Alert().Matches(File.Exists(rules) ? File.ReadAllText(rules) : string.Empty))
            text.Append(CultureInfo.InvariantCulture, $"| `{alert.Groups["name"].Value}` | {alert.Groups["severity"].Value} | [{alert.Groups["anchor"].Value}](#{alert.Groups["anchor"].Value}) |\n");
        return text.ToString();
    }

    [GeneratedRegex(@"- alert: (?<name>\w+)\s.*?severity: (?<severity>\w+).*?runbook_url: \S*runbook\.md#(?<anchor>[a-z-]+)", RegexOptions.Singleline)]
    private static partial Regex Alert();
}
