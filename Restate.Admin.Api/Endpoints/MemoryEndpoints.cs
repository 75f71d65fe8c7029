using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Restate.Admin.Api.Contracts;
using Restate.Storage.Configuration;
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
        MapPatch(group);
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
    }

    private static Ok<MemoryView> GetMemory(
        ConfigurationStore configuration, MemoryController controller, MemoryLedger ledger) =>
        TypedResults.Ok(MemoryViewMapping.Ledger(
            ledger.Read(), controller.PlanFor(configuration.Current.Value).Warnings, controller.Limit, ProcessMemory.ReadAnonymousBytes()));

    private static Ok<MemoryRocksDbView> GetRocksDb(
        HttpContext http, ConfigurationStore configuration, MemoryController controller, ISharedMemory memory)
    {
        ConfigurationSnapshot current = configuration.Current;
        SetTag(http, current);
        return TypedResults.Ok(MemoryViewMapping.RocksDb(current, controller, memory));
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

    private static Results<Ok<MemoryRebalancesView>, BadRequest<ErrorBody>> GetRebalances(string? limit, MemoryController controller)
    {
        int count = MemoryController.ReportCapacity;
        if (limit is not null && !(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= MemoryController.ReportCapacity))
            return TypedResults.BadRequest(new ErrorBody($"The query parameter 'limit' is invalid: \"{limit}\"; allowed is 1 to {MemoryController.ReportCapacity}"));
        return TypedResults.Ok(new MemoryRebalancesView(
            [.. controller.Reports.Reverse().Take(count).Select(MemoryViewMapping.Rebalance)]));
    }

    private static void SetTag(HttpContext http, ConfigurationSnapshot snapshot) =>
        http.Response.Headers.ETag = new StringValues(Tag(snapshot));

    private static string Tag(ConfigurationSnapshot snapshot) => string.Create(CultureInfo.InvariantCulture, $"\"{snapshot.Generation}\"");
}
