using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Restate.Admin.Tests.EndToEnd;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Dashboards;

/// <summary>Dashboards and alerts ask a running node only for what it has, and Prometheus answers them.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class MonitoringTests(MonitoredNode node) : IClassFixture<MonitoredNode>
{
    /// <summary>Series that are there only while something is wrong.</summary>
    private static readonly string[] AbsentWhileWell =
        ["""restate_partition_store_state{state="failed"}""", """restate_partition_store_state{state="opening"}"""];

    public static TheoryData<string> Names => [.. DashboardFile.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_metric_and_label_of_a_dashboard_is_in_the_metrics_of_a_node(string name)
    {
        Dictionary<string, HashSet<string>> series = ReadLabels(node.Page);
        Assert.Empty(DashboardFile.Read(name).Queries.SelectMany(query => Unknown(query.Panel, query.Expression, series)));
    }

    [Fact]
    public void Figures_are_those_of_what_the_node_did()
    {
        // Two partitions, each with an announcement of its leader before the posts.
        Assert.Equal(MonitoredNode.Posts + 2, Figure("restate_bifrost_sequencer_committed_records_total"));

        // Those while the node opens are counted and not timed.
        Assert.InRange(Figure("restate_bifrost_sequencer_append_duration_seconds_count"), MonitoredNode.Posts, MonitoredNode.Posts + 2);
        Assert.InRange(Figure("restate_log_server_commit_duration_seconds_count"), 1, MonitoredNode.Posts + 2);
        Assert.Equal(MonitoredNode.Posts + 2, Figure("restate_partition_tail_lsn"));
        Assert.Equal(2, Figure("restate_num_partitions"));
        Assert.Equal(2, Figure("restate_num_active_partition_leaders"));
        Assert.Equal(2, Figure("restate_partition_start_total"));
        Assert.Equal(1, Figure("restate_query_failures_total"));
        Assert.Equal(1, Figure("restate_query_failures_total", "reason=\"invalid\""));
        Assert.Equal(1, Figure("restate_config_last_reload_successful"));
        Assert.Equal(0, Figure("restate_bifrost_log_store_failed"));
        Assert.InRange(Figure("restate_data_disk_free_bytes"), 1, Figure("restate_data_disk_size_bytes"));

        double Figure(string name, string label = "")
        {
            Match[] series = [.. Regex.Matches(node.Page, $@"^{name}\{{(.*)\}} (\S+)$", RegexOptions.Multiline)
                .Where(match => match.Groups[1].Value.Contains(label, StringComparison.Ordinal))];
            Assert.NotEmpty(series);
            return series.Sum(match => double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_variables_of_a_dashboard_ask_for_a_label_that_the_node_has(string name)
    {
        Dictionary<string, HashSet<string>> series = ReadLabels(node.Page);
        Match[] asked = [.. Regex.Matches(DashboardFile.Read(name).Root.GetProperty("templating").GetRawText(), @"label_values\((\w+), (\w+)\)").Cast<Match>()];
        Assert.NotEmpty(asked);
        Assert.All(asked, match => Assert.Contains(match.Groups[2].Value, series[match.Groups[1].Value]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Prometheus_answers_every_query_of_a_dashboard(string name)
    {
        Installed.RequirePrometheus();
        var empty = new List<string>();
        foreach ((string panel, string expression) in DashboardFile.Read(name).Queries)
        {
            if ((await node.QueryAsync(expression)).GetArrayLength() == 0)
                empty.Add($"{panel}: {expression}");
        }

        Assert.Empty(empty);
    }

    [Fact]
    public async Task Every_alert_is_loaded_evaluated_explained_and_asks_for_what_the_node_has()
    {
        Installed.RequirePrometheus();
        Dictionary<string, HashSet<string>> series = ReadLabels(node.Page);
        series["up"] = ["job", "instance"];
        JsonElement[] rules = await node.RulesAsync();
        Assert.True(rules.Length >= 25, $"{rules.Length} rules");
        Assert.Equal(rules.Length, rules.Select(rule => rule.GetProperty("name").GetString()).Distinct().Count());
        foreach (JsonElement rule in rules)
        {
            string name = rule.GetProperty("name").GetString()!;
            Assert.True(rule.GetProperty("health").GetString() == "ok", $"{name}: {rule}");
            Assert.True(rule.GetProperty("duration").GetDouble() > 0, $"{name} has no `for`");
            Assert.Contains(rule.GetProperty("labels").GetProperty("severity").GetString(), new[] { "warning", "critical" });
            JsonElement annotations = rule.GetProperty("annotations");
            Assert.NotEmpty(annotations.GetProperty("summary").GetString()!);
            Assert.EndsWith(".", annotations.GetProperty("description").GetString(), StringComparison.Ordinal);
            Assert.Matches("^docs/runbook\\.md#[a-z-]+$", annotations.GetProperty("runbook_url").GetString());

            string expression = rule.GetProperty("query").GetString()!;
            Assert.Empty(Unknown(name, expression, series));
            foreach (Match selector in Regex.Matches(expression, @"restate_\w+(\{[^}]*\})?"))
            {
                // A value of a label that nothing has is as wrong as a name: the alert would never fire.
                bool isEmpty = (await node.QueryAsync(selector.Value)).GetArrayLength() == 0;
                Assert.True(isEmpty == AbsentWhileWell.Contains(selector.Value), $"{name}: {selector.Value} is {(isEmpty ? "empty" : "there")}");
            }
        }
    }

    [Fact]
    public async Task No_alert_fires_for_a_node_that_is_well()
    {
        Installed.RequirePrometheus();
        string[] known = ["RestateDiskFillingUp", "RestateDiskNearlyFull", "RestateLogSyncSlow"];

        // How full or slow the disk of this machine is says nothing about the node. An alert that is only pending fires for nobody, and one
        // that a machine under load let fire is over at the next evaluations.
        string[] firing = [];
        for (int look = 0; look < 10; look++)
        {
            firing = [.. (await node.RulesAsync())
                .Where(rule => rule.GetProperty("state").GetString() == "firing").Select(rule => rule.GetProperty("name").GetString()!).Except(known)];
            if (firing.Length == 0)
                return;
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        }

        Assert.Empty(firing);
    }

    [Fact]
    public async Task Restates_own_dashboards_show_data_for_every_series_that_exists_here()
    {
        Installed.RequirePrometheus();
        HashSet<string> names = [.. ReadLabels(node.Page).Keys];
        Assert.Empty(RestateDashboards.Absent.SelectMany(group => group.Names).Intersect(names));
        var empty = new List<string>();
        foreach (string selector in RestateDashboards.Present)
        {
            if ((await node.QueryAsync(selector)).GetArrayLength() == 0)
                empty.Add(selector);
        }

        Assert.Empty(empty);
    }

    /// <summary>Metrics that the node does not have, or not with the labels that the expression names.</summary>
    private static IEnumerable<string> Unknown(string where, string expression, Dictionary<string, HashSet<string>> series)
    {
        PromQl query = PromQl.Parse(expression);
        Assert.NotEmpty(query.Metrics);
        return query.Metrics
            .Where(metric => !series.TryGetValue(metric.Metric, out HashSet<string>? labels) || !labels.IsSupersetOf(metric.Labels))
            .Select(metric => $"{where}: {metric.Metric}{{{string.Join(',', metric.Labels)}}}")
            .Concat(query.Labels
                .Where(label => !query.Metrics.Any(metric => series.GetValueOrDefault(metric.Metric)?.Contains(label) == true))
                .Select(label => $"{where}: by {label}"));
    }

    private static Dictionary<string, HashSet<string>> ReadLabels(string page) => Regex.Matches(page, @"^(\w+)\{(.*)\} \S+$", RegexOptions.Multiline)
        .GroupBy(match => match.Groups[1].Value)
        .ToDictionary(
            metric => metric.Key,
            metric => metric.SelectMany(match => Regex.Matches(match.Groups[2].Value, "(\\w+)=\"").Select(label => label.Groups[1].Value)).ToHashSet());
}
