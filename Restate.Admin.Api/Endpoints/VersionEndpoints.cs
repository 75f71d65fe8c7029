using System.Reflection;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Security;

namespace Restate.Admin.Api.Endpoints;

/// <summary>What a client asks first: is it there, and which versions does it speak.</summary>
internal static class VersionEndpoints
{
    /// <summary>The release of Restate whose API is served here.</summary>
    internal const string RestateVersion = "1.7.12";

    private static readonly string OwnVersion = (typeof(VersionEndpoints).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+')[0];

    /// <summary>Optional features of Restate by the names its clients ask for; all are off here.</summary>
    private static readonly SortedDictionary<string, bool> Features = new(StringComparer.Ordinal)
    {
        ["invoker_yield"] = false,
        ["kafka_scope"] = false,
        ["preflight_invocation_termination_retention"] = false,
        ["protocol_v7"] = false,
        ["scoped_promise_table_migration"] = false,
        ["scoped_state_table_migration"] = false,
        ["scoped_virtual_objects"] = false,
        ["unique_random_seeds"] = false,
        ["vqueue_obsolete_cleanup"] = false,
        ["vqueues"] = false,
        ["vqueues_async_refill"] = false,
        ["vqueues_migration_skip_completed"] = false,
    };

    /// <summary>The id every node has that keeps the metadata of its cluster alone, and so the one member of that.</summary>
    private const int OnlyMember = 1;

    /// <summary>Maps <c>/health</c>, <c>/version</c>, <c>/cluster-health</c> and the way from <c>/</c> to the pages.</summary>
    public static void MapVersion(this IEndpointRouteBuilder routes, Func<string> clusterName)
    {
        routes.MapGet("/health", () => TypedResults.StatusCode(StatusCodes.Status200OK))
            .NeedsNoToken()
            .WithName("health")
            .WithTags("health")
            .WithSummary("Tell whether the admin API answers")
            .Produces(StatusCodes.Status200OK)
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        routes.MapGet("/version", () => JsonAnswer.Of(
                new VersionView(RestateVersion, ApiVersion.Min, ApiVersion.Max, IngressEndpoint: null, Features, OwnVersion),
                DeploymentJsonContext.Plain.VersionView))
            .ReadsWith(AccessScope.None)
            .WithName("version")
            .WithTags("version")
            .WithSummary("Read the versions of the server and of its API")
            .Produces<VersionView>()
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        routes.MapGet("/cluster-health", () => JsonAnswer.Of(
                new ClusterHealthView(clusterName(), new MetadataClusterHealthView([OnlyMember])), DeploymentJsonContext.Plain.ClusterHealthView))
            .WithName("cluster_health")
            .WithTags("cluster_health")
            .WithSummary("Read who keeps the metadata of the cluster")
            .WithDescription("Deprecated in Restate; kept for the clients that still ask.")
            .Produces<ClusterHealthView>()
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        routes.MapGet("/", context =>
        {
            // Not a result of the framework: those also answer a body that says the same.
            context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            context.Response.Headers.Location = "/ui/";
            return Task.CompletedTask;
        }).NeedsNoToken().ExcludeFromDescription();
    }
}
