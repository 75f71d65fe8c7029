using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Answer to <c>GET /version</c>.</summary>
/// <param name="Version">The version of Restate whose API this is; clients decide by it.</param>
/// <param name="MinAdminApiVersion">Lowest version prefix served.</param>
/// <param name="MaxAdminApiVersion">Highest version prefix served.</param>
/// <param name="IngressEndpoint">Address of the ingress; null as long as there is none, but always present.</param>
/// <param name="Features">Optional features and whether they are on.</param>
/// <param name="AdminVersion">Version of this server itself.</param>
public sealed record VersionView(
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("min_admin_api_version")] int MinAdminApiVersion,
    [property: JsonPropertyName("max_admin_api_version")] int MaxAdminApiVersion,
    [property: JsonPropertyName("ingress_endpoint"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? IngressEndpoint,
    [property: JsonPropertyName("features")] IReadOnlyDictionary<string, bool> Features,
    [property: JsonPropertyName("admin_version")] string AdminVersion);

/// <summary>Answer to <c>GET /cluster-health</c>.</summary>
/// <param name="ClusterName">Name of the cluster.</param>
/// <param name="MetadataClusterHealth">Who keeps the metadata.</param>
public sealed record ClusterHealthView(
    [property: JsonPropertyName("cluster_name")] string ClusterName,
    [property: JsonPropertyName("metadata_cluster_health")] MetadataClusterHealthView MetadataClusterHealth);

/// <summary>The nodes that keep the metadata of the cluster.</summary>
/// <param name="Members">Their node ids.</param>
public sealed record MetadataClusterHealthView([property: JsonPropertyName("members")] IReadOnlyList<int> Members);
