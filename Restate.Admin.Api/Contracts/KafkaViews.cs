using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>A subscription: events of a Kafka topic that invoke a handler.</summary>
/// <param name="Id">Its id, <c>sub_…</c>.</param>
/// <param name="Source">Where events come from, <c>kafka://cluster/topic</c>.</param>
/// <param name="Sink">Which handler they invoke, <c>service://Service/handler</c>.</param>
/// <param name="Options">Options of the Kafka consumer.</param>
public sealed record SubscriptionView(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("sink")] string Sink,
    [property: JsonPropertyName("options")] IReadOnlyDictionary<string, string> Options);

/// <summary>Answer to <c>GET /subscriptions</c>.</summary>
/// <param name="Subscriptions">The subscriptions.</param>
public sealed record SubscriptionListView([property: JsonPropertyName("subscriptions")] IReadOnlyList<SubscriptionView> Subscriptions);

/// <summary>Body of <c>POST /subscriptions</c>.</summary>
/// <param name="Source">Where events come from, <c>kafka://cluster/topic</c>.</param>
/// <param name="Sink">Which handler they invoke, <c>service://Service/handler</c>.</param>
/// <param name="Options">Options of the Kafka consumer.</param>
public sealed record CreateSubscriptionRequest(
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("sink")] string Sink,
    [property: JsonPropertyName("options")] IReadOnlyDictionary<string, string>? Options);

/// <summary>A Kafka cluster that subscriptions can name.</summary>
/// <param name="Name">Its name in the source of a subscription.</param>
/// <param name="Properties">Properties of its clients; secrets are masked.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record KafkaClusterView(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("properties")] IReadOnlyDictionary<string, string> Properties,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt);

/// <summary>Answer to <c>GET /kafka-clusters</c>.</summary>
/// <param name="Clusters">The clusters.</param>
public sealed record KafkaClusterListView([property: JsonPropertyName("clusters")] IReadOnlyList<KafkaClusterView> Clusters);

/// <summary>Body of <c>POST /kafka-clusters</c>.</summary>
/// <param name="Name">Its name in the source of a subscription.</param>
/// <param name="Properties">Properties of its clients; <c>bootstrap.servers</c> or <c>metadata.broker.list</c> must be among them.</param>
public sealed record CreateKafkaClusterRequest(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("properties")] IReadOnlyDictionary<string, string> Properties);

/// <summary>Body of <c>PATCH /kafka-clusters/{cluster_name}</c>.</summary>
/// <param name="Properties">The new properties; they replace the old ones.</param>
public sealed record UpdateKafkaClusterRequest([property: JsonPropertyName("properties")] IReadOnlyDictionary<string, string> Properties);

/// <summary>How the bodies of subscriptions and Kafka clusters are written.</summary>
[JsonSerializable(typeof(SubscriptionListView))]
[JsonSerializable(typeof(KafkaClusterListView))]
public sealed partial class KafkaJsonContext : JsonSerializerContext
{
    /// <summary>The context that leaves quotes and other letters readable; the bodies never stand in HTML.</summary>
    public static KafkaJsonContext Plain { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
