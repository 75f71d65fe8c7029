using Restate.Admin.Api.Security;

namespace Restate.Admin.Api.OpenApi;

/// <summary>The description of the API as one of its routes.</summary>
internal static class OpenApiEndpoints
{
    /// <summary>Maps <c>/openapi</c>.</summary>
    public static void MapOpenApi(this IEndpointRouteBuilder routes) => routes
        .MapGet("/openapi", (HttpContext context, ApiDocument document) => WriteAsync(context, document, routes.DataSources))
        .NeedsNoToken()
        .WithName("openapi_spec")
        .WithTags("openapi")
        .WithSummary("Read this document")
        .WithDescription("OpenAPI 3.1. Swagger UI at `/swagger` shows it.")
        .Produces<object>(StatusCodes.Status200OK, "application/json");

    private static async Task WriteAsync(HttpContext context, ApiDocument document, ICollection<EndpointDataSource> routes)
    {
        byte[] json = await document.ReadAsync(routes);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}
