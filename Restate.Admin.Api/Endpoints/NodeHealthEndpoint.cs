using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;

namespace Restate.Admin.Api.Endpoints;

/// <summary>What the health page needs from the node besides configuration and partitions.</summary>
/// <param name="StartedAt">When the process began to serve, as a timestamp of the clock: times of day are set back.</param>
/// <param name="LogFailure">Tells why the log takes no more appends; null while it does.</param>
internal sealed record NodeHealthSource(long StartedAt, Func<string?> LogFailure);

/// <summary>Health of the node, on the node port.</summary>
internal static class NodeHealthEndpoint
{
    private const string Ready = "Ready";

    /// <summary>Maps <c>/health</c>.</summary>
    public static void MapNodeHealth(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/health", Get).WithName("get_node_health").WithTags("node").WithSummary("Read the health of this node")
            .Produces<NodeHealthView>(StatusCodes.Status503ServiceUnavailable);

    private static Results<Ok<NodeHealthView>, JsonHttpResult<NodeHealthView>> Get(
        ConfigurationStore configuration, IPartitionMemorySource partitions, NodeHealthSource source, TimeProvider time)
    {
        RestateConfiguration current = configuration.Current.Value;
        string? failure = source.LogFailure();
        string provider = current.Bifrost.DefaultProvider;
        var view = new NodeHealthView(
            failure is null ? "Alive" : "Failed",
            current.NodeName,
            current.ClusterName,
            provider == "replicated" ? ["admin", "worker", "log-server", "metadata-server"] : ["admin", "worker", "metadata-server"],
            DurationText.Format(time.GetElapsedTime(source.StartedAt)),
            Ready,
            WorkerStatus(partitions.Read()),
            provider != "replicated" ? "Unknown" : failure is null ? Ready : "Failed",
            "Member",
            failure);

        // Without its log the node answers reads and refuses every write: whoever watches it has to do something.
        return failure is null ? TypedResults.Ok(view) : TypedResults.Json(view, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static string WorkerStatus(IReadOnlyList<PartitionMemoryInfo> partitions) =>
        partitions.Any(partition => partition.State == "failed") ? "Degraded"
        : partitions.Any(partition => partition.State == "opening") ? "StartingUp"
        : Ready;
}

/// <summary>Health of a node.</summary>
/// <param name="Status"><c>Alive</c>, or <c>Failed</c> when it takes no more writes.</param>
/// <param name="NodeName">Its name.</param>
/// <param name="ClusterName">Its cluster.</param>
/// <param name="Roles">What it runs.</param>
/// <param name="Age">Time since it began to serve.</param>
/// <param name="AdminStatus">Admin API.</param>
/// <param name="WorkerStatus"><c>StartingUp</c> while a partition replays its log; <c>Degraded</c> while one has failed.</param>
/// <param name="LogServerStatus">Log server; <c>Unknown</c> where it is not the log provider.</param>
/// <param name="MetadataServerStatus">Metadata server.</param>
/// <param name="Failure">Why it failed; absent while it lives.</param>
internal sealed record NodeHealthView(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("node_name")] string NodeName,
    [property: JsonPropertyName("cluster_name")] string ClusterName,
    [property: JsonPropertyName("roles")] IReadOnlyList<string> Roles,
    [property: JsonPropertyName("age")] string Age,
    [property: JsonPropertyName("admin_status")] string AdminStatus,
    [property: JsonPropertyName("worker_status")] string WorkerStatus,
    [property: JsonPropertyName("log_server_status")] string LogServerStatus,
    [property: JsonPropertyName("metadata_server_status")] string MetadataServerStatus,
    [property: JsonPropertyName("failure"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Failure);
