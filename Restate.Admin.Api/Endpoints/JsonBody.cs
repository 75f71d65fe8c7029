using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;

namespace Restate.Admin.Api.Endpoints;

/// <summary>
/// Reads JSON request bodies with the errors that clients of the admin API know: as plain text, 415 for another content type, 400 for
/// malformed JSON, 422 for the wrong shape, 413 past the size limit.
/// </summary>
internal static class JsonBody
{
    /// <summary>Most bytes of a body, unless the endpoint says otherwise.</summary>
    public const int DefaultLimit = 1 << 20;

    /// <summary>What is said of a request with another content type.</summary>
    public const string ExpectedContentType = "Expected request with `Content-Type: application/json`";

    private const int MaxDepth = 64;

    /// <summary>Refuses a request whose content type is not JSON.</summary>
    /// <exception cref="RequestRejectedException">415.</exception>
    public static void RequireContentType(HttpRequest request)
    {
        string type = (request.ContentType ?? "").Split(';')[0].Trim();
        bool json = type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
        if (!json)
            throw new RequestRejectedException(StatusCodes.Status415UnsupportedMediaType, ExpectedContentType);
    }

    /// <summary>Reads the whole body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="limit">Most bytes.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <exception cref="RequestRejectedException">415, 413 or 400 as above.</exception>
    public static async Task<JsonElement> ReadAsync(HttpRequest request, CancellationToken cancellationToken, int limit = DefaultLimit)
    {
        RequireContentType(request);
        if (request.ContentLength > limit)
            throw TooLarge(limit);
        while (true)
        {
            ReadResult read = await request.BodyReader.ReadAsync(cancellationToken);
            bool more = false;
            try
            {
                if (read.Buffer.Length > limit)
                    throw TooLarge(limit);
                if (read.IsCompleted)
                    return Parse(read.Buffer);
                more = true;
            }
            finally
            {
                // However this ends, the server can only go on with the connection once the read is closed.
                request.BodyReader.AdvanceTo(more ? read.Buffer.Start : read.Buffer.End, read.Buffer.End);
            }
        }
    }

    /// <summary>Reads the whole body as an object whose fields are asked for by name.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <param name="order">Names of the fields by place, where an array may stand for the object.</param>
    /// <exception cref="RequestRejectedException">As for <see cref="ReadAsync"/>, or 422 when it is no object.</exception>
    public static async Task<JsonFields> ReadFieldsAsync(HttpRequest request, CancellationToken cancellationToken, params string[] order) =>
        new(await ReadAsync(request, cancellationToken), order);

    /// <summary>What a JSON exception says, with line and column counted from 1, and without the names of our types.</summary>
    public static string Describe(JsonException e)
    {
        string message = e.Message;
        int end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        if (end < 0)
            end = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        if (end >= 0)
            message = message[..end];
        if (message.StartsWith("The JSON value could not be converted to ", StringComparison.Ordinal))
            message = "the value is of another type than expected";
        else if (message.StartsWith("JSON deserialization for type ", StringComparison.Ordinal))
            message = $"missing field {message[(message.LastIndexOf(':') + 1)..].Trim().Replace('\'', '`')}";
        else if (message.StartsWith("The JSON property '", StringComparison.Ordinal))
            message = "unknown field";
        string place = string.Create(CultureInfo.InvariantCulture, $" at line {(e.LineNumber ?? 0) + 1} column {e.BytePositionInLine ?? 0}");
        string path = e.Path is { Length: > 2 } full && full.StartsWith("$.", StringComparison.Ordinal) ? $"{full[2..]}: " : "";
        return $"{path}{message.TrimEnd('.')}{place}";
    }

    private static JsonElement Parse(ReadOnlySequence<byte> utf8)
    {
        const string Prefix = "Failed to parse the request body as JSON: ";
        if (utf8.IsEmpty)
            throw new RequestRejectedException(StatusCodes.Status400BadRequest, Prefix + "EOF while parsing a value at line 1 column 0");
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            JsonElement element = JsonElement.ParseValue(ref reader);
            if (!reader.Read())
            {
                RequireUnicode(element);
                return element;
            }

            throw new JsonException("trailing characters");
        }
        catch (JsonException e)
        {
            throw new RequestRejectedException(StatusCodes.Status400BadRequest, Prefix + Describe(e), e);
        }
    }

    /// <summary>Reads every name and text once: one that is not Unicode would fail later, at whoever asks for it.</summary>
    private static void RequireUnicode(JsonElement element)
    {
        try
        {
            Visit(element);
        }
        catch (InvalidOperationException e)
        {
            throw new RequestRejectedException(
                StatusCodes.Status400BadRequest, "Failed to parse the request body as JSON: invalid unicode in a string", e);
        }

        static void Visit(JsonElement element)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (JsonProperty property in element.EnumerateObject())
                    {
                        _ = property.Name;
                        Visit(property.Value);
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (JsonElement item in element.EnumerateArray())
                        Visit(item);
                    break;
                case JsonValueKind.String:
                    _ = element.GetString();
                    break;
            }
        }
    }

    private static RequestRejectedException TooLarge(int limit) =>
        new(StatusCodes.Status413PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"The request body is larger than {limit} bytes"));
}
