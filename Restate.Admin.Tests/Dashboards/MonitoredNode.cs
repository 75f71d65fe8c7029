using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Dashboards;

/// <summary>A node that has worked, and Prometheus with the settings and rules of <c>deploy/prometheus</c> that scrapes it.</summary>
public sealed class MonitoredNode : IAsyncLifetime
{
    /// <summary>State posts that it took.</summary>
    public const int Posts = 20;

    private static readonly TimeSpan ScrapePatience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _node;
    private ChildProcess? _prometheus;
    private HttpClient? _http;

    /// <summary>What the node's <c>/metrics</c> answered.</summary>
    internal string Page { get; private set; } = string.Empty;

    /// <summary>Folder of Prometheus' settings in the repository.</summary>
    internal static string Settings => Path.Combine(Repository.Root, "deploy", "prometheus");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled, "--default-num-partitions", "2");
        await WorkAsync(_node);
        Page = await _node.Admin.Http.GetStringAsync(new Uri(_node.Admin.NodeUri, "/metrics"), Cancelled);
        if (Installed.IsOnPath(Installed.Prometheus))
            await StartPrometheusAsync(_node.Admin.NodeUri);
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_prometheus is not null)
            await _prometheus.DisposeAsync();
        if (_node is not null)
            await _node.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Evaluates an expression now.</summary>
    /// <exception cref="HttpRequestException">Prometheus refused it.</exception>
    internal async Task<JsonElement> QueryAsync(string expression) =>
        (await GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(expression))).GetProperty("result");

    /// <summary>The rules that Prometheus has loaded, once each was evaluated.</summary>
    internal async Task<JsonElement[]> RulesAsync()
    {
        using CancellationTokenSource deadline = Deadline();
        while (true)
        {
            JsonElement groups = (await GetAsync("/api/v1/rules")).GetProperty("groups");
            JsonElement[] rules = [.. groups.EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray())];
            if (rules.Length > 0 && rules.All(rule => rule.GetProperty("health").GetString() != "unknown"))
                return rules;
            await Task.Delay(TimeSpan.FromMilliseconds(200), deadline.Token);
        }
    }

    private static async Task WorkAsync(ServerProcess node)
    {
        await using ScriptedEndpoint service = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest);
        await node.Admin.RegisterAsync(new Uri(service.Uri), Cancelled);
        for (int i = 0; i < Posts; i++)
        {
            byte[] body = Encoding.UTF8.GetBytes($$"""{"object_key":"object-{{i}}","new_state":{"count":[{{i}}]} }""");
            Assert.Equal(HttpStatusCode.Accepted, await node.Admin.PostStateAsync(body, Cancelled));
        }

        await node.Sql.RowsAsync("select count(*) as n from state", Cancelled);
        await Assert.ThrowsAsync<SqlException>(() => node.Sql.RowsOnceAsync("select no_such_column from state", Cancelled));
    }

    /// <summary>With the settings of the repository, but for the address of the node. Their time limit for a scrape stays too: one that is missed makes every series stale.</summary>
    private async Task StartPrometheusAsync(Uri node)
    {
        string text = (await File.ReadAllTextAsync(Path.Combine(Settings, "prometheus.yml"), Cancelled))
            .Replace("node:5122", node.Authority, StringComparison.Ordinal)
            .Replace("rules.yml", Path.Combine(Settings, "rules.yml"), StringComparison.Ordinal);
        Assert.Contains(node.Authority, text, StringComparison.Ordinal);
        string settings = _folder.Inside("prometheus.yml");
        await File.WriteAllTextAsync(settings, text, Cancelled);
        int port = ServerProcess.FreePorts(1)[0];
        _prometheus = ChildProcess.Start(
            Installed.Prometheus,
            ["--config.file=" + settings, "--storage.tsdb.path=" + _folder.Inside("tsdb"), $"--web.listen-address=127.0.0.1:{port}"]);
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await WaitForScrapesAsync(_prometheus);
    }

    /// <summary>Rates need two scrapes.</summary>
    private async Task WaitForScrapesAsync(ChildProcess prometheus)
    {
        using CancellationTokenSource deadline = Deadline();
        while (true)
        {
            Assert.False(prometheus.HasExited, prometheus.Output);
            try
            {
                if ((await QueryAsync("count_over_time(restate_memory_process_limit_bytes[1m]) >= 2")).GetArrayLength() > 0)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet, or it is replaying; the deadline bounds how long.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), deadline.Token);
        }
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using HttpResponseMessage answer = await _http!.GetAsync(path, Cancelled);
        answer.EnsureSuccessStatusCode();
        JsonElement document = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        return document.GetProperty("data");
    }

    private static CancellationTokenSource Deadline()
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(ScrapePatience);
        return deadline;
    }
}
