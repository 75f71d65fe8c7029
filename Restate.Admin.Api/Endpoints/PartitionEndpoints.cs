using Microsoft.AspNetCore.Http.HttpResults;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Security;
using Restate.Storage.Processing;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Operator verbs on partitions.</summary>
internal static partial class PartitionEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapPartitions(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/partitions").WithTags("partition");
        group.MapGet("", List)
            .WithName("list_partitions")
            .WithSummary("List the partitions of this node")
            .WithDescription("State, key range and log positions of every partition, by number.");
        Describe(group.MapGet("/{id}", Get), "get_partition", "Read one partition");
        Describe(group.MapPost("/{id}/close", Close), "close_partition", "Close a partition: flush, then release its memory")
            .WithDescription(
                "Answers at once; the partition is draining, then closed. Posts to it and queries that need it get 503 until it is open again. "
                + "Its share of the memory goes to the others after 30 s.");
        Describe(group.MapPost("/{id}/open", Open), "open_partition", "Open a closed partition")
            .WithDescription("Answers at once; the partition is opening until it has replayed its log.");
        Describe(group.MapPost("/{id}/flush", Flush), "flush_partition", "Write a partition's memtables to disk")
            .WithDescription("Answers at once. When it is done, `durable_lsn` has reached what `applied_lsn` was.");

        static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) => route
            .WithName(name)
            .WithSummary(summary)
            .WithPathParameter("id", "Number of the partition, from 0.", "integer", 0, ushort.MaxValue, "3");
    }

    private static Ok<PartitionListView> List(PartitionManager partitions) =>
        TypedResults.Ok(new PartitionListView([.. partitions.Status().Select(View)]));

    private static Results<Ok<PartitionView>, NotFound<ErrorBody>, BadRequest<ErrorBody>> Get(string id, PartitionManager partitions) =>
        Find(id, partitions, out Results<NotFound<ErrorBody>, BadRequest<ErrorBody>>? error) is { } status
            ? TypedResults.Ok(View(status))
            : error!.Result is NotFound<ErrorBody> missing ? missing : (BadRequest<ErrorBody>)error.Result;

    private static Results<Accepted<PartitionView>, NotFound<ErrorBody>, BadRequest<ErrorBody>> Close(
        string id, HttpContext context, PartitionManager partitions, ILoggerFactory loggers) =>
        Act(id, context, partitions, partition => Watch(partitions.CloseAsync(partition), "close", partition, loggers));

    private static Results<Accepted<PartitionView>, NotFound<ErrorBody>, BadRequest<ErrorBody>> Open(
        string id, HttpContext context, PartitionManager partitions, ILoggerFactory loggers) =>
        Act(id, context, partitions, partition => Watch(partitions.OpenAsync(partition), "open", partition, loggers));

    private static Results<Accepted<PartitionView>, NotFound<ErrorBody>, BadRequest<ErrorBody>> Flush(
        string id, HttpContext context, PartitionManager partitions) => Act(id, context, partitions, partitions.StartFlush);

    private static Results<Accepted<PartitionView>, NotFound<ErrorBody>, BadRequest<ErrorBody>> Act(
        string id, HttpContext context, PartitionManager partitions, Action<PartitionId> act)
    {
        if (Find(id, partitions, out Results<NotFound<ErrorBody>, BadRequest<ErrorBody>>? error) is not { } status)
            return error!.Result is NotFound<ErrorBody> missing ? missing : (BadRequest<ErrorBody>)error.Result;
        act(status.Partition);
        PartitionView view = View(partitions.Status(status.Partition.Value)!);
        context.RecordChange(new { View(status).State }, new { view.State });
        return TypedResults.Accepted($"/partitions/{status.Partition}", view);
    }

    /// <summary>The answer does not wait for the end of the change; its failure is the state of the partition, and a log line.</summary>
    private static async void Watch(Task change, string verb, PartitionId partition, ILoggerFactory loggers)
    {
        try
        {
            await change;
        }
        catch (Exception e)
        {
            // async void: anything that escaped would end the process.
            Messages.Failed(loggers.CreateLogger(typeof(PartitionEndpoints)), verb, partition, e.Message);
        }
    }

    private static PartitionStatus? Find(string id, PartitionManager partitions, out Results<NotFound<ErrorBody>, BadRequest<ErrorBody>>? error)
    {
        error = null;
        if (!ushort.TryParse(id, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out ushort number))
        {
            error = TypedResults.BadRequest(new ErrorBody($"The path parameter 'id' is invalid: '{id}' is not a partition number, 0 to {partitions.PartitionCount - 1}"));
            return null;
        }

        PartitionStatus? status = partitions.Status(number);
        if (status is null)
            error = TypedResults.NotFound(new ErrorBody($"The requested partition '{id}' does not exist; partitions are 0 to {partitions.PartitionCount - 1}"));
        return status;
    }

    private static PartitionView View(PartitionStatus status) => new(
        status.Partition.Value,
        status.State.ToString().ToLowerInvariant(),
        new PartitionKeyRangeView(status.Range.Start, status.Range.End),
        status.LeaderEpoch,
        status.AppliedLsn.Value,
        status.DurableLsn.Value,
        status.TailLsn.Value,
        status.TrimPoint.Value,
        status.Scans,
        status.Failure,
        status.Restarts,
        status.RestartAt);

    private static partial class Messages
    {
        [LoggerMessage(LogLevel.Warning, "Could not {Verb} partition {Partition}: {Reason}")]
        public static partial void Failed(ILogger logger, string verb, PartitionId partition, string reason);
    }
}
