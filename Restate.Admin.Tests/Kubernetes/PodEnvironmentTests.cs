using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using k8s.Models;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.EndToEnd;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Kubernetes;

/// <summary>The program with the variables and the file that a pod gets: from our manifests, and from the Restate Operator.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class PodEnvironmentTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Starts_as_our_manifests_say()
    {
        V1Container container = Manifests.Single<V1StatefulSet>().Spec.Template.Spec.Containers.Single();
        var environment = new Dictionary<string, string> { ["POD_NAME"] = "restate-0" };
        foreach (V1EnvVar variable in container.Env.Where(variable => variable.Value is not null))
            environment[variable.Name] = Expand(variable.Value, environment);
        environment["RESTATE_CONFIG"] = WriteSettings(Manifests.Single<V1ConfigMap>().Data["config.toml"]);

        (string output, JsonElement config) = await RunAsync(environment);
        Assert.DoesNotContain("has no effect here", output, StringComparison.Ordinal);
        Assert.Equal("restate-0", Value(config, "node-name"));
        Assert.Equal((2L << 30, "file"), Size(config, "rocksdb-total-memory-size"));
    }

    [Fact]
    public async Task Starts_with_what_the_Restate_Operator_passes()
    {
        // The operator's own variables, in its order (restatedev/restate-operator, compute.rs), then those that Kubernetes adds for its
        // service named restate, since it leaves enableServiceLinks on.
        var environment = new Dictionary<string, string>
        {
            ["POD_NAME"] = "restate-0",
            ["POD_ZONE"] = "eu-central-1a",
            ["POD_REGION"] = "eu-central-1",
            ["RESTATE_LOG_FORMAT"] = "json",
            ["RESTATE_CLUSTER_NAME"] = "my-cluster",
            ["RUST_BACKTRACE"] = "1",
            ["RUST_LIB_BACKTRACE"] = "0",
            ["RESTATE_CONFIG"] = WriteSettings(Manifests.Single<RestateCluster>().Spec.Config!),
            ["RESTATE_ADVERTISED_ADDRESS"] = "http://restate-0.restate-cluster:5122",
            ["RESTATE_NODE_NAME"] = "restate-0",
            ["RESTATE_REQUEST_IDENTITY_PRIVATE_KEY_PEM_FILE"] = "/signing-key/private.pem",
            ["SSL_CERT_FILE"] = "/etc/ssl/certs/ca-certificates.crt",
            ["RESTATE_SERVICE_HOST"] = "10.96.0.9",
            ["RESTATE_SERVICE_PORT"] = "8080",
            ["RESTATE_SERVICE_PORT_INGRESS"] = "8080",
            ["RESTATE_SERVICE_PORT_ADMIN"] = "9070",
            ["RESTATE_PORT"] = "tcp://10.96.0.9:8080",
            ["RESTATE_PORT_9070_TCP"] = "tcp://10.96.0.9:9070",
            ["RESTATE_PORT_9070_TCP_PROTO"] = "tcp",
            ["RESTATE_PORT_9070_TCP_PORT"] = "9070",
            ["RESTATE_PORT_9070_TCP_ADDR"] = "10.96.0.9",
        };

        (string output, JsonElement config) = await RunAsync(environment);
        Assert.DoesNotContain("is unknown", output, StringComparison.Ordinal);
        Assert.Equal("my-cluster", Value(config, "cluster-name"));
        Assert.Equal((2L << 30, "file"), Size(config, "rocksdb-total-memory-size"));
        Assert.Equal((1L << 30, "file"), Size(config, "admin.query-engine.memory-size"));
        Assert.True(Directory.Exists(_folder.Inside("data/restate-0")), "the data folder has not the name of the pod");
    }

    [Fact]
    public async Task Starts_with_a_configuration_that_Restate_printed()
    {
        Installed.RequirePeer();
        string settings = await DumpPeerAsync();
        Assert.True(settings.Split('\n').Length > 200, settings);

        (string output, JsonElement config) = await RunAsync(new Dictionary<string, string> { ["RESTATE_CONFIG"] = WriteSettings(settings) });
        Assert.Contains("has no effect here", output, StringComparison.Ordinal);
        Assert.DoesNotContain("is unknown", output, StringComparison.Ordinal);
        Assert.Equal((2L << 30, "file"), Size(config, "rocksdb-total-memory-size"));
    }

    /// <summary>The peer's whole configuration. A child's output is kept as its last lines only; this is longer.</summary>
    private static async Task<string> DumpPeerAsync()
    {
        var lines = new List<string>();
        await using ChildProcess peer = ChildProcess.Start(
            PeerInstall.At(directory: null).ServerProgram,
            ["--dump-config"],
            new Dictionary<string, string> { ["DO_NOT_TRACK"] = "1" },
            onLine: line =>
            {
                lock (lines)
                    lines.Add(line);
            });
        Assert.Equal(0, await peer.WaitAsync(Cancelled));
        lock (lines)
            return string.Join('\n', lines);
    }

    private string WriteSettings(string toml)
    {
        string file = _folder.Inside("config.toml");
        File.WriteAllText(file, toml);
        return file;
    }

    /// <summary>
    /// Runs the program with these variables, and those of the image but for its folder and its ports, until it is ready; returns what it
    /// printed and what <c>/config</c> says.
    /// </summary>
    private async Task<(string Output, JsonElement Config)> RunAsync(Dictionary<string, string> environment)
    {
        environment["RESTATE_BASE_DIR"] = _folder.Inside("data");
        environment["RESTATE_BIND_ADDRESS"] = "127.0.0.1:0";
        environment["RESTATE_ADMIN__BIND_ADDRESS"] = "127.0.0.1:0";
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var lines = new List<string>();
        await using ChildProcess node = ServerProcess.LaunchBare(environment, line =>
        {
            lock (lines)
                lines.Add(line);
            if (Regex.Match(line, @"^listening admin=(\S+)") is { Success: true } match)
                listening.TrySetResult(new Uri(match.Groups[1].Value));
        });
        Task first = await Task.WhenAny(listening.Task, node.WaitAsync(Cancelled), Task.Delay(Patience, Cancelled));
        Assert.True(first == listening.Task, node.Output);

        // The operator's readiness probe asks the admin port.
        using var http = new HttpClient { BaseAddress = await listening.Task };
        using HttpResponseMessage health = await http.GetAsync("/health", Cancelled);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using var document = JsonDocument.Parse(await http.GetStringAsync("/config", Cancelled));
        Assert.Equal(0, await node.StopAsync(Patience, Cancelled));
        lock (lines)
            return (string.Join('\n', lines), document.RootElement.Clone());
    }

    private static string Expand(string value, Dictionary<string, string> environment) =>
        Regex.Replace(value, @"\$\((\w+)\)", match => environment[match.Groups[1].Value]);

    private static string? Value(JsonElement config, string key) => Option(config, key).GetProperty("value").GetString();

    private static (long Bytes, string? Source) Size(JsonElement config, string key) =>
        (Option(config, key).GetProperty("value").GetInt64(), Option(config, key).GetProperty("source").GetString());

    private static JsonElement Option(JsonElement config, string key) =>
        config.GetProperty("options").EnumerateArray().Single(option => option.GetProperty("key").GetString() == key);
}
