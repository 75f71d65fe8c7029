using System.Globalization;
using System.Text.Json;

namespace Restate.Admin.Api.Contracts;

/// <summary>Body of <c>POST /query</c>.</summary>
/// <param name="Query">One SQL statement, at most 256 KiB.</param>
public sealed record QueryRequest(string Query)
{
    /// <summary>Reads a body: an object with a <c>query</c>, others of its fields ignored, or an array of that one value.</summary>
    /// <param name="body">The whole body, UTF-8.</param>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="FormatException">It is JSON of another shape.</exception>
    public static QueryRequest Parse(ReadOnlyMemory<byte> body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        try
        {
            return Read(document.RootElement);
        }
        catch (InvalidOperationException e)
        {
            // The way in which a name or a text says that it is half a surrogate pair, or no UTF-8.
            throw new FormatException("query: its text, or a name beside it, is not valid Unicode", e);
        }
    }

    private static QueryRequest Read(JsonElement root) =>
        root.ValueKind switch
        {
            JsonValueKind.Object => new QueryRequest(Text(root.TryGetProperty("query", out JsonElement query)
                ? query
                : throw new FormatException("missing field `query`"))),
            JsonValueKind.Array when root.GetArrayLength() == 1 => new QueryRequest(Text(root[0])),
            JsonValueKind.Array => throw new FormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"invalid length {root.GetArrayLength()}, expected struct QueryRequest with 1 element")),
            _ => throw new FormatException($"invalid type: {Describe(root)}, expected struct QueryRequest"),
        };

    private static string Text(JsonElement query)
    {
        if (query.ValueKind != JsonValueKind.String)
            throw new FormatException($"query: invalid type: {Describe(query)}, expected a string");
        return query.GetString()!;
    }

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "map",
        JsonValueKind.Array => "sequence",
        JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => $"boolean `{value.GetRawText()}`",
        JsonValueKind.Number => value.TryGetInt64(out _) ? $"integer `{value.GetRawText()}`" : $"floating point `{value.GetRawText()}`",
        _ => $"string {value.GetRawText()}",
    };
}
