using Docker.DotNet.Models;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Kubernetes;
using Xunit;

namespace Restate.Admin.Tests.Containers;

/// <summary>The image as the Restate Operator runs it: another user, no writable root, its variables, its file.</summary>
[Collection(ContainerCollection.Name)]
public sealed class OperatorContainerTests(PodmanHost podman) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Runs_as_user_1000_with_the_operators_file_and_a_folder_that_only_a_group_may_write()
    {
        podman.Require();

        // What fsGroup does to a volume. The folder of the file is as Kubernetes mounts a ConfigMap: for everybody to read.
        string data = _folder.Inside("data");
        Directory.CreateDirectory(data);
        await PodmanHost.RunAsync("chown", ["0:2000", data], Cancelled);
        await PodmanHost.RunAsync("chmod", ["2775", data], Cancelled);
        string config = _folder.Inside("config");
        Directory.CreateDirectory(config);
        await File.WriteAllTextAsync(Path.Combine(config, "config.toml"), Manifests.Single<RestateCluster>().Spec.Config, Cancelled);
        await PodmanHost.RunAsync("chmod", ["0755", _folder.Path, config], Cancelled);

        await using NodeContainer node = await NodeContainer.StartAsync(podman, data, Cancelled, parameters =>
        {
            HostConfig host = parameters.HostConfig!;
            parameters.User = "1000:3000";
            host.GroupAdd = ["2000"];
            host.Memory = 4L << 30;
            host.MemorySwap = 4L << 30;
            host.SecurityOpt = ["no-new-privileges"];
            host.Mounts!.Add(new Mount { Type = "bind", Source = config, Target = "/config", ReadOnly = true });
            host.Tmpfs = new Dictionary<string, string> { ["/tmp"] = string.Empty };

            // The file is what gives the sizes here.
            string[] operators = ["RESTATE_LOG_FORMAT=json", "RESTATE_CLUSTER_NAME=my-cluster", "RESTATE_CONFIG=/config/config.toml", "RESTATE_NODE_NAME=restate-0"];
            parameters.Env = [.. parameters.Env!.Where(variable => !variable.Contains("MEMORY_SIZE=", StringComparison.Ordinal)), .. operators];
        });
        Assert.Equal("1000", (await node.ExecuteAsync(["id", "-u"], Cancelled)).Stdout.Trim());
        Assert.Equal(2L << 30, (await node.Admin.GetAsync("/memory/rocksdb", Cancelled)).GetProperty("applied").GetProperty("rocksdb-total-memory-size").GetInt64());
        Assert.True(Directory.Exists(Path.Combine(data, "restate-0")), "the data is not in a folder named after the pod");
        Assert.Equal(0, await node.StopAsync(Cancelled));
    }
}
