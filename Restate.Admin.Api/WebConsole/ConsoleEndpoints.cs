using Microsoft.Net.Http.Headers;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Security;

namespace Restate.Admin.Api.WebConsole;

/// <summary>
/// The console for browsers at <c>/ui</c>. Its files hold nothing of the node, so they need no token; what the page shows it asks for over
/// the admin API, with the token of whoever sits before it.
/// </summary>
internal static class ConsoleEndpoints
{
    private const string Root = "/ui";

    /// <summary>More folders than any link into a console has.</summary>
    private const int MaxDepth = 16;

    /// <summary>Own scripts, own styles, own pictures, and talking to this server: nothing else, and nothing written into the page.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Maps <c>/ui</c> and all below it.</summary>
    public static void MapConsole(this IEndpointRouteBuilder routes) => routes
        .MapGet(Root + "/{**path}", ServeAsync)
        .NeedsNoToken()
        .ExcludeFromDescription();

    private static Task ServeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";

        string path = context.Request.Path.Value![Root.Length..];
        if (path.Length == 0)
        {
            context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            headers.Location = Root + "/" + context.Request.QueryString;
            return Task.CompletedTask;
        }

        string name = path[1..];
        if (Find(name) is { } file)
            return SendAsync(context, file);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsJsonAsync(
            new ErrorBody("the console has no such file"), options: null, contentType: "application/json", context.RequestAborted);
    }

    /// <summary>A file by its name, or the page for an address that may be one of a page: Restate's tools link such as /ui/services.</summary>
    private static ConsoleFile? Find(string name)
    {
        if (ConsoleFiles.Find(name) is { } file)
            return file;
        int depth = name.AsSpan().Count('/');
        bool isPlain = !("/" + name).Contains("//", StringComparison.Ordinal)
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '-' or '_');
        return isPlain && depth <= MaxDepth ? ConsoleFiles.Index(depth) : null;
    }

    private static Task SendAsync(HttpContext context, ConsoleFile file)
    {
        HttpResponse response = context.Response;
        response.Headers.ETag = file.ETag;

        // Kept by the browser and asked for again each time, which a 304 answers: a node of another version shows its own console at once.
        response.Headers.CacheControl = "no-cache";
        if (HasCopy(context.Request, file))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = file.ContentType;
        response.ContentLength = file.Bytes.Length;
        return response.Body.WriteAsync(file.Bytes, context.RequestAborted).AsTask();
    }

    private static bool HasCopy(HttpRequest request, ConsoleFile file)
    {
        var tag = EntityTagHeaderValue.Parse(file.ETag);
        return EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out IList<EntityTagHeaderValue>? known)
            && known.Any(copy => copy.Tag == "*" || copy.Compare(tag, useStrongComparison: false));
    }
}
