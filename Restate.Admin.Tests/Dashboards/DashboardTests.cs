using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.EndToEnd;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Dashboards;

/// <summary>Every dashboard asks a running node only for what it has.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class DashboardTests : IDisposable
{
    private static readonly TimeSpan ScrapePatience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. DashboardFile.Names];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_metric_and_label_is_in_the_metrics_of_a_node(string name)
    {
        await using ServerProcess node = await StartNodeAsync();
        string page = await node.Admin.Http.GetStringAsync(new Uri(node.Admin.NodeUri, "/metrics"), Cancelled);
        Dictionary<string, HashSet<string>> series = ReadLabels(page);

        var unknown = new List<string>();
        foreach ((string panel, string expression) in DashboardFile.Read(name).Queries)
        {
            PromQl query = PromQl.Parse(expression);
            Assert.NotEmpty(query.Metrics);
            unknown.AddRange(query.Metrics
                .Where(metric => !series.TryGetValue(metric.Metric, out HashSet<string>? labels) || !labels.IsSupersetOf(metric.Labels))
                .Select(metric => $"{panel}: {metric.Metric}{{{string.Join(',', metric.Labels)}}}"));
            unknown.AddRange(query.Labels
                .Where(label => !query.Metrics.All(metric => series.GetValueOrDefault(metric.Metric)?.Contains(label) == true))
                .Select(label => $"{panel}: by {label}"));
        }

        Assert.Empty(unknown);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Panels_say_what_to_do_and_use_the_data_source_of_the_variable(string name)
    {
        DashboardFile dashboard = DashboardFile.Read(name);
        Assert.NotEmpty(dashboard.Panels);
        Assert.Contains(dashboard.Root.GetProperty("templating").GetProperty("list").EnumerateArray(), variable =>
            (variable.GetProperty("type").GetString(), variable.GetProperty("name").GetString()) == ("datasource", "datasource"));
        int[] ids = [.. dashboard.Root.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("id").GetInt32())];
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(dashboard.Panels, panel =>
        {
            Assert.NotEmpty(panel.GetProperty("description").GetString()!);
            Assert.NotEmpty(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!);
            Assert.All(panel.GetProperty("targets").EnumerateArray(), target =>
                Assert.Equal("${datasource}", target.GetProperty("datasource").GetProperty("uid").GetString()));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Prometheus_answers_every_query(string name)
    {
        Installed.RequirePrometheus();
        await using ServerProcess node = await StartNodeAsync();
        int port = ServerProcess.FreePorts(1)[0];
        string settings = _folder.Inside("prometheus.yml");
        string target = "\"" + node.Admin.NodeUri.Authority + "\"";
        await File.WriteAllTextAsync(
            settings, $"global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: restate, static_configs: [{{targets: [{target}]}}]}}]\n", Cancelled);
        await using ChildProcess prometheus = ChildProcess.Start(
            Installed.Prometheus,
            ["--config.file=" + settings, "--storage.tsdb.path=" + _folder.Inside("tsdb"), $"--web.listen-address=127.0.0.1:{port}"]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await WaitForScrapesAsync(http, prometheus);

        var empty = new List<string>();
        foreach ((string panel, string expression) in DashboardFile.Read(name).Queries)
        {
            if ((await QueryAsync(http, expression)).GetArrayLength() == 0)
                empty.Add($"{panel}: {expression}");
        }

        Assert.Empty(empty);
    }

    private Task<ServerProcess> StartNodeAsync() =>
        ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled, "--default-num-partitions", "2");

    /// <summary>Rates need two scrapes.</summary>
    private static async Task WaitForScrapesAsync(HttpClient http, ChildProcess prometheus)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(ScrapePatience);
        while (true)
        {
            Assert.False(prometheus.HasExited, prometheus.Output);
            try
            {
                if ((await QueryAsync(http, "count_over_time(restate_memory_process_limit_bytes[1m]) >= 2")).GetArrayLength() > 0)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet, or it is replaying; the deadline bounds how long.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), deadline.Token);
        }
    }

    private static async Task<JsonElement> QueryAsync(HttpClient http, string expression)
    {
        using HttpResponseMessage answer = await http.GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(expression), Cancelled);
        answer.EnsureSuccessStatusCode();
        JsonElement document = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        return document.GetProperty("data").GetProperty("result");
    }

    private static Dictionary<string, HashSet<string>> ReadLabels(string page) => Regex.Matches(page, @"^(\w+)\{(.*)\} \S+$", RegexOptions.Multiline)
        .GroupBy(match => match.Groups[1].Value)
        .ToDictionary(
            metric => metric.Key,
            metric => metric.SelectMany(match => Regex.Matches(match.Groups[2].Value, "(\\w+)=\"").Select(label => label.Groups[1].Value)).ToHashSet());
}
