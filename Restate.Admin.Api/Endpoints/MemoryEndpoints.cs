using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Query;
using Restate.Storage.Configuration;
using Restate.Storage.Logs;
using Restate.Storage.Memory;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Memory over REST: the ledger, RocksDB's settings and plan, partitions, rebalancing.</summary>
internal static partial class MemoryEndpoints
{
    /// <summary>Maps <c>/memory</c> and what is below it.</summary>
    public static void MapMemory(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/memory").WithTags("memory");
        group.MapGet("", GetMemory)
            .WithName("get_memory")
            .WithSummary("Read all memory pools against the process limit")
            .WithDescription(
                "Every named pool with its capacity, its use and the setting that bounds it; what the process really holds; and what should be "
                + "changed when the pools together come near the limit.");
        group.MapGet("/rocksdb", GetRocksDb)
            .WithName("get_rocksdb_memory")
            .WithSummary("Read RocksDB's memory settings, their plan and what is used")
            .WithDescription(
                "`desired` are the settings in force, `applied` those that the memory controller has carried out. The two differ until "
                + "`applied_generation` has reached `generation`.")
            .WithResponseHeader(StatusCodes.Status200OK, "ETag", TagDescription);
        group.MapGet("/query-engine", GetQueryEngine)
            .WithName("get_query_engine_memory")
            .WithSummary("Read the query engine's memory settings and what is used")
            .WithDescription(
                "`desired` are the settings in force. `applied_generation` reaches `generation` once DuckDB's own limit is in place too: it refuses "
                + "a limit below what running queries hold, `refusal` says so then, and is asked again until it takes it.")
            .WithResponseHeader(StatusCodes.Status200OK, "ETag", TagDescription);
        group.MapGet("/record-cache", GetRecordCache)
            .WithName("get_record_cache_memory")
            .WithSummary("Read the record cache's size, use and hit ratio")
            .WithDescription("The cache holds recent log records, for partitions that replay. A size of 0 disables it.")
            .WithResponseHeader(StatusCodes.Status200OK, "ETag", TagDescription);
        MapPatches(group);
        group.MapGet("/partitions", GetPartitions)
            .WithName("list_partition_memory")
            .WithSummary("Read the memtable memory of every partition")
            .WithDescription("What each partition may use, what it uses, and how far its write buffer size is from the plan's.");
        group.MapPost("/rebalance", RebalanceAsync)
            .WithName("rebalance_memory")
            .WithSummary("Run the memory controller now")
            .WithDescription("Does not wait for the next tick. The answer is the report of this one; flushes it started are still running then.")
            .Produces<ErrorBody>(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/rebalances", GetRebalances)
            .WithName("list_rebalances")
            .WithSummary("Read the last reports of the memory controller")
            .WithQueryParameter(
                "limit", $"Number of reports, newest first; {MemoryController.ReportCapacity} when absent.", "integer", 1, MemoryController.ReportCapacity, "5");
        group.MapGet("/history", GetHistory)
            .WithName("get_memory_history")
            .WithSummary("Read the last hour of the process's memory")
            .WithDescription(
                "A sample every 10 s of limit, resident memory and every pool, oldest first. Samples from before a restart, a kill included, are kept.")
            .WithQueryParameter(
                "limit", $"Number of samples, the newest; {MemoryHistory.Capacity} when absent.", "integer", 1, MemoryHistory.Capacity, "30");
    }

    private static Ok<MemoryView> GetMemory(
        ConfigurationStore configuration, MemoryController controller, MemoryLedger ledger, MemoryGuard guard) =>
        TypedResults.Ok(MemoryViewMapping.Ledger(
            ledger.Read(), controller.PlanFor(configuration.Current.Value).Warnings, controller.Limit, ProcessMemory.ReadAnonymousBytes(), guard.Step));

    private static Ok<MemoryRocksDbView> GetRocksDb(
        HttpContext http, ConfigurationStore configuration, MemoryController controller, ISharedMemory memory)
    {
        ConfigurationSnapshot current = configuration.Current;
        MemoryPatch.SetTag(http, current);
        return TypedResults.Ok(MemoryViewMapping.RocksDb(current, controller, memory));
    }

    private static Ok<MemoryQueryEngineView> GetQueryEngine(HttpContext http, ConfigurationStore configuration, QueryEngine engine)
    {
        ConfigurationSnapshot current = configuration.Current;
        MemoryPatch.SetTag(http, current);
        return TypedResults.Ok(MemoryViewMapping.QueryEngine(current, engine));
    }

    private static Ok<MemoryRecordCacheView> GetRecordCache(HttpContext http, ConfigurationStore configuration, RecordCacheMemory cache)
    {
        ConfigurationSnapshot current = configuration.Current;
        MemoryPatch.SetTag(http, current);
        return TypedResults.Ok(MemoryViewMapping.RecordCache(current, cache));
    }

    private static Ok<MemoryPartitionsView> GetPartitions(
        ConfigurationStore configuration, MemoryController controller, ISharedMemory memory, IPartitionMemorySource partitions) =>
        TypedResults.Ok(MemoryViewMapping.Partitions(controller.PlanFor(configuration.Current.Value), memory.Targets, partitions.Read()));

    private static async Task<Results<Ok<MemoryRebalanceView>, JsonHttpResult<ErrorBody>>> RebalanceAsync(
        MemoryController controller, CancellationToken cancellationToken)
    {
        try
        {
            return TypedResults.Ok(MemoryViewMapping.Rebalance(await controller.RebalanceNowAsync(cancellationToken)));
        }
        catch (ObjectDisposedException)
        {
            return TypedResults.Json(
                new ErrorBody("the node is stopping; its memory is not rebalanced any more"), statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static Results<Ok<MemoryRebalancesView>, BadRequest<ErrorBody>> GetRebalances(string? limit, MemoryController controller) =>
        TryReadLimit(limit, MemoryController.ReportCapacity, out int count, out BadRequest<ErrorBody>? error)
            ? TypedResults.Ok(new MemoryRebalancesView([.. controller.Reports.Reverse().Take(count).Select(MemoryViewMapping.Rebalance)]))
            : error;

    private static Results<Ok<MemoryHistoryView>, BadRequest<ErrorBody>> GetHistory(string? limit, MemoryHistory history) =>
        TryReadLimit(limit, MemoryHistory.Capacity, out int count, out BadRequest<ErrorBody>? error)
            ? TypedResults.Ok(MemoryViewMapping.History(history.Samples.TakeLast(count)))
            : error;

    /// <summary>Reads how many of the last items are wanted; all of them when nothing is said.</summary>
    private static bool TryReadLimit(string? limit, int most, out int count, [NotNullWhen(false)] out BadRequest<ErrorBody>? error)
    {
        count = most;
        bool valid = limit is null
            || (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count >= 1 && count <= most);
        error = valid ? null : TypedResults.BadRequest(new ErrorBody($"The query parameter 'limit' is invalid: \"{limit}\"; allowed is 1 to {most}"));
        return valid;
    }
}
