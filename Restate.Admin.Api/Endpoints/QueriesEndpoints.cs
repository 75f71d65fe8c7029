using Microsoft.AspNetCore.Http.HttpResults;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Security;

namespace Restate.Admin.Api.Endpoints;

/// <summary>The queries of the node: which run and ran, and how to end one.</summary>
internal static class QueriesEndpoints
{
    /// <summary>Maps <c>/queries</c>.</summary>
    public static void MapQueries(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/queries").WithTags("introspection");
        group.MapGet("", List)
            .WithName("list_queries")
            .WithSummary("List the queries that wait or run, and the last ones that ended")
            .WithDescription("The same rows as `sys_queries`, which takes a slot of its own to read.");
        group.MapDelete("/{id}", Cancel)
            .WithName("cancel_query")
            .WithSummary("Cancel a query")
            .WithDescription(
                "Answers at once; the query ends within 100 ms. Its caller gets 409, or a cut answer where rows were on their way. 404 where no "
                + "query of that name waits or runs any more.")
            .WithPathParameter("id", "Name of the query, as `GET /queries` and the header `x-restate-query-id` tell it.", example: "q_3f09ac_17");
    }

    private static Ok<QueryListView> List(QueryLog log) => TypedResults.Ok(new QueryListView([.. log.Records.Select(View)]));

    private static Results<Accepted, NotFound<ErrorBody>> Cancel(string id, HttpContext context, QueryLog log)
    {
        if (log.Cancel(id) is not { } record)
            return TypedResults.NotFound(new ErrorBody($"The requested query '{id}' does not wait or run"));
        context.RecordChange(new { record.Client, record.Text }, after: null);
        return TypedResults.Accepted((string?)null);
    }

    private static QueryView View(QueryRecord record)
    {
        QueryFigures figures = record.Figures;
        return new QueryView(
            record.Id,
            record.State.ToString().ToLowerInvariant(),
            record.Client,
            record.Text,
            record.StartedAt,
            figures.Elapsed.TotalMilliseconds,
            figures.Partitions,
            figures.RowsScanned,
            figures.Rows,
            figures.PeakBytes,
            figures.SpilledBytes,
            record.Error);
    }
}
