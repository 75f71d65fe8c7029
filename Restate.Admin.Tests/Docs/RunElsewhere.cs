using System.Text.RegularExpressions;
using Restate.Admin.Tests.Containers;
using Restate.Admin.Tests.EndToEnd;
using Restate.Admin.Tests.Kubernetes;

namespace Restate.Admin.Tests.Docs;

/// <summary>Commands of documents that <see cref="CommandTests"/> does not run.</summary>
/// <param name="First">What the first line of such a block begins with.</param>
/// <param name="By">The tests that run the same.</param>
/// <param name="Why">Why they are not run as they are written.</param>
internal sealed record RunElsewhere(string First, Type By, string Why)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<RunElsewhere> All { get; } =
    [
        new("dotnet test", typeof(CommandTests), "it is what runs this test"),
        new("docker build ", typeof(NodeContainerTests), "builds the image with podman and runs it with the same flags"),
        new("docker compose ", typeof(ComposeTests), "runs the parts that podman can, without Docker and its registries"),
        new("dotnet run -c Release --project Restate.Admin.Benchmarks ", typeof(ScenarioTests), "takes minutes; .ci/run runs it with fewer rounds"),
        new("(cd deploy/kubernetes ", typeof(ManifestTests), "needs a cluster; the manifests are read by the types of its API"),
        new("{ printf 'apiVersion", typeof(ManifestTests), "needs a cluster; what it would apply is read there"),
        new("RESTATE_DEFAULT_NUM_PARTITIONS=4", typeof(NodeContainerTests), "settings of a container, not commands"),
    ];

    /// <summary>True for a block that this stands for.</summary>
    public bool Covers(MarkdownBlock block) => Regex.IsMatch(block.Text, "^" + Regex.Escape(First));
}
