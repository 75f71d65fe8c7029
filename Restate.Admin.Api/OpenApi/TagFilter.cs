using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Restate.Admin.Api.OpenApi;

/// <summary>Says what the tags mean, in the order in which a reader wants them. Names are Restate's where it has the resource.</summary>
internal sealed class TagFilter : IDocumentFilter
{
    private static readonly (string Name, string Description)[] Known =
    [
        ("memory", "Memory of the process, RocksDB's budget and its partitions"),
        ("partition", "Partitions of this node"),
        ("introspection", "SQL over state and the node's own tables"),
        ("deployment", "Endpoints that serve services"),
        ("service", "Services and the state of their objects"),
        ("service_handler", "Handlers of services"),
        ("invocation", "Invocations; this node runs none yet"),
        ("subscription", "Subscriptions to events; this node has none"),
        ("kafka_cluster", "Kafka clusters; this node has none"),
        ("rule", "Concurrency-limit rules; this node has none"),
        ("vqueue", "Virtual queues; this node has none"),
        ("config", "Effective configuration"),
        ("health", "Health of the admin API"),
        ("cluster_health", "Health of the cluster"),
        ("version", "Versions of the server and its API"),
        ("openapi", "This document"),
    ];

    /// <inheritdoc/>
    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        var used = swaggerDoc.Paths.Values.SelectMany(path => path.Operations!.Values)
            .SelectMany(operation => operation.Tags!)
            .Select(tag => tag.Reference.Id)
            .ToHashSet();
        swaggerDoc.Tags = new HashSet<OpenApiTag>(Known
            .Where(tag => used.Contains(tag.Name))
            .Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }));
    }
}
