using Microsoft.Extensions.Primitives;

namespace Restate.Admin.Api.Endpoints.Http;

/// <summary>
/// Refuses what a page from elsewhere, open in a browser that reaches this server, sends to change something. There is no login that
/// would stop it, and browsers send simple requests without asking first.
/// </summary>
/// <remarks>
/// Only browsers name an <c>Origin</c>, and they always do where the method may change something: curl, the CLI and the SDKs send none
/// and are never refused. An origin has to be the host the request is addressed to. That alone is no proof: a page of
/// <c>http://evil.example:9070</c> whose name is made to resolve to 127.0.0.1 once it is loaded (DNS rebinding) is of the same origin. So
/// the host must also be one that no stranger can make point here: an address, <c>localhost</c>, a name without dots (containers), or one
/// under a domain that public DNS never answers for. Other names are accepted from https pages: this server speaks plain http, so such a
/// page was loaded through a proxy that holds the certificate of that name.
/// </remarks>
internal static class ForeignOrigins
{
    /// <summary>Top-level domains that are reserved for local use (RFC 2606, 6761, 6762, 8375; ICANN for internal).</summary>
    private static readonly string[] LocalDomains = [".localhost", ".local", ".internal", ".test", ".home.arpa"];

    /// <summary>Puts the check before everything that may change something.</summary>
    public static void RefuseForeignOrigins(this IApplicationBuilder application) => application.Use(InvokeAsync);

    /// <summary>Why a request is refused; null when it is not.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="host">The host it is addressed to, with its port unless that is the default.</param>
    /// <param name="origins">Its <c>Origin</c>.</param>
    /// <param name="fetchSite">Its <c>Sec-Fetch-Site</c>.</param>
    public static string? Refusal(string method, HostString host, StringValues origins, StringValues fetchSite)
    {
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method))
            return null;
        if (origins.Count == 0)
        {
            return fetchSite.Any(site => site is "cross-site" or "same-site")
                ? $"requests from another origin ('{fetchSite}') may not change anything here"
                : null;
        }

        if (origins.Count > 1
            || !Uri.TryCreate(origins[0], UriKind.Absolute, out Uri? origin)
            || (origin.Scheme != Uri.UriSchemeHttp && origin.Scheme != Uri.UriSchemeHttps)
            || !IsSame(origin, host))
        {
            return $"requests from another origin ('{origins}') may not change anything here";
        }

        return origin.Scheme == Uri.UriSchemeHttps || IsLocalName(origin)
            ? null
            : $"requests from pages of '{origins}' may not change anything here: a public name over plain http may be made to point here by "
                + "anybody. Use an address, localhost, or an https proxy";
    }

    private static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        if (Refusal(request.Method, request.Host, request.Headers.Origin, request.Headers["Sec-Fetch-Site"]) is not { } refusal)
            return next(context);
        return JsonBodyErrors.Error(StatusCodes.Status403Forbidden, refusal).ExecuteAsync(context);
    }

    private static bool IsSame(Uri origin, HostString host) =>
        Uri.TryCreate($"{origin.Scheme}://{host.Value}", UriKind.Absolute, out Uri? addressed)
        && string.Equals(addressed.Host, origin.Host, StringComparison.OrdinalIgnoreCase)
        && addressed.Port == origin.Port;

    private static bool IsLocalName(Uri origin)
    {
        if (origin.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
            return true;
        string name = origin.IdnHost.TrimEnd('.');
        return !name.Contains('.', StringComparison.Ordinal)
            || LocalDomains.Any(domain => name.EndsWith(domain, StringComparison.OrdinalIgnoreCase));
    }
}
