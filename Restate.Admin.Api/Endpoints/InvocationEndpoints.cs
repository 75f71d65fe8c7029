using Microsoft.AspNetCore.Mvc;
using Restate.Admin.Api.Contracts;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Verbs on invocations. This node runs none, so no id is known to it; the answers are those of a node that knows no such id.</summary>
internal static class InvocationEndpoints
{
    private const string IdName = "invocation_id";

    /// <summary>The words for <c>DELETE</c>'s <c>mode</c>, in the order in which errors list them.</summary>
    private static readonly string[] Modes = ["Cancel", "cancel", "Kill", "kill", "Purge", "purge"];

    /// <summary>Maps <c>/invocations</c>.</summary>
    public static void MapInvocations(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/invocations").WithTags("invocation").AddEndpointFilter<JsonBodyErrors>();
        Map(group, "cancel", "cancel_invocation", "Cancel an invocation", Unknown)
            .WithDescription("The invocation and those it called end with an error that their code can handle.");
        Map(group, "kill", "kill_invocation", "Kill an invocation", Unknown)
            .WithDescription("The invocation and those it called end at once, without a chance to undo what they did.");
        Map(group, "pause", "pause_invocation", "Pause an invocation", Unknown)
            .WithDescription("It stays where it is until it is resumed.");
        Map(group, "purge", "purge_invocation", "Purge a completed invocation", Unknown)
            .WithDescription("Forgets its result, and its state where it is a workflow.");
        Map(group, "purge-journal", "purge_journal", "Purge the journal of a completed invocation", Unknown)
            .WithDescription("Forgets what it did; its result stays.");
        Map(group, "resume", "resume_invocation", "Resume an invocation", Resume)
            .WithQueryParameter("deployment", "Where to go on: `Keep`, `Latest`, or the id of a deployment. Absent means where it ran.", example: "Latest")
            .WithDescription("Lets a paused or suspended invocation go on, or one that waits for its next attempt try at once.");
        Map(group, "restart-as-new", "restart_as_new_invocation", "Restart a completed invocation as a new one", Restart)
            .WithQueryParameter("from", "Keep the journal up to this entry. Absent means only the input.", "integer", minimum: 0, example: "1")
            .WithQueryParameter("deployment", "Where to run: `Keep`, `Latest`, or the id of a deployment.", example: "Latest")
            .WithDescription("Starts an invocation with the same input.")
            .Produces<RestartedInvocationView>();
        group.MapDelete($"/{{{IdName}}}", Delete)
            .WithName("delete_invocation")
            .WithSummary("Delete an invocation")
            .WithDescription("Deprecated: use cancel, kill or purge. Answers 202 without waiting for what happens, also where nothing will.")
            .WithPathParameter(IdName, "Id of the invocation.", example: "inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO")
            .WithQueryParameter("mode", "`Cancel`, `Kill` or `Purge`. Absent means `Cancel`.", example: "Kill")
            .Produces(StatusCodes.Status202Accepted)
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .ProducesText(StatusCodes.Status400BadRequest);
    }

    private static RouteHandlerBuilder Map(RouteGroupBuilder group, string verb, string name, string summary, Delegate handler) => group
        .MapPatch($"/{{{IdName}}}/{verb}", handler)
        .WithName(name)
        .WithSummary(summary)
        .WithPathParameter(IdName, "Id of the invocation.", example: "inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO")
        .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
        .ProducesText(StatusCodes.Status400BadRequest)
        .Produces<ErrorBody>(StatusCodes.Status404NotFound);

    private static IResult Unknown([FromRoute(Name = IdName)] string id) => Malformed(id) ?? NotFound(id);

    private static IResult Resume([FromRoute(Name = IdName)] string id, HttpRequest request) =>
        Malformed(id) ?? BadDeployment(request.Query) ?? NotFound(id);

    private static IResult Restart([FromRoute(Name = IdName)] string id, HttpRequest request)
    {
        _ = QueryParameters.UInt32(request.Query, "from");
        return Resume(id, request);
    }

    private static IResult Delete([FromRoute(Name = IdName)] string id, HttpRequest request)
    {
        if (request.Query["mode"] is [{ } mode, ..] && !Modes.Contains(mode))
            throw QueryParameters.Rejected("mode", $"unknown variant `{mode}`, expected one of {string.Join(", ", Modes.Select(word => $"`{word}`"))}");
        return Malformed(id) ?? TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static IResult? Malformed(string id) => InvocationId.TryParse(id, out _, out string? error)
        ? null
        : JsonBodyErrors.Error(StatusCodes.Status400BadRequest, $"The request field 'invocation_id' is invalid. Reason: {error}");

    private static IResult? BadDeployment(IQueryCollection query)
    {
        if (query["deployment"] is not [{ } text, ..]
            || text.Equals("keep", StringComparison.OrdinalIgnoreCase)
            || text.Equals("latest", StringComparison.OrdinalIgnoreCase)
            || DeploymentId.TryParse(text, out _, out string? error))
            return null;
        return JsonBodyErrors.Error(StatusCodes.Status400BadRequest, $"The query parameter 'deployment' is invalid. Reason: {error}");
    }

    private static IResult NotFound(string id) =>
        JsonBodyErrors.Error(StatusCodes.Status404NotFound, $"The requested invocation '{id}' does not exist");
}
