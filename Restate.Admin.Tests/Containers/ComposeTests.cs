using System.Net.Http.Json;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Containers;

/// <summary>
/// The compose file, by Docker's own program for it, with podman: the node and Prometheus. Grafana's image is in no package registry, so
/// its part is read and not run.
/// </summary>
[Collection(ContainerCollection.Name)]
public sealed class ComposeTests(PodmanHost podman) : IAsyncLifetime
{
    private const string Program = "docker-compose";

    private const int Starts = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly string _project = $"restateadmin{Guid.NewGuid():N}"[..24];
    private int[] _ports = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => _folder.Inside("docker-compose.yml");

    public async ValueTask InitializeAsync()
    {
        podman.Require();
        Installed.RequireCompose();
        await WriteAsync();
    }

    /// <summary>The file of the repository, but for ports that are free now and the image under test.</summary>
    private async Task WriteAsync()
    {
        _ports = ServerProcess.FreePorts(4);
        string text = await System.IO.File.ReadAllTextAsync(Path.Combine(Repository.Root, "docker-compose.yml"), Cancelled);
        foreach ((string port, int free) in new[] { "9070", "5122", "9090", "3000" }.Zip(_ports))
        {
            Assert.Contains($"\"127.0.0.1:{port}:{port}\"", text, StringComparison.Ordinal);
            text = text.Replace($"\"127.0.0.1:{port}:", $"\"127.0.0.1:{free}:", StringComparison.Ordinal);
        }

        await System.IO.File.WriteAllTextAsync(File, text.Replace("image: restate-admin-node", "image: " + PodmanHost.Image, StringComparison.Ordinal), Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        if (System.IO.File.Exists(File))
            await ComposeAsync("down", "--volumes", "--timeout", "60");
        _folder.Dispose();
    }

    [Fact]
    public async Task Node_and_Prometheus_come_up_confined_and_see_each_other()
    {
        await UpAsync("node", "prometheus");
        using var admin = new AdminClient(Loopback(_ports[0]), Loopback(_ports[1]));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(Patience);
        while (!await admin.IsHealthyAsync(deadline.Token))
            await Task.Delay(TimeSpan.FromMilliseconds(200), deadline.Token);
        JsonElement memory = await admin.GetAsync("/memory", Cancelled);
        Assert.Equal(1L << 30, memory.GetProperty("process").GetProperty("limit_bytes").GetInt64());
        Assert.Empty(memory.GetProperty("warnings").EnumerateArray());

        using var prometheus = new HttpClient { BaseAddress = Loopback(_ports[2]) };
        while (!await IsUpAsync(prometheus, deadline.Token))
            await Task.Delay(TimeSpan.FromMilliseconds(500), deadline.Token);
        JsonElement rules = await prometheus.GetFromJsonAsync<JsonElement>("/api/v1/rules", Cancelled);
        Assert.Equal(5, rules.GetProperty("data").GetProperty("groups").GetArrayLength());

        foreach (string service in new[] { "node", "prometheus" })
        {
            string container = (await ComposeAsync("ps", "--quiet", service)).Split('\n')[^1].Trim();
            Assert.Equal(0, await PodmanHost.ExitCodeAsync(Cancelled, "healthcheck", "run", container));
            Assert.Equal("true", await InspectAsync(container, "{{.HostConfig.ReadonlyRootfs}}"));
            Assert.NotEqual("0", await InspectAsync(container, "{{.HostConfig.Memory}}"));
            Assert.Equal("[]", await InspectAsync(container, "{{.EffectiveCaps}}"));
            Assert.DoesNotContain("0.0.0.0", await InspectAsync(container, "{{json .HostConfig.PortBindings}}"), StringComparison.Ordinal);
        }

        string node = (await ComposeAsync("ps", "--quiet", "node")).Split('\n')[^1].Trim();
        await ComposeAsync("stop");
        Assert.Equal("0", await InspectAsync(node, "{{.State.ExitCode}}"));
    }

    [Fact]
    public async Task Every_service_has_a_limit_and_loopback_ports_and_Grafana_every_dashboard()
    {
        // The file as the program understands it, with all defaults filled in.
        string config = await ComposeAsync("config");
        foreach (string service in new[] { "node", "prometheus", "grafana" })
        {
            string block = config[config.IndexOf($"\n  {service}:", StringComparison.Ordinal)..];
            int end = block.IndexOf("\n  ", 3, StringComparison.Ordinal);
            while (end > 0 && block[end + 3] == ' ')
                end = block.IndexOf("\n  ", end + 1, StringComparison.Ordinal);
            block = end > 0 ? block[..end] : block;
            Assert.Contains("mem_limit:", block, StringComparison.Ordinal);
            Assert.Contains("no-new-privileges", block, StringComparison.Ordinal);
            Assert.Contains("127.0.0.1:", block, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"- (0\.0\.0\.0:)?\d+:\d+", block);
        }

        Assert.Matches(@"/dashboards:/var/lib/grafana/dashboards:ro", config);
        Assert.Matches(@"/deploy/grafana/provisioning:/etc/grafana/provisioning:ro", config);
        string provider = await System.IO.File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "deploy", "grafana", "provisioning", "dashboards", "restate.yml"), Cancelled);
        Assert.Contains("path: /var/lib/grafana/dashboards", provider, StringComparison.Ordinal);
    }

    /// <summary>Starts services; with other ports where one was taken between the look for free ones and the start.</summary>
    private async Task UpAsync(params string[] services)
    {
        for (int start = 1; ; start++)
        {
            try
            {
                await ComposeAsync(["up", "--detach", "--no-build", .. services]);
                return;
            }
            catch (ScenarioException e) when (start < Starts && e.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                await ComposeAsync("down");
                await WriteAsync();
            }
        }
    }

    private Task<string> ComposeAsync(params string[] arguments) => podman.WithDockerHostAsync(
        Program, ["--project-name", _project, "--project-directory", Repository.Root, "--file", File, .. arguments], CancellationToken.None);

    private static Task<string> InspectAsync(string container, string format) => PodmanHost.AnswerAsync(Cancelled, "inspect", "--format", format, container);

    private static async Task<bool> IsUpAsync(HttpClient prometheus, CancellationToken cancellationToken)
    {
        try
        {
            JsonElement answer = await prometheus.GetFromJsonAsync<JsonElement>("/api/v1/query?query=up%7Bjob%3D%22restate%22%7D%20%3D%3D%201", cancellationToken);
            return answer.GetProperty("data").GetProperty("result").GetArrayLength() == 1;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Uri Loopback(int port) => new($"http://127.0.0.1:{port}");
}
