using Swashbuckle.AspNetCore.SwaggerUI;

namespace Restate.Admin.Api.OpenApi;

/// <summary>Swagger UI at <c>/swagger</c>: all of it comes from this process, and the page may talk to nothing else.</summary>
internal static class SwaggerUi
{
    private const string Prefix = "/swagger";

    /// <summary>Swagger UI writes styles into the page and draws icons from data in its style sheet; all else is its own files.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    /// <summary>Serves the page. What serves it is built at its first request: most nodes never show it.</summary>
    public static void UseSwaggerPage(this IApplicationBuilder application)
    {
        application.Use(next =>
        {
            var page = new Lazy<RequestDelegate>(() => Build(application, next));
            return context => context.Request.Path.StartsWithSegments(Prefix) ? ServeAsync(context, page.Value) : next(context);
        });
    }

    private static Task ServeAsync(HttpContext context, RequestDelegate page)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        return page(context);
    }

    private static RequestDelegate Build(IApplicationBuilder application, RequestDelegate next)
    {
        IApplicationBuilder page = application.New();
        page.UseSwaggerUI(options =>
        {
            options.DocumentTitle = "Restate Admin API";
            options.RoutePrefix = Prefix[1..];

            // Relative, so that the page under a version prefix shows the document under the same one.
            options.SwaggerEndpoint("../openapi", "Admin API");
            options.DocExpansion(DocExpansion.List);
            options.DefaultModelsExpandDepth(0);
            options.DisplayRequestDuration();
            options.DisplayOperationId();
            options.EnableDeepLinking();
            options.EnableValidator(null);
        });
        page.Run(next);
        return page.Build();
    }
}
