namespace Restate.Admin.Api.Endpoints;

/// <summary>
/// Version prefixes of the admin API, and what else of its routing clients of Restate rely on: GET routes take HEAD, a path ends
/// without a slash, a wrong method is answered with the methods that are right, a wrong content type with the right one.
/// </summary>
internal static class ApiVersion
{
    /// <summary>Lowest prefix served, <c>/v2</c>.</summary>
    public const int Min = 2;

    /// <summary>Highest prefix served, <c>/v4</c>.</summary>
    public const int Max = 4;

    /// <summary>Pages for browsers, whose folders end in a slash.</summary>
    private static readonly string[] Pages = ["/ui", "/swagger"];

    private static readonly object VersionItem = new();

    /// <summary>The version a request came in by; null without a prefix, which means the newest behaviour.</summary>
    public static int? Of(HttpContext context) => context.Items.TryGetValue(VersionItem, out object? version) ? (int?)version : null;

    /// <summary>Takes the prefix off the path. Stands before routing.</summary>
    public static void UseApiVersions(this IApplicationBuilder application) => application.Use(InvokeAsync);

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        if (VersionOf(request.Path, out PathString rest) is { } version)
        {
            if (version is < Min)
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                context.Response.ContentType = "text/plain; charset=utf-8";
                await context.Response.WriteAsync(
                    $"Unsupported Admin API version V{version}. This server supports versions between V{Min} and V{Max}.", context.RequestAborted);
                return;
            }

            if (rest.Value == "/")
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            context.Items[VersionItem] = version;
            request.Path = rest.HasValue ? rest : "/";
        }

        if (request.Path.Value is { Length: > 1 } path && path[^1] == '/' && !Pages.Any(page => request.Path.StartsWithSegments(page)))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // The server knows the method by itself and sends no body; the routes below need not.
        bool head = HttpMethods.IsHead(request.Method);
        if (head)
            request.Method = HttpMethods.Get;
        try
        {
            await next(context);
        }
        finally
        {
            if (head)
                request.Method = HttpMethods.Head;
        }

        await FinishRefusalAsync(context);
    }

    /// <summary>Gives what routing refused by itself the form that clients know.</summary>
    private static async Task FinishRefusalAsync(HttpContext context)
    {
        HttpResponse response = context.Response;

        // A body that a handler wrote may still be in the compressor: what it says of itself tells, not only whether it has left.
        if (response.HasStarted || response.ContentType is not null)
            return;
        if (response.StatusCode == StatusCodes.Status405MethodNotAllowed)
        {
            response.Headers.Allow = Allowed(response.Headers.Allow.ToString());
        }
        else if (response.StatusCode == StatusCodes.Status415UnsupportedMediaType)
        {
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(JsonBody.ExpectedContentType, context.RequestAborted);
        }
    }

    private static int? VersionOf(PathString path, out PathString rest)
    {
        for (int version = 1; version <= Max; version++)
        {
            if (path.StartsWithSegments($"/v{version}", StringComparison.Ordinal, out rest))
                return version;
        }

        rest = path;
        return null;
    }

    /// <summary>The methods as the peer lists them: HEAD after GET, no spaces.</summary>
    private static string Allowed(string methods) => string.Join(',', methods
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .OrderBy(method => method != HttpMethods.Get)
        .SelectMany(method => method == HttpMethods.Get ? (string[])[method, HttpMethods.Head] : [method])
        .Distinct());
}
