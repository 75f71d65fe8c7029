using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Output;
using Restate.Admin.Api.Security;

namespace Restate.Admin.Api.Endpoints;

/// <summary><c>POST /query</c>: SQL over the node's tables.</summary>
internal static class QueryEndpoints
{
    /// <summary>Most bytes of a body: the longest statement with every byte of it escaped, and room for other fields.</summary>
    private const int MaxBodyBytes = 2 << 20;

    private const int ClientClosedRequest = 499;

    /// <summary>Enough for the server to write what it holds to a socket whose client reads; nothing of the query is held meanwhile.</summary>
    private static readonly TimeSpan LeaveTime = TimeSpan.FromMilliseconds(50);

    private const string IdHeader = "x-restate-query-id";

    private const string PartialHeader = "x-restate-allow-partial";

    private const string MissingHeader = "x-restate-missing-partitions";

    private const string StatsHeader = "x-restate-query-stats";

    /// <summary>Adds the route. The content type is checked by the handler: routing would answer 415 without a word.</summary>
    public static void MapQuery(this IEndpointRouteBuilder routes) => routes.MapPost("/query", QueryAsync)
        .ReadsWith(AccessScope.Query)
        .WithName("query")
        .WithTags("introspection")
        .WithSummary("Run one SQL SELECT statement")
        .WithDescription(
            "The form of the answer follows the `Accept` header: `application/json` for one document, `application/x-ndjson` for one object a "
            + "line, and an Arrow IPC stream otherwise. Fields of null columns are left out. With `explain` in front of it a statement is planned and not run. A failure after the first rows cuts the stream. "
            + "A client that reads nothing for 10 s loses its query when memory is short or another query waits for a slot.")
        .WithHeaderParameter(
            PartialHeader,
            "`true`: partitions that are not available are left out of the answer and named in its header `" + MissingHeader
            + "`. `false` or absent: the query is refused with 503 where one of its partitions is not available.",
            "true")
        .WithMetadata(new RequestBodyMetadata(typeof(QueryRequest)))
        .WithRequestExample(
            "state", "State of one object", """{"query": "select service_key, key, value_utf8 from state where service_name = 'Counter' and service_key = 'obj-1'"}""")
        .WithRequestExample(
            "sizes", "The objects with most state", """{"query": "select service_name, service_key, count(*) as keys, sum(value_length) as bytes from state group by 1, 2 order by bytes desc limit 20"}""")
        .WithRequestExample(
            "partitions", "Memory of the partitions", """{"query": "select * from sys_partition_memory order by all_memtables_bytes desc"}""")
        .Produces<QueryRowsView>(StatusCodes.Status200OK, QueryFormats.ContentType(QueryFormat.Json))
        .WithResponseHeader(StatusCodes.Status200OK, IdHeader, "Name of the query: its row in `sys_queries`, and what `DELETE /queries/{id}` takes.")
        .WithResponseHeader(
            StatusCodes.Status200OK,
            StatsHeader,
            "Partitions and rows read, rows of the answer, peak memory, peak spill, and time, up to the first portion of the answer; `complete=?1` where that was all.")
        .WithResponseHeader(
            StatusCodes.Status200OK, MissingHeader, "Ids of the partitions that were not available and are not in the answer, such as `3, 17`; absent where none is missing.")
        .WithResponseExample(
            StatusCodes.Status200OK, "state", "State of one object", """{"rows": [{"service_key": "obj-1", "key": "count", "value_utf8": "42"}]}""")
        .ProducesAlso(StatusCodes.Status200OK, QueryFormats.ContentType(QueryFormat.JsonLines), "One JSON object a line.", isBinary: false)
        .ProducesAlso(StatusCodes.Status200OK, QueryFormats.ContentType(QueryFormat.Arrow), "Apache Arrow IPC stream.", isBinary: true)
        .Produces<QueryErrorBody>(StatusCodes.Status400BadRequest)
        .ProducesText(StatusCodes.Status400BadRequest)
        .Produces<QueryErrorBody>(StatusCodes.Status408RequestTimeout)
        .Produces<QueryErrorBody>(StatusCodes.Status409Conflict)
        .Produces<QueryErrorBody>(StatusCodes.Status413PayloadTooLarge)
        .Produces<string>(StatusCodes.Status415UnsupportedMediaType, "text/plain")
        .Produces<string>(StatusCodes.Status422UnprocessableEntity, "text/plain")
        .Produces<QueryErrorBody>(StatusCodes.Status429TooManyRequests)
        .WithResponseHeader(StatusCodes.Status429TooManyRequests, "Retry-After", "Seconds to wait before the next attempt.")
        .Produces<QueryErrorBody>(StatusCodes.Status500InternalServerError)
        .Produces<QueryErrorBody>(StatusCodes.Status503ServiceUnavailable)
        .WithResponseHeader(StatusCodes.Status503ServiceUnavailable, "Retry-After", "Seconds to wait before the next attempt.")
        .Produces<QueryErrorBody>(StatusCodes.Status507InsufficientStorage);

    private static async Task QueryAsync(HttpContext context, QueryEngine engine, QueryMetrics metrics)
    {
        try
        {
            if (await ReadRequestAsync(context) is { } request)
                await AnswerAsync(context, engine, request.Query);
        }
        catch (OverflowException) when (!context.Response.HasStarted)
        {
            metrics.CountFailure(QueryFailure.Invalid);
            await WriteErrorAsync(context, StatusCodes.Status400BadRequest, "a value of the result is out of the range of its type in the answer");
        }
        catch (OverflowException)
        {
            metrics.CountFailure(QueryFailure.Invalid);
            await CutAsync(context);
        }
        catch (QueryException e) when (!context.Response.HasStarted)
        {
            metrics.CountFailure(e.Failure);
            await WriteErrorAsync(context, StatusOf(e.Failure), e.Message);
        }
        catch (QueryException e)
        {
            metrics.CountFailure(e.Failure);
            await CutAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; there is no one to tell.
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : ClientClosedRequest;
        }
    }

    /// <summary>
    /// Cuts the stream where rows are already on their way: the one sign left that they are not all of them. What was written gets a moment to
    /// leave first, or a reset would overtake it, and the client would not even see that it was answered.
    /// </summary>
    private static async Task CutAsync(HttpContext context)
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        leave.CancelAfter(LeaveTime);
        try
        {
            await context.Response.BodyWriter.FlushAsync(leave.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, leave.Token);
        }
        catch (OperationCanceledException)
        {
            // It is gone, or had its moment.
        }
        finally
        {
            context.Abort();
        }
    }

    private static async Task AnswerAsync(HttpContext context, QueryEngine engine, string sql)
    {
        QueryFormat format = QueryFormats.Negotiate(context.Request.Headers.Accept);
        bool allowPartial = AllowsPartial(context.Request.Headers[PartialHeader]);
        await using QueryResult result = await engine.StartAsync(sql, ClientOf(context), allowPartial, context.RequestAborted);
        using var output = new OutputBuffer(engine.Memory);
        using ArrowRows? arrow = format == QueryFormat.Arrow ? new ArrowRows(result.Columns, output, engine.Memory) : null;
        IRowSink sink = arrow ?? (IRowSink)new JsonRows(
            result.Columns, output, format == QueryFormat.Json ? JsonLayout.Document : JsonLayout.Lines);

        using var answer = new QueryAnswer(context, result, engine.Memory);

        // The first portion before the status line: what fails until then still gets a status and a message.
        bool hasMore = await result.ReadAsync(sink);
        result.ThrowIfStopped();
        context.Response.ContentType = QueryFormats.ContentType(format);
        context.Response.Headers[IdHeader] = result.Record.Id;
        context.Response.Headers[StatsHeader] = Stats(result.Record.Figures, isComplete: !hasMore);

        if (result.Missing.Count > 0)
            context.Response.Headers[MissingHeader] = string.Join(", ", result.Missing);
        await answer.StartAsync();
        await SendAsync(answer, result, output, sink, hasMore);
    }

    /// <summary>Sends the portion that is there and all that follow: the next one is made while one is sent.</summary>
    private static async Task SendAsync(QueryAnswer answer, QueryResult result, OutputBuffer output, IRowSink sink, bool hasMore)
    {
        while (hasMore)
        {
            ReadOnlyMemory<byte> portion = output.Turn();
            Task<bool> next = result.ReadAsync(sink);
            bool isTaken = false;
            try
            {
                isTaken = await answer.WriteAsync(portion);
            }
            finally
            {
                if (!isTaken)
                {
                    // Nothing may be given back that it still writes to; what became of it interests nobody any more.
                    result.GiveUp();
                    await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }

            if (!isTaken)
                return;
            output.Sent();
            hasMore = await next;
        }

        if (!await answer.WriteAsync(output.Written))
            result.GiveUp();
    }

    /// <exception cref="QueryException">The header has another value than those allowed.</exception>
    private static bool AllowsPartial(StringValues header) => header switch
    {
        [] or ["false"] => false,
        ["true"] => true,
        _ => throw QueryException.Invalid($"the header {PartialHeader} is '{header}', expected true or false"),
    };

    /// <summary>Reads the body; null when it was refused and the response is written.</summary>
    private static async Task<QueryRequest?> ReadRequestAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            await WriteTextAsync(
                context, StatusCodes.Status415UnsupportedMediaType, "Expected request with `Content-Type: application/json`");
            return null;
        }

        if (await ReadBodyAsync(context) is not { } body)
            throw new QueryException(QueryFailure.TooLarge, $"the request body is longer than {MaxBodyBytes} bytes");
        try
        {
            return QueryRequest.Parse(body);
        }
        catch (JsonException e)
        {
            string message = $"Failed to parse the request body as JSON: {e.Message}";
            await WriteTextAsync(context, StatusCodes.Status400BadRequest, message);
        }
        catch (FormatException e)
        {
            string message = $"Failed to deserialize the JSON body into the target type: {e.Message}";
            await WriteTextAsync(context, StatusCodes.Status422UnprocessableEntity, message);
        }

        return null;
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpContext context)
    {
        PipeReader reader = context.Request.BodyReader;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > MaxBodyBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                byte[] body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static string ClientOf(HttpContext context)
    {
        string address = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        return AccessControl.CallerOf(context) is { } token ? $"{token}@{address}" : address;
    }

    /// <summary>A dictionary of RFC 8941: the figures up to the first portion of the answer, which for a short one are all of them.</summary>
    private static string Stats(QueryFigures figures, bool isComplete) => string.Create(
        CultureInfo.InvariantCulture,
        $"partitions={figures.Partitions}, rows-scanned={figures.RowsScanned}, rows={figures.Rows}, memory-peak-bytes={figures.PeakBytes}, spilled-peak-bytes={figures.SpilledBytes}, elapsed-ms={figures.Elapsed.TotalMilliseconds:0.###}, complete={(isComplete ? "?1" : "?0")}");

    private static int StatusOf(QueryFailure failure) => failure switch
    {
        QueryFailure.Invalid => StatusCodes.Status400BadRequest,
        QueryFailure.Deadline => StatusCodes.Status408RequestTimeout,
        QueryFailure.TooLarge => StatusCodes.Status413PayloadTooLarge,
        QueryFailure.Busy => StatusCodes.Status429TooManyRequests,
        QueryFailure.Unavailable => StatusCodes.Status503ServiceUnavailable,
        QueryFailure.OutOfMemory => StatusCodes.Status507InsufficientStorage,
        QueryFailure.Cancelled => ClientClosedRequest,
        QueryFailure.Stopped => StatusCodes.Status409Conflict,
        QueryFailure.ReaderStopped => StatusCodes.Status408RequestTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static async Task WriteErrorAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "1";
        await context.Response.WriteAsJsonAsync(
            new QueryErrorBody(message), options: null, contentType: "application/json", context.RequestAborted);
    }

    private static async Task WriteTextAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(message, context.RequestAborted);
    }
}
