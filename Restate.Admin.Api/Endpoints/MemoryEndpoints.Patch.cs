using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Restate.Admin.Api.Contracts;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;

namespace Restate.Admin.Api.Endpoints;

/// <summary>The change of RocksDB's memory settings.</summary>
internal static partial class MemoryEndpoints
{
    /// <summary>A dozen settings fit many times; more is not a change of settings.</summary>
    private const int MaxBodyBytes = 64 << 10;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>The keys that a change may name, as they are in TOML.</summary>
    private static readonly string[] Keys =
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

    private const string TagDescription = "The generation of the desired settings in quotes, for `If-Match`.";

    private static void MapPatch(IEndpointRouteBuilder group) => group.MapPatch("/rocksdb", PatchRocksDbAsync)
        .WithName("modify_rocksdb_memory")
        .WithSummary("Change RocksDB's memory settings while the node runs")
        .WithDescription(
            "All named settings or, when one of them is refused, none. 202: accepted, the controller carries it out behind the answer; 200: "
            + "carried out within `wait`, or a dry run. A null takes back what was changed over REST, so that flags, environment, file or "
            + "default count again.")
        .Accepts<ModifyMemoryRequest>("application/json")
        .WithQueryParameter("wait", "Longest time to wait until the change is carried out, 0s to 10m; 0s when absent.", example: "10s")
        .WithQueryParameter("dry_run", "True answers with the plan that would result and changes nothing; false when absent.", "boolean")
        .WithQueryParameter("persist", "True keeps the change over a restart; false when absent.", "boolean")
        .WithHeaderParameter("If-Match", "ETag of the settings that this change is meant for; with others in force the answer is 412.", "\"1\"")
        .WithRequestExample("total", "A smaller total", """{"rocksdb-total-memory-size": "512 MiB"}""")
        .WithRequestExample(
            "shares",
            "Another total and another division",
            """{"rocksdb-total-memory-size": 4294967296, "rocksdb-total-memtables-ratio": 0.5, "worker.storage.rocksdb-memory-ratio": 0.7, "log-server.rocksdb-memory-ratio": 0.29}""")
        .WithRequestExample("reset", "Take back a change", """{"rocksdb-total-memory-size": null}""")
        .WithResponseHeader(StatusCodes.Status200OK, "ETag", TagDescription)
        .WithResponseHeader(StatusCodes.Status202Accepted, "ETag", TagDescription)
        .ProducesText(StatusCodes.Status400BadRequest)
        .WithResponseExample(
            StatusCodes.Status400BadRequest,
            "range",
            "A value out of range",
            """{"message": "invalid value float `1.5`, expected a number from 0.1 to 1 for key \"rocksdb-total-memtables-ratio\"", "restate_code": null}""")
        .Produces<ErrorBody>(StatusCodes.Status412PreconditionFailed)
        .Produces<ErrorBody>(StatusCodes.Status413PayloadTooLarge)
        .Produces<string>(StatusCodes.Status415UnsupportedMediaType, "text/plain")
        .Produces<string>(StatusCodes.Status422UnprocessableEntity, "text/plain");

    private static async Task<Results<Ok<MemoryRocksDbView>, Accepted<MemoryRocksDbView>, BadRequest<ErrorBody>, JsonHttpResult<ErrorBody>, ContentHttpResult>> PatchRocksDbAsync(
        HttpContext http,
        ConfigurationStore configuration,
        MemoryController controller,
        ISharedMemory memory,
        string? wait,
        string? dry_run,
        string? persist,
        CancellationToken cancellationToken)
    {
        if (!http.Request.HasJsonContentType())
            return Text(StatusCodes.Status415UnsupportedMediaType, "Expected request with `Content-Type: application/json`");
        if (ReadFlag(dry_run) is not { } dryRun)
            return BadFlag("dry_run");
        if (ReadFlag(persist) is not { } keep)
            return BadFlag("persist");
        TimeSpan patience = TimeSpan.Zero;
        if (wait is not null && (!DurationText.TryParse(wait, out patience) || patience < TimeSpan.Zero || patience > LongestWait))
            return Bad($"The query parameter 'wait' is invalid: \"{wait}\"; allowed is 0s to 10m, {DurationText.Grammar}");

        Dictionary<string, object?> patch;
        try
        {
            patch = await ReadPatchAsync(http.Request, cancellationToken);
        }
        catch (JsonException e)
        {
            return Text(StatusCodes.Status400BadRequest, $"Failed to parse the request body as JSON: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            // The way in which a name or a text of JSON says that it is not Unicode.
            return Text(StatusCodes.Status400BadRequest, "Failed to parse the request body as JSON: invalid unicode in a string");
        }
        catch (InvalidDataException e)
        {
            return Text(StatusCodes.Status422UnprocessableEntity, $"Failed to deserialize the JSON body into the target type: {e.Message}");
        }
        catch (BadHttpRequestException e)
        {
            return TypedResults.Json(new ErrorBody(e.Message), statusCode: e.StatusCode);
        }

        if (patch.Keys.FirstOrDefault(key => !Keys.Contains(key)) is { } unknown)
            return Bad($"key \"{unknown}\" is not a memory setting of RocksDB; allowed are {string.Join(", ", Keys)}");

        try
        {
            long? expected = ReadExpected(http.Request, configuration.Current);
            if (dryRun)
            {
                if (expected is { } generation && generation != configuration.Current.Generation)
                    throw new GenerationMismatchException(generation, configuration.Current.Generation);
                return TypedResults.Ok(MemoryViewMapping.RocksDb(configuration.Preview(patch), controller, memory));
            }

            ConfigurationSnapshot next = configuration.Apply(patch, expected, keep);
            SetTag(http, next);
            bool applied = patience > TimeSpan.Zero
                && await controller.WaitForGenerationAsync(next.Generation, patience, cancellationToken);
            MemoryRocksDbView view = MemoryViewMapping.RocksDb(next, controller, memory);
            return applied ? TypedResults.Ok(view) : TypedResults.Accepted((string?)null, view);
        }
        catch (ConfigurationException e)
        {
            return Bad(e.Message);
        }
        catch (GenerationMismatchException e)
        {
            return TypedResults.Json(new ErrorBody(e.Message), statusCode: StatusCodes.Status412PreconditionFailed);
        }
    }

    private static async Task<Dictionary<string, object?>> ReadPatchAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBodyBytes)
            throw TooLarge();
        var buffer = new byte[MaxBodyBytes + 1];
        int length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > MaxBodyBytes)
            throw TooLarge();
        using JsonDocument document = JsonDocument.Parse(
            buffer.AsMemory(0, length), new JsonDocumentOptions { AllowDuplicateProperties = false });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"expected an object of settings, found {document.RootElement.ValueKind}");
        return document.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => ReadValue(property.Name, property.Value));
    }

    private static object? ReadValue(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => value.GetString(),

        // As an object each: the common type of the two would make a fraction of every whole number.
        JsonValueKind.Number => value.TryGetInt64(out long whole) ? (object)whole : value.GetDouble(),
        _ => throw new InvalidDataException($"{key}: expected a number, a string, a boolean or null, found {value.ValueKind}"),
    };

    /// <summary>
    /// The generation that <c>If-Match</c> asks for; null when it asks for none. Of several, the one in force if it is among them.
    /// </summary>
    /// <exception cref="GenerationMismatchException">No tag can ever match.</exception>
    private static long? ReadExpected(HttpRequest request, ConfigurationSnapshot current)
    {
        string[] tags = [.. request.Headers.IfMatch.SelectMany(value => (value ?? string.Empty).Split(',', StringSplitOptions.TrimEntries))];
        if (tags.Length == 0 || tags.Contains("*"))
            return null;
        if (tags.Contains(Tag(current)))
            return current.Generation;

        // A weak tag or one that is not ours matches nothing: for the caller that is the same as an old generation.
        return long.TryParse(tags[0].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out long generation)
            && generation != current.Generation
                ? generation
                : throw new GenerationMismatchException(0, current.Generation);
    }

    private static bool? ReadFlag(string? text) => text switch
    {
        null or "false" => false,
        "true" => true,
        _ => null,
    };

    private static BadHttpRequestException TooLarge() =>
        new($"the request body is larger than {MaxBodyBytes} bytes", StatusCodes.Status413PayloadTooLarge);

    private static BadRequest<ErrorBody> Bad(string message) => TypedResults.BadRequest(new ErrorBody(message));

    private static ContentHttpResult BadFlag(string name) =>
        Text(StatusCodes.Status400BadRequest, $"Failed to deserialize query string: {name}: provided string was not `true` or `false`");

    private static ContentHttpResult Text(int status, string message) => TypedResults.Text(message, "text/plain", statusCode: status);
}
