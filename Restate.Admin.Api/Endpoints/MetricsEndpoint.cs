using Prometheus;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Prometheus metrics on the node port.</summary>
internal static class MetricsEndpoint
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>An empty registry whose series all carry <c>cluster_name</c> and <c>node_name</c>.</summary>
    public static CollectorRegistry CreateRegistry(RestateConfiguration configuration)
    {
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        registry.SetStaticLabels(new Dictionary<string, string>
        {
            ["cluster_name"] = configuration.ClusterName,
            ["node_name"] = configuration.NodeName,
        });
        return registry;
    }

    /// <summary>Maps what the node port serves: <c>/metrics</c> and <c>/health</c>.</summary>
    public static void MapNodePort(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/metrics", WriteAsync).WithName("get_metrics").WithTags("node").WithSummary("Read all metrics in Prometheus' text format")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
        routes.MapNodeHealth();
    }

    private static async Task WriteAsync(HttpContext http, CollectorRegistry registry, MemoryMetrics memory, RocksDbMetricsText rocksDb)
    {
        // In memory first: a collector that fails then gives a clean 500 and not half a page.
        using var page = new MemoryStream();
        await memory.CollectAsync(registry, page, http.RequestAborted);
        rocksDb.Write(page);
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = page.Length;
        await http.Response.Body.WriteAsync(page.GetBuffer().AsMemory(0, (int)page.Length), http.RequestAborted);
    }
}
