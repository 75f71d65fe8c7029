using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Security;
using Restate.Storage.Memory;
using Restate.Storage.Metadata.Schema;
using Restate.Storage.Processing;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Changes the state of an object from outside its handlers.</summary>
internal static class StateEndpoints
{
    /// <summary>
    /// Bytes of bodies read at once. Two of the largest, so that one is never alone; hundreds of usual ones. The memory is outside
    /// the named pools; this bounds the bytes, and <see cref="StateWriter.MaxEntries"/> the list of entries.
    /// </summary>
    private const long MaxBodiesBytes = 2 * StateBodyReader.MaxBodyBytes;

    /// <summary>A body that arrives more slowly would keep its room, and so the writes of others, for as long as its sender likes.</summary>
    private static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(30);

    /// <summary>RocksDB looks for disk space as often.</summary>
    private static readonly TimeSpan LogRetry = TimeSpan.FromSeconds(5);

    private static readonly ByteBudget Bodies = new(MaxBodiesBytes);
    private static readonly SearchValues<char> ScopeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

    /// <summary>Maps the endpoint.</summary>
    public static void MapState(this IEndpointRouteBuilder routes) => routes.MapPost("/services/{service}/state", ModifyAsync)
        .AddEndpointFilter<JsonBodyErrors>()
        .ChangesState()
        .WithName("modify_service_state")
        .WithTags("service")
        .WithSummary("Replace the state of a virtual object or workflow")
        .WithDescription(
            "Replaces the whole key set of one object. Answers 202 once the change is durable in the log; it is applied shortly after. A version "
            + "that does not match leaves the state as it is.")
        .Accepts<ModifyServiceStateRequest>("application/json")
        .WithRequestExample("bytes", "Values as bytes", """{"object_key": "obj-1", "new_state": {"count": [52, 50]}}""")
        .WithRequestExample(
            "strings", "Values as strings; JSON inside them is quoted", """{"object_key": "obj-1", "new_state": {"count": "42", "label": "\"first\""}}""")
        .WithRequestExample("clear", "Remove all state of an object", """{"object_key": "obj-1", "new_state": {}}""")
        .Produces(StatusCodes.Status202Accepted)
        .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
        .Produces<ErrorBody>(StatusCodes.Status404NotFound)
        .Produces<ErrorBody>(StatusCodes.Status408RequestTimeout)
        .Produces<ErrorBody>(StatusCodes.Status413PayloadTooLarge)
        .ProducesText(StatusCodes.Status413PayloadTooLarge)
        .Produces<string>(StatusCodes.Status415UnsupportedMediaType, "text/plain")
        .Produces<string>(StatusCodes.Status422UnprocessableEntity, "text/plain")
        .Produces<ErrorBody>(StatusCodes.Status500InternalServerError)
        .Produces<ErrorBody>(StatusCodes.Status503ServiceUnavailable)
        .WithResponseHeader(StatusCodes.Status503ServiceUnavailable, "Retry-After", "Seconds to wait before the next attempt.");

    private static async Task<IResult> ModifyAsync(
        string service, HttpContext context, SchemaRegistry schema, PartitionManager partitions, TimeProvider time)
    {
        JsonBody.RequireContentType(context.Request);

        // The reader has the limit, and the peer's words for it. Without this the server would cut the connection of a client that is
        // still sending before it has read why.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        if (context.Request.ContentLength > StateBodyReader.MaxBodyBytes)
            throw StateBodyReader.TooLarge();
        CancellationToken aborted = context.RequestAborted;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        deadline.CancelAfter(BodyTimeout);
        using ByteBudget.Lease? room = await TakeRoomAsync(context, deadline.Token);
        if (room is null)
            return Busy(context, "too many bytes of other requests are being read; try again later", TimeSpan.FromSeconds(1));
        using var writer = new StateWriter();
        var body = new StateBodyReader(writer);
        try
        {
            await body.ReadAsync(context.Request.BodyReader, deadline.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            context.Response.Headers.Connection = "close";
            return JsonBodyErrors.Error(StatusCodes.Status408RequestTimeout, $"the body did not arrive within {BodyTimeout.TotalSeconds:0} s");
        }
        catch (ChangeTooLargeException e)
        {
            return JsonBodyErrors.Error(StatusCodes.Status413PayloadTooLarge, e.Message);
        }

        if (schema.FindService(service) is not { } found)
        {
            return writer.IsEmpty
                ? TypedResults.StatusCode(StatusCodes.Status202Accepted)
                : JsonBodyErrors.Error(StatusCodes.Status404NotFound, $"The requested service '{service}' does not exist");
        }

        if (found.Type == ServiceType.Service)
            return JsonBodyErrors.Error(StatusCodes.Status400BadRequest, "Cannot modify state for service type Service");
        if (body.Scope is { Length: 0 })
            return JsonBodyErrors.Error(StatusCodes.Status500InternalServerError, "bad scope: value cannot be empty");
        if (body.Scope is { } scope && scope.AsSpan().ContainsAnyExcept(ScopeCharacters))
            return JsonBodyErrors.Error(StatusCodes.Status500InternalServerError, "bad scope: value contains characters outside the allowed set [a-zA-Z0-9_.-]");
        byte[] version = [];
        if (body.Version is { } text && !StateVersionText.TryParse(text, out version))
            return TypedResults.StatusCode(StatusCodes.Status202Accepted); // No state has such a version: dropped, as any that does not match.

        try
        {
            await writer.AppendAsync(
                partitions, body.Scope ?? string.Empty, service, System.Text.Encoding.UTF8.GetBytes(body.ObjectKey!), version, time, aborted);
            context.RecordChange(before: null, new { body.Scope, body.ObjectKey, body.Version });
            return TypedResults.StatusCode(StatusCodes.Status202Accepted);
        }
        catch (ChangeTooLargeException e)
        {
            return JsonBodyErrors.Error(StatusCodes.Status413PayloadTooLarge, e.Message);
        }
        catch (AdmissionTimeoutException e)
        {
            return Busy(context, e.Message, e.RetryAfter);
        }
        catch (PartitionUnavailableException e)
        {
            return Busy(context, e.Message, TimeSpan.FromSeconds(1));
        }
        catch (LogUnavailableException e)
        {
            if (e.MayBeWritten)
                context.RecordChange(before: null, new { body.Scope, body.ObjectKey, body.Version });
            return Busy(context, e.Message, LogRetry);
        }
        catch (StorageException e)
        {
            // The record may be in the log all the same.
            context.RecordChange(before: null, new { body.Scope, body.ObjectKey, body.Version });
            return JsonBodyErrors.Error(StatusCodes.Status500InternalServerError, e.Message);
        }
    }

    private static async Task<ByteBudget.Lease?> TakeRoomAsync(HttpContext context, CancellationToken deadline)
    {
        try
        {
            return await Bodies.TakeAsync(context.Request.ContentLength ?? StateBodyReader.MaxBodyBytes, deadline);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }

    private static IResult Busy(HttpContext context, string message, TimeSpan retryAfter)
    {
        context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return JsonBodyErrors.Error(StatusCodes.Status503ServiceUnavailable, message);
    }
}
