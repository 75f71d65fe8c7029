using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Restate.Admin.Api.Contracts;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Concurrency limits and virtual queues. This node runs no invocations, so it has none of them and makes none.</summary>
internal static class LimitEndpoints
{
    private const string Json = "application/json";
    private const string Text = "text/plain";
    private const string QueueId = "vqueue_id";

    /// <summary>Maps <c>/limits/rules</c> and <c>/vqueues</c>.</summary>
    public static void MapLimits(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder rules = routes.MapGroup("/limits/rules").WithTags("rule").AddEndpointFilter<JsonBodyErrors>();
        WithBody(rules.MapPut("", UpsertAsync))
            .WithName("upsert_rules")
            .WithSummary("Create or change a batch of rules")
            .WithDescription("Refused with 501, unless the batch is empty: this node runs no invocations that could be limited.")
            .Accepts<UpsertRuleRequest[]>(Json)
            .Produces<RuleView[]>()
            .Produces<ErrorBody>(StatusCodes.Status501NotImplemented);
        WithBody(rules.MapPost("/bulk-delete", DeleteAsync))
            .WithName("bulk_delete_rules")
            .WithSummary("Delete a batch of rules by pattern")
            .WithDescription("Answers the patterns that were deleted: none, because this node has no rules.")
            .Accepts<DeleteRuleRequest[]>(Json)
            .Produces<string[]>()
            .Produces<ErrorBody>(StatusCodes.Status409Conflict);
        RouteGroupBuilder queues = routes.MapGroup("/vqueues").WithTags("vqueue").AddEndpointFilter<JsonBodyErrors>();
        Describe(queues.MapPost($"/{{{QueueId}}}/pause", ActOnQueue), "pause_vqueue", "Pause a virtual queue");
        Describe(queues.MapPost($"/{{{QueueId}}}/resume", ActOnQueue), "resume_vqueue", "Resume a virtual queue");

        static RouteHandlerBuilder WithBody(RouteHandlerBuilder route) => route
            .Produces<string>(StatusCodes.Status400BadRequest, Text)
            .Produces<string>(StatusCodes.Status413PayloadTooLarge, Text)
            .Produces<string>(StatusCodes.Status415UnsupportedMediaType, Text)
            .Produces<string>(StatusCodes.Status422UnprocessableEntity, Text);

        static void Describe(RouteHandlerBuilder route, string name, string summary) => route
            .WithName(name)
            .WithSummary(summary)
            .WithDescription("Refused with 501: this node has no virtual queues.")
            .WithPathParameter(QueueId, "Id of the virtual queue.")
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ErrorBody>(StatusCodes.Status501NotImplemented);
    }

    private static async Task<IResult> UpsertAsync(HttpRequest request)
    {
        List<(string Pattern, uint? Version)> rules = await ReadAsync(request);
        return rules.Count == 0
            ? Nothing()
            : JsonBodyErrors.Error(
                StatusCodes.Status501NotImplemented,
                $"concurrency-limit rules are not supported: this node runs no invocations, so '{rules[0].Pattern}' was not stored");
    }

    private static async Task<IResult> DeleteAsync(HttpRequest request)
    {
        (string pattern, uint? version) = (await ReadAsync(request)).Find(rule => rule.Version is not null);
        return version is null ? Nothing() : JsonBodyErrors.Error(
            StatusCodes.Status409Conflict,
            string.Create(CultureInfo.InvariantCulture, $"rule precondition Matches(v{version}) for pattern {pattern} failed (actual version: None)"));
    }

    /// <summary>Reads a batch: the patterns, and the versions expected of them.</summary>
    private static async Task<List<(string Pattern, uint? Version)>> ReadAsync(HttpRequest request)
    {
        JsonElement body = await JsonBody.ReadAsync(request, request.HttpContext.RequestAborted);
        if (body.ValueKind != JsonValueKind.Array)
            throw JsonFields.Shape("the body is no sequence of rules");
        var rules = new List<(string Pattern, uint? Version)>();
        foreach (JsonElement item in body.EnumerateArray())
        {
            string pattern = new JsonFields(item, []).RequiredText("pattern");
            uint? version = null;
            if (item.TryGetProperty("expected_version", out JsonElement expected) && expected.ValueKind != JsonValueKind.Null)
            {
                version = expected.ValueKind == JsonValueKind.Number && expected.TryGetUInt32(out uint number)
                    ? number
                    : throw JsonFields.Shape($"[{rules.Count}].expected_version: '{expected.GetRawText()}' is no number from 0 to {uint.MaxValue}");
            }

            rules.Add((pattern, version));
        }

        return rules;
    }

    private static IResult ActOnQueue([FromRoute(Name = QueueId)] string id) => VirtualQueueId.TryParse(id, out _, out string? error)
        ? JsonBodyErrors.Error(StatusCodes.Status501NotImplemented, $"virtual queues are not supported: this node runs no invocations, so there is no '{id}'")
        : JsonBodyErrors.Error(StatusCodes.Status400BadRequest, $"The request field 'vqueue_id' is invalid. Reason: {error}");

    private static IResult Nothing() => TypedResults.Text("[]", Json);
}
