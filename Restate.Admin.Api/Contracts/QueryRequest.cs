using System.Globalization;
using System.Text.Json;

namespace Restate.Admin.Api.Contracts;

/// <summary>Body of <c>POST /query</c>.</summary>
/// <param name="Query">One SQL statement.</param>
public sealed record QueryRequest(string Query)
{
    /// <summary>Reads a body: an object with a <c>query</c>, others of its fields ignored, or an array of that one value.</summary>
    /// <param name="body">The whole body, UTF-8.</param>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="FormatException">It is JSON of another shape.</exception>
    public static QueryRequest Parse(ReadOnlyMemory<byte> body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement root = document.RootElement;
        return root.ValueKind switch
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
    }

    private static string Text(JsonElement query)
    {
        if (query.ValueKind != JsonValueKind.String)
            throw new FormatException($"query: invalid type: {Describe(query)}, expected a string");
        try
        {
            return query.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // Half a surrogate pair, or bytes that are not UTF-8.
            throw new FormatException("query: the text is not valid Unicode", e);
        }
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
