using Microsoft.AspNetCore.Mvc;
using Restate.Admin.Api.Contracts;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Kafka clusters. This node consumes no events, so it has none and creates none.</summary>
internal static class KafkaClusterEndpoints
{
    private const string Json = "application/json";
    private const string Text = "text/plain";
    private const string NameOfCluster = "cluster_name";

    /// <summary>One of them must be among the properties of a cluster.</summary>
    private static readonly string[] BrokerProperties = ["bootstrap.servers", "metadata.broker.list"];

    /// <summary>Maps <c>/kafka-clusters</c>.</summary>
    public static void MapKafkaClusters(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/kafka-clusters").WithTags("kafka_cluster").AddEndpointFilter<JsonBodyErrors>();
        group.MapGet("", () => TypedResults.Json(new KafkaClusterListView([]), KafkaJsonContext.Plain.KafkaClusterListView, Json))
            .WithName("list_kafka_clusters")
            .WithSummary("List Kafka clusters")
            .WithDescription("Always empty: this node does not consume events.")
            .Produces<KafkaClusterListView>();
        WithBody(group.MapPost("", CreateAsync).Accepts<CreateKafkaClusterRequest>(Json))
            .WithName("create_kafka_cluster")
            .WithSummary("Create a Kafka cluster")
            .WithDescription("Refused with 501: this node does not consume events.")
            .Produces<ErrorBody>(StatusCodes.Status501NotImplemented);
        Describe(group.MapGet($"/{{{NameOfCluster}}}", Get), "get_kafka_cluster", "Read a Kafka cluster")
            .WithQueryParameter("include_subscriptions", "True adds its subscriptions. Absent means false.", "boolean")
            .Produces<string>(StatusCodes.Status400BadRequest, Text);
        Describe(group.MapDelete($"/{{{NameOfCluster}}}", Delete), "delete_kafka_cluster", "Delete a Kafka cluster")
            .WithQueryParameter("force", "True also deletes its subscriptions. Absent means false.", "boolean")
            .Produces<string>(StatusCodes.Status400BadRequest, Text);
        WithBody(Describe(group.MapPatch($"/{{{NameOfCluster}}}", UpdateAsync), "update_kafka_cluster", "Change a Kafka cluster"))
            .Accepts<UpdateKafkaClusterRequest>(Json);

        static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) => route
            .WithName(name)
            .WithSummary(summary)
            .WithPathParameter(NameOfCluster, "Name of the cluster.", example: "my-cluster")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);

        static RouteHandlerBuilder WithBody(RouteHandlerBuilder route) => route
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .ProducesText(StatusCodes.Status400BadRequest)
            .Produces<string>(StatusCodes.Status413PayloadTooLarge, Text)
            .Produces<string>(StatusCodes.Status415UnsupportedMediaType, Text)
            .Produces<string>(StatusCodes.Status422UnprocessableEntity, Text);
    }

    private static async Task<IResult> CreateAsync(HttpRequest request)
    {
        JsonFields body = await JsonBody.ReadFieldsAsync(request, request.HttpContext.RequestAborted, "name", "properties");
        string name = body.RequiredText("name");
        if (name.Length == 0 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_'))
            throw JsonFields.Shape($"name: '{name}' is not a host name");
        return NoBroker(name, body) ?? JsonBodyErrors.Error(
            StatusCodes.Status501NotImplemented, $"Kafka clusters are not supported: this node does not consume events, so '{name}' was not created");
    }

    private static IResult Get([FromRoute(Name = NameOfCluster)] string name, HttpRequest request)
    {
        _ = QueryParameters.Flag(request.Query, "include_subscriptions");
        return JsonBodyErrors.Error(StatusCodes.Status404NotFound, $"The requested Kafka cluster '{name}' does not exist");
    }

    private static IResult Delete([FromRoute(Name = NameOfCluster)] string name, HttpRequest request)
    {
        _ = QueryParameters.Flag(request.Query, "force");
        return JsonBodyErrors.Error(StatusCodes.Status404NotFound, $"not found in the schema registry: kafka cluster named '{name}'");
    }

    private static async Task<IResult> UpdateAsync([FromRoute(Name = NameOfCluster)] string name, HttpRequest request)
    {
        JsonFields body = await JsonBody.ReadFieldsAsync(request, request.HttpContext.RequestAborted, "properties");
        return NoBroker(name, body)
            ?? JsonBodyErrors.Error(StatusCodes.Status404NotFound, $"not found in the schema registry: kafka cluster '{name}'");
    }

    private static IResult? NoBroker(string name, JsonFields body)
    {
        if (!body.HasValue("properties"))
            throw JsonFields.Shape("missing field `properties`");
        return BrokerProperties.Any(body.TextMap("properties").ContainsKey) ? null : JsonBodyErrors.Error(
            StatusCodes.Status400BadRequest,
            $"kafka cluster '{name}' properties must contain either {string.Join(" or ", BrokerProperties.Select(key => $"'{key}'"))}");
    }
}
