using System.Text.RegularExpressions;
using k8s.Models;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.Kubernetes;

/// <summary>The manifests by the schema of Kubernetes' API, and what a schema does not say: that they fit each other and the image.</summary>
public sealed class ManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Manifests.Names];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static V1StatefulSet Node => Manifests.Single<V1StatefulSet>();

    private static V1PodSpec Pod => Node.Spec.Template.Spec;

    private static V1Container Container => Assert.Single(Pod.Containers);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Fits_the_schema(string name) => Assert.NotEmpty(Manifests.Parse(Manifests.Text(name)));

    [Theory]
    [InlineData("terminationGracePeriodSeconds", "terminationGracePeriod")]
    [InlineData("failureThreshold: 120", "failureThreshold: many")]
    [InlineData("memory: 4Gi", "memory: 4 gigabytes")]
    [InlineData("kind: StatefulSet", "kind: StatefulSets")]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true")]
    public void A_field_or_value_that_the_schema_does_not_know_is_an_error(string text, string mistake)
    {
        string manifest = Manifests.Text("statefulset.yaml");
        Assert.Contains(text, manifest, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => Manifests.Parse(manifest.Replace(text, mistake, StringComparison.Ordinal)));
    }

    [Fact]
    public void Selectors_labels_ports_and_volumes_fit_each_other()
    {
        IDictionary<string, string> labels = Node.Spec.Template.Metadata.Labels;
        Assert.Equal(Node.Spec.Selector.MatchLabels, labels);
        IReadOnlyList<V1Service> services = Manifests.All<V1Service>();
        Assert.Equal(["restate", "restate-cluster"], services.Select(service => service.Metadata.Name));
        Assert.Equal(Node.Spec.ServiceName, services.Single(service => service.Spec.ClusterIP == "None").Metadata.Name);
        string[] ports = [.. Container.Ports.Select(port => port.Name)];
        foreach (V1Service service in services)
        {
            Assert.Equal(labels, service.Spec.Selector);
            Assert.All(service.Spec.Ports, port => Assert.Contains(port.TargetPort.Value, ports));
        }

        V1NetworkPolicy policy = Manifests.Single<V1NetworkPolicy>();
        Assert.Equal(labels, policy.Spec.PodSelector.MatchLabels);
        Assert.Equal(ports, policy.Spec.Ingress.SelectMany(rule => rule.Ports).Select(port => port.Port.Value));
        ServiceMonitor monitor = Manifests.Single<ServiceMonitor>();
        V1Service scraped = Assert.Single(services, service => monitor.Spec.Selector.MatchLabels.All(service.Metadata.Labels.Contains));
        Assert.Contains(Assert.Single(monitor.Spec.Endpoints).Port, scraped.Spec.Ports.Select(port => port.Name));

        string[] volumes = [.. Pod.Volumes.Select(volume => volume.Name), .. Node.Spec.VolumeClaimTemplates.Select(claim => claim.Metadata.Name)];
        Assert.Equal(volumes.Order(), Container.VolumeMounts.Select(mount => mount.Name).Order());
        Assert.Equal(Manifests.Single<V1ConfigMap>().Metadata.Name, Pod.Volumes.Single().ConfigMap.Name);
        Assert.All([Container.StartupProbe, Container.LivenessProbe, Container.ReadinessProbe], probe =>
        {
            Assert.Equal("/health", probe.HttpGet.Path);
            Assert.Contains(probe.HttpGet.Port.Value, ports);
        });

        // The node port answers 503 while the disk is full: reads go on then, and a restart would mend nothing.
        Assert.Equal("admin", Container.LivenessProbe.HttpGet.Port.Value);
        Assert.Equal("admin", Container.ReadinessProbe.HttpGet.Port.Value);
    }

    [Fact]
    public void Everything_of_the_folder_is_applied_and_nothing_else()
    {
        Kustomization kustomization = Manifests.Single<Kustomization>();
        Assert.Equal(
            Manifests.Names.Where(name => !name.Contains('/', StringComparison.Ordinal) && name is not ("kustomization.yaml" or "restatecluster.yaml")),
            kustomization.Resources.Order(StringComparer.Ordinal));
        Assert.Equal(Container.Image, Assert.Single(kustomization.Images).Name);
    }

    [Fact]
    public void The_pod_is_confined_and_runs_as_the_user_of_the_image()
    {
        string dockerfile = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile"));
        long user = long.Parse(Regex.Match(dockerfile, @"^USER (\d+):", RegexOptions.Multiline).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(Pod.SecurityContext.RunAsNonRoot);
        Assert.Equal(user, Pod.SecurityContext.RunAsUser);
        Assert.Equal(user, Pod.SecurityContext.FsGroup);
        Assert.Equal("RuntimeDefault", Pod.SecurityContext.SeccompProfile.Type);
        Assert.True(Container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(Container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], Container.SecurityContext.Capabilities.Drop);
        Assert.False(Pod.AutomountServiceAccountToken);
        Assert.False(Pod.EnableServiceLinks);
        Assert.All(Container.Ports, port => Assert.Contains($"{port.ContainerPort}", Regex.Match(dockerfile, "^EXPOSE (.*)$", RegexOptions.Multiline).Groups[1].Value.Split(' ')));

        // The default of shutdown-timeout is a minute.
        Assert.True(Pod.TerminationGracePeriodSeconds > 60);
        Assert.Equal(Container.Resources.Limits["memory"].ToInt64(), Container.Resources.Requests["memory"].ToInt64());
    }

    [Fact]
    public async Task The_sizes_of_the_config_map_fit_the_limit_without_a_warning()
    {
        string settings = _folder.Inside("config.toml");
        await File.WriteAllTextAsync(settings, Manifests.Single<V1ConfigMap>().Data["config.toml"], Cancelled);
        long limit = Container.Resources.Limits["memory"].ToInt64();
        await using ChildProcess plan = ServerProcess.LaunchBare(
            environment: null, onLine: null, "--plan", "--limit", $"{limit}", "--partitions", "24", "--config-file", settings);
        Assert.Equal(0, await plan.WaitAsync(Cancelled));
        Assert.Contains("process limit", plan.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", plan.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_of_the_document_makes_an_object_of_the_alerts()
    {
        string document = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "kubernetes.md"), Cancelled);
        string command = Regex.Match(document, @"^(\{ printf .*) \| kubectl apply -f -$", RegexOptions.Multiline).Groups[1].Value;
        await using ChildProcess shell = ChildProcess.Start("/bin/sh", ["-c", $"{{ {command}; }} > \"$0\"", _folder.Inside("rule.yaml")], workingDirectory: Repository.Root);
        Assert.Equal(0, await shell.WaitAsync(Cancelled));
        string[] lines = await File.ReadAllLinesAsync(_folder.Inside("rule.yaml"), Cancelled);
        Assert.Equal(["apiVersion: monitoring.coreos.com/v1", "kind: PrometheusRule", "metadata: {name: restate}", "spec:"], lines[..4]);
        Assert.Equal(
            await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "deploy", "prometheus", "rules.yml"), Cancelled),
            lines[4..].Select(line => line.Length > 1 ? line[2..] : line));
    }

    [Fact]
    public void The_operator_is_given_what_the_other_files_say()
    {
        RestateClusterSpec cluster = Manifests.Single<RestateCluster>().Spec;
        Assert.Equal(1, cluster.Compute.Replicas);
        Assert.Equal(Container.Resources.Limits["memory"].ToInt64(), cluster.Compute.Resources.Limits["memory"].ToInt64());
        Assert.Equal(Pod.TerminationGracePeriodSeconds, cluster.Compute.TerminationGracePeriodSeconds);
        Assert.Equal(Sizes(Manifests.Single<V1ConfigMap>().Data["config.toml"]), Sizes(cluster.Config!));
        Assert.Equal(Node.Spec.VolumeClaimTemplates.Single().Spec.Resources.Requests["storage"].ToInt64(), cluster.Storage.StorageRequestBytes);

        static IEnumerable<string> Sizes(string toml) =>
            toml.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#'));
    }
}
