using k8s;
using k8s.Models;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Tests.Kubernetes;

/// <summary>The files of <c>deploy/kubernetes</c>, read strictly by the types of Kubernetes' API: an unknown or misspelt field is an error.</summary>
internal static class Manifests
{
    /// <summary>Kinds that are not Kubernetes' own, with the fields that are used here.</summary>
    private static readonly Dictionary<string, Type> OtherKinds = new()
    {
        ["kustomize.config.k8s.io/v1beta1/Kustomization"] = typeof(Kustomization),
        ["monitoring.coreos.com/v1/ServiceMonitor"] = typeof(ServiceMonitor),
        ["restate.dev/v1/RestateCluster"] = typeof(RestateCluster),
    };

    /// <summary>Their folder.</summary>
    public static string Folder => Path.Combine(Repository.Root, "deploy", "kubernetes");

    /// <summary>All files, relative to the folder.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal);

    /// <summary>The text of a file.</summary>
    public static string Text(string name) => File.ReadAllText(Path.Combine(Folder, name));

    /// <summary>Reads objects.</summary>
    /// <exception cref="Exception">A field is unknown or has a value of another type, or the kind is unknown.</exception>
    public static IReadOnlyList<object> Parse(string text) => KubernetesYaml.LoadAllFromString(text, OtherKinds, strict: true);

    /// <summary>The one object of this kind in all files.</summary>
    public static T Single<T>() => Names.SelectMany(name => Parse(Text(name))).OfType<T>().Single();

    /// <summary>All objects of this kind.</summary>
    public static IReadOnlyList<T> All<T>() => [.. Names.SelectMany(name => Parse(Text(name))).OfType<T>()];
}

#pragma warning disable CA1812 // Made by the YAML reader.
internal sealed class Kustomization
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public List<string> Resources { get; set; } = [];

    public List<KustomizedImage> Images { get; set; } = [];
}

internal sealed class KustomizedImage
{
    public string? Name { get; set; }

    public string? NewName { get; set; }

    public string? NewTag { get; set; }
}

internal sealed class ServiceMonitor
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public V1ObjectMeta? Metadata { get; set; }

    public ServiceMonitorSpec Spec { get; set; } = new();
}

internal sealed class ServiceMonitorSpec
{
    public V1LabelSelector Selector { get; set; } = new();

    public List<ScrapedEndpoint> Endpoints { get; set; } = [];
}

internal sealed class ScrapedEndpoint
{
    public string? Port { get; set; }

    public string? Path { get; set; }

    public string? Interval { get; set; }

    public string? ScrapeTimeout { get; set; }
}

internal sealed class RestateCluster
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public V1ObjectMeta? Metadata { get; set; }

    public RestateClusterSpec Spec { get; set; } = new();
}

internal sealed class RestateClusterSpec
{
    public RestateClusterCompute Compute { get; set; } = new();

    public RestateClusterStorage Storage { get; set; } = new();

    public string? Config { get; set; }
}

internal sealed class RestateClusterCompute
{
    public int Replicas { get; set; }

    public string? Image { get; set; }

    public string? ImagePullPolicy { get; set; }

    public long TerminationGracePeriodSeconds { get; set; }

    public V1ResourceRequirements Resources { get; set; } = new();
}

internal sealed class RestateClusterStorage
{
    public long StorageRequestBytes { get; set; }
}
#pragma warning restore CA1812
