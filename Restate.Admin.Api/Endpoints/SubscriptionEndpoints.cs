using Restate.Admin.Api.Contracts;
using Restate.Storage.Metadata.Schema;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Subscriptions. This node consumes no events: there are none, and no Kafka cluster that one could name.</summary>
internal static class SubscriptionEndpoints
{
    private const string Json = "application/json";
    private const string Text = "text/plain";
    private const string InvalidUri = "META0009";

    /// <summary>Maps <c>/subscriptions</c>.</summary>
    public static void MapSubscriptions(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/subscriptions").WithTags("subscription").AddEndpointFilter<JsonBodyErrors>();
        group.MapGet("", () => TypedResults.Json(new SubscriptionListView([]), KafkaJsonContext.Plain.SubscriptionListView, Json))
            .WithName("list_subscriptions")
            .WithSummary("List subscriptions")
            .WithDescription("Always empty: this node does not consume events.")
            .WithQueryParameter("sink", "Only those with this sink.", example: "service://Counter/add")
            .WithQueryParameter("source", "Only those with this source.", example: "kafka://my-cluster/orders")
            .Produces<SubscriptionListView>();
        group.MapPost("", CreateAsync)
            .WithName("create_subscription")
            .WithSummary("Create a subscription")
            .WithDescription("Refused with 400: the source must name a Kafka cluster, and none can be created on this node.")
            .Accepts<CreateSubscriptionRequest>(Json)
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .ProducesText(StatusCodes.Status400BadRequest)
            .Produces<string>(StatusCodes.Status413PayloadTooLarge, Text)
            .Produces<string>(StatusCodes.Status415UnsupportedMediaType, Text)
            .Produces<string>(StatusCodes.Status422UnprocessableEntity, Text);
        Describe(group.MapGet("/{subscription}", (string subscription) =>
                Missing(subscription, "The requested subscription '{0}' does not exist")), "get_subscription", "Read a subscription");
        Describe(group.MapDelete("/{subscription}", (string subscription) =>
                Missing(subscription, "not found in the schema registry: subscription with id '{0}'")), "delete_subscription", "Delete a subscription");

        static void Describe(RouteHandlerBuilder route, string name, string summary) => route
            .WithName(name)
            .WithSummary(summary)
            .WithPathParameter("subscription", "Id of the subscription.", example: "sub_16CQUlphiixt9i2ujpONA0V")
            .Produces<string>(StatusCodes.Status400BadRequest, Text)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, SchemaRegistry schema)
    {
        JsonFields body = await JsonBody.ReadFieldsAsync(context.Request, context.RequestAborted, "source", "sink", "options");
        string source = body.RequiredText("source");
        string sink = body.RequiredText("sink");
        _ = body.TextMap("options", nullable: true);
        if (After(source, "kafka://") is not { } topic)
            return Invalid("source", source, "must have a scheme segment, with supported schemes: [kafka]");
        if (After(sink, "service://") is not { } target)
            return Invalid("sink", sink, "must have a scheme segment, with supported schemes: [service]");
        if (target.Split('/') is not [{ } service, { } handler] || schema.Current.FindService(service)?.FindHandler(handler) is null)
            return Invalid("sink", sink, "cannot find service/handler specified in the sink URI");
        return JsonBodyErrors.Error(
            StatusCodes.Status400BadRequest, $"Kafka cluster '{topic.Split('/')[0]}' not found. Available clusters: []");
    }

    private static IResult Missing(string text, string message)
    {
        if (!SubscriptionId.TryParse(text, out SubscriptionId id, out string? error))
        {
            throw new RequestRejectedException(
                StatusCodes.Status400BadRequest, $"Invalid URL: Cannot parse `subscription` with value `{text}`: {error}");
        }

        return JsonBodyErrors.Error(StatusCodes.Status404NotFound, message.Replace("{0}", id.ToString(), StringComparison.Ordinal));
    }

    private static string? After(string uri, string scheme) => uri.StartsWith(scheme, StringComparison.Ordinal) ? uri[scheme.Length..] : null;

    private static IResult Invalid(string field, string uri, string reason) => JsonBodyErrors.Error(
        StatusCodes.Status400BadRequest, $"[{InvalidUri}] invalid {field} URI '{uri}': {reason}.", InvalidUri);
}
