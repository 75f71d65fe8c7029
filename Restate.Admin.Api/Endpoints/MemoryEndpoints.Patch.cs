using Microsoft.AspNetCore.Http.HttpResults;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Query;
using Restate.Storage.Configuration;
using Restate.Storage.Logs;
using Restate.Storage.Memory;

namespace Restate.Admin.Api.Endpoints;

/// <summary>The changes of memory settings; how they are read and applied is <see cref="MemoryPatch"/>.</summary>
internal static partial class MemoryEndpoints
{
    private const string TagDescription = "The generation of the desired settings in quotes, for `If-Match`.";

    private const string AllOrNothing = "All named settings or, when one of them is refused, none. ";

    private const string TakesBack =
        " A null takes back what was changed over REST, so that flags, environment, file or default count again.";

    /// <summary>The keys that a change of RocksDB's settings may name, as they are in TOML.</summary>
    private static readonly string[] RocksDbKeys =
    [
        "rocksdb-total-memory-size",
        "rocksdb-total-memtables-ratio",
        "worker.storage.rocksdb-memory-budget",
        "worker.storage.rocksdb-memory-ratio",
        "worker.storage.rocksdb-disable-auto-memory-reclaimer",
        "worker.storage.rocksdb-rebalance-interval",
        "log-server.rocksdb-memory-budget",
        "log-server.rocksdb-memory-ratio",
        "metadata-server.rocksdb-memory-budget",
        "metadata-server.rocksdb-memory-ratio",
        "bifrost.local.rocksdb-memory-budget",
        "bifrost.local.rocksdb-memory-ratio",
    ];

    private static readonly string[] QueryEngineKeys = ["admin.query-engine.memory-size", "admin.query-engine.query-timeout"];

    private static readonly string[] RecordCacheKeys = ["bifrost.record-cache-memory-size"];

    private static void MapPatches(IEndpointRouteBuilder group)
    {
        group.MapPatch("/rocksdb", PatchRocksDbAsync)
            .WithName("modify_rocksdb_memory")
            .WithSummary("Change RocksDB's memory settings while the node runs")
            .WithDescription(
                AllOrNothing + "202: accepted, the controller carries it out behind the answer; 200: carried out within `wait`, or a dry run."
                + TakesBack)
            .IsMemoryPatch<ModifyMemoryRequest>()
            .WithRequestExample("total", "A smaller total", """{"rocksdb-total-memory-size": "512 MiB"}""")
            .WithRequestExample(
                "shares",
                "Another total and another division",
                """{"rocksdb-total-memory-size": 4294967296, "rocksdb-total-memtables-ratio": 0.5, "worker.storage.rocksdb-memory-ratio": 0.7, "log-server.rocksdb-memory-ratio": 0.29}""")
            .WithRequestExample("reset", "Take back a change", """{"rocksdb-total-memory-size": null}""")
            .WithResponseExample(
                StatusCodes.Status400BadRequest,
                "range",
                "A value out of range",
                """{"message": "invalid value float `1.5`, expected a number from 0.1 to 1 for key \"rocksdb-total-memtables-ratio\"", "restate_code": null}""");
        group.MapPatch("/query-engine", PatchQueryEngineAsync)
            .WithName("modify_query_engine_memory")
            .WithSummary("Change the query engine's memory and time limit while the node runs")
            .WithDescription(
                AllOrNothing + "New queries and the watch over memory follow at once: a query that holds more than a lowered size ends with 507. "
                + "202: accepted, DuckDB's own limit follows behind the answer, as soon as running queries hold less; 200: it followed within "
                + "`wait`, or a dry run." + TakesBack)
            .IsMemoryPatch<ModifyQueryEngineMemoryRequest>()
            .WithRequestExample("size", "A smaller engine", """{"admin.query-engine.memory-size": "256 MiB"}""")
            .WithRequestExample(
                "both", "Another size and another time limit", """{"admin.query-engine.memory-size": "25%", "admin.query-engine.query-timeout": "2m"}""")
            .WithRequestExample("reset", "Take back a change", """{"admin.query-engine.memory-size": null}""");
        group.MapPatch("/record-cache", PatchRecordCacheAsync)
            .WithName("modify_record_cache_memory")
            .WithSummary("Change the record cache's size while the node runs")
            .WithDescription(
                AllOrNothing + "Carried out before the answer: what no longer fits is freed, and 0 disables the cache. 202 without `wait`, 200 with "
                + "it, or for a dry run." + TakesBack)
            .IsMemoryPatch<ModifyRecordCacheMemoryRequest>()
            .WithRequestExample("size", "A smaller cache", """{"bifrost.record-cache-memory-size": "64 MiB"}""")
            .WithRequestExample("off", "No cache", """{"bifrost.record-cache-memory-size": 0}""")
            .WithRequestExample("reset", "Take back a change", """{"bifrost.record-cache-memory-size": null}""");
    }

    /// <summary>What all changes of memory settings have in common: parameters, answers, errors.</summary>
    public static RouteHandlerBuilder IsMemoryPatch<TRequest>(this RouteHandlerBuilder route)
        where TRequest : class => route
        .AddEndpointFilter<JsonBodyErrors>()
        .WithMetadata(new RequestBodyMetadata(typeof(TRequest)))
        .WithQueryParameter("wait", "Longest time to wait until the change is carried out, 0s to 10m; 0s when absent.", example: "10s")
        .WithQueryParameter("dry_run", "True answers with what would result and changes nothing; false when absent.", "boolean")
        .WithQueryParameter("persist", "True keeps the change over a restart; false when absent.", "boolean")
        .WithHeaderParameter("If-Match", "ETag of the settings that this change is meant for; with others in force the answer is 412.", "\"1\"")
        .WithResponseHeader(StatusCodes.Status200OK, "ETag", TagDescription)
        .WithResponseHeader(StatusCodes.Status202Accepted, "ETag", TagDescription)
        .ProducesText(StatusCodes.Status400BadRequest)
        .Produces<ErrorBody>(StatusCodes.Status412PreconditionFailed)
        .Produces<string>(StatusCodes.Status413PayloadTooLarge, "text/plain")
        .Produces<string>(StatusCodes.Status415UnsupportedMediaType, "text/plain")
        .Produces<string>(StatusCodes.Status422UnprocessableEntity, "text/plain");

    private static Task<Results<Ok<MemoryRocksDbView>, Accepted<MemoryRocksDbView>, BadRequest<ErrorBody>, JsonHttpResult<ErrorBody>>> PatchRocksDbAsync(
        HttpContext http, ConfigurationStore configuration, MemoryController controller, ISharedMemory memory, CancellationToken cancellationToken) =>
        MemoryPatch.RunAsync(
            http,
            configuration,
            new MemoryPatchTarget<MemoryRocksDbView>(
                RocksDbKeys, snapshot => MemoryViewMapping.RocksDb(snapshot, controller, memory), controller.WaitForGenerationAsync),
            cancellationToken);

    private static Task<Results<Ok<MemoryQueryEngineView>, Accepted<MemoryQueryEngineView>, BadRequest<ErrorBody>, JsonHttpResult<ErrorBody>>> PatchQueryEngineAsync(
        HttpContext http, ConfigurationStore configuration, QueryEngine engine, TimeProvider time, CancellationToken cancellationToken) =>
        MemoryPatch.RunAsync(
            http,
            configuration,
            new MemoryPatchTarget<MemoryQueryEngineView>(
                QueryEngineKeys,
                snapshot => MemoryViewMapping.QueryEngine(snapshot, engine),
                (generation, patience, cancelled) => engine.Applied.WaitAsync(generation, patience, time, cancelled)),
            cancellationToken);

    private static Task<Results<Ok<MemoryRecordCacheView>, Accepted<MemoryRecordCacheView>, BadRequest<ErrorBody>, JsonHttpResult<ErrorBody>>> PatchRecordCacheAsync(
        HttpContext http, ConfigurationStore configuration, RecordCacheMemory cache, TimeProvider time, CancellationToken cancellationToken) =>
        MemoryPatch.RunAsync(
            http,
            configuration,
            new MemoryPatchTarget<MemoryRecordCacheView>(
                RecordCacheKeys,
                snapshot => MemoryViewMapping.RecordCache(snapshot, cache),
                (generation, patience, cancelled) => cache.Applied.WaitAsync(generation, patience, time, cancelled)),
            cancellationToken);
}
