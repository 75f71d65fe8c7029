using System.Text.RegularExpressions;

namespace Restate.Admin.Tests.Docs;

/// <summary>All series of one name on a page of Prometheus' text format.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What TYPE says.</param>
/// <param name="Help">What HELP says; empty without.</param>
/// <param name="Labels">Labels of its series besides those that every series has.</param>
internal sealed record MetricFamily(string Name, string Type, string Help, IReadOnlyList<string> Labels);

/// <summary>Reads a page of Prometheus' text format.</summary>
internal static partial class MetricsPage
{
    private static readonly string[] CommonLabels = ["cluster_name", "node_name"];

    public static IReadOnlyList<MetricFamily> Parse(string page)
    {
        var helps = Help().Matches(page).GroupBy(match => match.Groups[1].Value).ToDictionary(group => group.Key, group => group.First().Groups[2].Value);
        var types = Type().Matches(page).GroupBy(match => match.Groups[1].Value).ToDictionary(group => group.Key, group => group.First().Groups[2].Value);
        var labels = types.Keys.ToDictionary(name => name, _ => new SortedSet<string>(StringComparer.Ordinal));
        foreach (Match sample in Sample().Matches(page))
        {
            string name = sample.Groups[1].Value;
            string family = labels.ContainsKey(name) ? name : Suffix().Replace(name, string.Empty);
            foreach (Match label in Label().Matches(sample.Groups[2].Value))
                labels[family].Add(label.Groups[1].Value);
        }

        return [.. types.Select(type => new MetricFamily(
            type.Key, type.Value, helps.GetValueOrDefault(type.Key, string.Empty), [.. labels[type.Key].Except(CommonLabels)]))];
    }

    [GeneratedRegex(@"^# HELP (\S+) (.*)$", RegexOptions.Multiline)]
    private static partial Regex Help();

    [GeneratedRegex(@"^# TYPE (\S+) (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"^(\w+)(?:\{(.*)\})? \S+$", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("""(\w+)="(?:[^"\\]|\\.)*"(?:,|$)""")]
    private static partial Regex Label();

    [GeneratedRegex("_(sum|count|bucket)$")]
    private static partial Regex Suffix();
}
