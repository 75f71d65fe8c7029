using Microsoft.Extensions.Primitives;
using Restate.Admin.Api.Contracts;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Security;

/// <summary>
/// Asks for a bearer token (RFC 6750) where tokens are configured, and refuses changes where the node is read-only. Stands between the
/// choice of the route and its handler.
/// </summary>
internal sealed class AccessControl(RequestDelegate next, AccessTokens tokens, ConfigurationStore configuration, AccessMetrics metrics)
{
    private const string Scheme = "Bearer";

    private static readonly object TokenItem = new();

    /// <summary>Name of the token that a request came with; null without one.</summary>
    public static string? CallerOf(HttpContext context) => (context.Items[TokenItem] as AccessToken)?.Name;

    /// <summary>Lets the request on, or answers it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        AccessMetadata access = AccessMetadata.Of(context);
        if (tokens.AreRequired && access.Scope is { } scope && Refuse(context, scope) is { } refusal)
            return refusal;
        return access.IsChange && configuration.Current.Value.Admin.ReadOnly
            ? AnswerAsync(
                context,
                RefusalReason.ReadOnly,
                "this node is read-only (admin.read-only = true): the admin API takes GET requests and queries, nothing that may change something")
            : next(context);
    }

    private Task? Refuse(HttpContext context, AccessScope scope)
    {
        StringValues header = context.Request.Headers.Authorization;
        if (header.Count == 0)
        {
            context.Response.Headers.WWWAuthenticate = Scheme;
            return AnswerAsync(
                context, RefusalReason.Token, $"a bearer token is needed: 'Authorization: Bearer TOKEN' ({AccessTokenFile.Key} is set on this node)");
        }

        if (Presented(header) is not { } presented || tokens.Find(presented) is not { } token)
        {
            context.Response.Headers.WWWAuthenticate = Scheme + " error=\"invalid_token\"";
            return AnswerAsync(
                context, RefusalReason.Token, "the 'Authorization' header holds no bearer token that this node takes, or one that has expired");
        }

        context.Items[TokenItem] = token;
        if (token.Opens(scope))
            return null;
        string needed = scope.ToString().ToLowerInvariant();
        context.Response.Headers.WWWAuthenticate = $"{Scheme} error=\"insufficient_scope\", scope=\"{needed}\"";
        return AnswerAsync(
            context, RefusalReason.Scope, $"the token '{token.Name}' does not open this: it needs the scope {needed}{(scope == AccessScope.Admin ? "" : " or admin")}");
    }

    private static string? Presented(StringValues header)
    {
        if (header.Count != 1 || header[0] is not { } text)
            return null;
        int blank = text.IndexOf(' ', StringComparison.Ordinal);
        return blank > 0 && text.AsSpan(0, blank).Equals(Scheme, StringComparison.OrdinalIgnoreCase) ? text[(blank + 1)..].Trim() : null;
    }

    private Task AnswerAsync(HttpContext context, RefusalReason reason, string message)
    {
        metrics.Refused(reason);
        context.Response.StatusCode = reason == RefusalReason.Token ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(new ErrorBody(message), options: null, contentType: "application/json", context.RequestAborted);
    }
}
