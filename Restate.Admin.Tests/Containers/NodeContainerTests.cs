using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Containers;

/// <summary>The image of the Dockerfile under a memory limit: who it runs as, what it reports, and that it keeps what it acknowledged.</summary>
[Collection(ContainerCollection.Name)]
public sealed class NodeContainerTests(PodmanHost podman) : IAsyncLifetime
{
    private const int Objects = 50;

    private readonly string _volume = $"restate-admin-test-{Guid.NewGuid():N}";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        podman.Require();
        await PodmanHost.PodmanAsync(Cancelled, "volume", "create", _volume);
    }

    public async ValueTask DisposeAsync() => await PodmanHost.PodmanAsync(CancellationToken.None, "volume", "rm", "--force", _volume);

    [Fact]
    public async Task Runs_in_512_MiB_and_tells_its_health_without_root_and_without_a_writable_root_file_system()
    {
        await using NodeContainer node = await NodeContainer.StartAsync(podman, _volume, Cancelled);

        JsonElement memory = await node.Admin.GetAsync("/memory", Cancelled);
        Assert.Empty(memory.GetProperty("warnings").EnumerateArray());
        JsonElement process = memory.GetProperty("process");
        Assert.Equal(NodeContainer.LimitBytes, process.GetProperty("limit_bytes").GetInt64());
        Assert.StartsWith("cgroup v", process.GetProperty("limit_source").GetString()!, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine(process.GetRawText());

        // Made of what is published beside the program: an image without it would serve a broken page.
        Assert.Equal("3.1.0", (await node.Admin.GetAsync("/openapi", Cancelled)).GetProperty("openapi").GetString());

        Assert.Equal(0, await node.HealthCheckAsync(Cancelled));
        await node.SignalAsync("STOP", Cancelled);
        Assert.NotEqual(0, await node.HealthCheckAsync(Cancelled));
        await node.SignalAsync("CONT", Cancelled);
        Assert.Equal(0, await node.HealthCheckAsync(Cancelled));

        Assert.Equal("1654", (await node.ExecuteAsync(["id", "-u"], Cancelled)).Stdout.Trim());
        Assert.Contains("/librocksdb.so", (await node.ExecuteAsync(["cat", "/proc/1/maps"], Cancelled)).Stdout, StringComparison.Ordinal);
        Assert.NotEqual(0, (await node.ExecuteAsync(["touch", "/opt/restate-admin/written"], Cancelled)).ExitCode);
        Assert.Equal(0, await node.StopAsync(Cancelled));
    }

    [Fact]
    public void The_settings_for_512_MiB_are_those_of_the_document()
    {
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "containers.md"));
        string block = Regex.Match(document, "^## 512 MiB$.*?^```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;
        Assert.Equal(
            NodeContainer.SmallBudgets.Select(setting => $"{setting.Key}={setting.Value}"),
            block.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace("\"", string.Empty, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_image_names_its_user_ports_volume_and_health_check()
    {
        string text = await PodmanHost.AnswerAsync(Cancelled, "image", "inspect", "--format", """{"Config":{{json .Config}},"HealthCheck":{{json .HealthCheck}}}""", PodmanHost.Image);
        using var document = JsonDocument.Parse(text);
        JsonElement image = document.RootElement;
        JsonElement settings = image.GetProperty("Config");
        Assert.Equal("1654:1654", settings.GetProperty("User").GetString());
        Assert.Equal(["5122/tcp", "9070/tcp"], settings.GetProperty("ExposedPorts").EnumerateObject().Select(port => port.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["/restate-data"], settings.GetProperty("Volumes").EnumerateObject().Select(volume => volume.Name));
        string[] environment = [.. settings.GetProperty("Env").EnumerateArray().Select(variable => variable.GetString()!)];
        Assert.Contains("MALLOC_ARENA_MAX=2", environment);
        Assert.Contains("DOTNET_GCgen0size=1000000", environment);
        Assert.Contains("--healthcheck", image.GetProperty("HealthCheck").GetProperty("Test").EnumerateArray().Select(word => word.GetString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_acknowledged_is_on_the_volume(bool killed)
    {
        await using ScriptedEndpoint service = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest);
        await using (NodeContainer node = await NodeContainer.StartAsync(podman, _volume, Cancelled))
        {
            await node.Admin.RegisterAsync(new Uri(service.Uri), Cancelled);
            for (int i = 0; i < Objects; i++)
            {
                byte[] body = Encoding.UTF8.GetBytes($$"""{"object_key":"object-{{i}}","new_state":{"count":[49,{{48 + (i % 10)}}]} }""");
                Assert.Equal(HttpStatusCode.Accepted, await node.Admin.PostStateAsync(body, Cancelled));
            }

            Assert.Equal(killed ? 137 : 0, killed ? await node.KillAsync(Cancelled) : await node.StopAsync(Cancelled));
        }

        await using NodeContainer again = await NodeContainer.StartAsync(podman, _volume, Cancelled);
        string[] expected = [.. Enumerable.Range(0, Objects).Select(i => $"object-{i} count=1{i % 10}").Order(StringComparer.Ordinal)];
        string[] shown = [];
        for (int attempt = 0; attempt < 100 && shown.Length < expected.Length; attempt++)
        {
            // A 202 is a promise that the log has it; after a kill it is being applied while the node serves.
            JsonElement[] rows = await again.Sql.RowsAsync("select service_key, key, value_utf8 from state", Cancelled);
            shown = [.. rows.Select(row => $"{Text(row, "service_key")} {Text(row, "key")}={Text(row, "value_utf8")}").Order(StringComparer.Ordinal)];
        }

        Assert.Equal(expected, shown);

        static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();
    }
}
