using System.Text.Json;
using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Security;

/// <summary>
/// Records every request that may change something, was let in and was not refused, once it is answered. What was before and after, its handler says with
/// <see cref="AuditTrailExtensions.RecordChange"/>.
/// </summary>
internal sealed class AuditTrail(RequestDelegate next, AuditLog log, TimeProvider time)
{
    /// <summary>Characters of method, path and query that are kept.</summary>
    private const int MaxAction = 2048;

    /// <summary>Runs the request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        AccessMetadata access = AccessMetadata.Of(context);
        if (!access.IsChange || context.GetEndpoint() is null)
        {
            await next(context);
            return;
        }

        int? status = null;
        try
        {
            await next(context);
            status = context.Response.StatusCode;
        }
        finally
        {
            // Without a status: the handler failed, or the client went away; what it had told by then is done all the same.
            ChangeFeature? change = context.Features.Get<ChangeFeature>();
            if (change is not null || status < StatusCodes.Status400BadRequest)
            {
                string action = $"{context.Request.Method} {context.Request.PathBase}{context.Request.Path}{context.Request.QueryString}";
                log.Record(
                    new AuditEntry(
                        time.GetUtcNow(),
                        AccessControl.CallerOf(context),
                        context.Connection.RemoteIpAddress?.ToString(),
                        action.Length <= MaxAction ? action : action[..MaxAction] + "…",
                        status,
                        change?.Before,
                        change?.After),
                    access.IsState);
            }
        }
    }
}

/// <summary>What a handler says of its change.</summary>
internal sealed record ChangeFeature(JsonNode? Before, JsonNode? After);

/// <summary>Lets handlers say what they changed.</summary>
internal static class AuditTrailExtensions
{
    private static readonly JsonSerializerOptions Naming = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Tells the audit log what the request changed. No secrets: names of headers, not their values.</summary>
    /// <param name="context">The request.</param>
    /// <param name="before">What was; null where there was nothing, or it is not known.</param>
    /// <param name="after">What is; null where there is nothing any more.</param>
    public static void RecordChange(this HttpContext context, object? before, object? after) =>
        context.Features.Set(new ChangeFeature(Node(before), Node(after)));

    private static JsonNode? Node(object? value) => JsonSerializer.SerializeToNode(value, Naming);
}
