using System.Reflection;
using Restate.Admin.Api.Contracts;

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

    /// <summary>Maps <c>/health</c> and <c>/version</c>.</summary>
    public static void MapVersion(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", () => TypedResults.StatusCode(StatusCodes.Status200OK))
            .WithName("health")
            .WithTags("health")
            .WithSummary("Tell whether the admin API answers")
            .Produces(StatusCodes.Status200OK)
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        routes.MapGet("/version", () => TypedResults.Json(
                new VersionView(RestateVersion, ApiVersion.Min, ApiVersion.Max, IngressEndpoint: null, Features, OwnVersion),
                DeploymentJsonContext.Plain.VersionView,
                "application/json"))
            .WithName("version")
            .WithTags("version")
            .WithSummary("Read the versions of the server and of its API")
            .Produces<VersionView>()
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
    }
}
