using System.Text.Json;

namespace Restate.Admin.Tests.Support;

/// <summary>An OpenAPI document as a judge of answers.</summary>
internal sealed class ApiContract(JsonElement document)
{
    /// <summary>Every operation, as <c>GET /path</c>, with its object.</summary>
    public IReadOnlyDictionary<string, JsonElement> Operations { get; } = document.GetProperty("paths").EnumerateObject()
        .SelectMany(path => path.Value.EnumerateObject()
            .Select(operation => ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value)))
        .ToDictionary(StringComparer.Ordinal);

    /// <summary>The operation that a request is for; null when there is none. HEAD counts as GET.</summary>
    public string? Find(string method, string path)
    {
        string[] segments = path.Split('/');
        if (segments is [_, ['v', >= '2' and <= '4'], ..])
            segments = ["", .. segments[2..]];
        return Operations.Keys
            .Where(operation => operation.Split(' ')[0] == (method == "HEAD" ? "GET" : method))
            .Where(operation => Matches(operation.Split(' ')[1].Split('/'), segments))
            .OrderBy(operation => operation.Count(c => c == '{'))
            .FirstOrDefault();
    }

    /// <summary>Says what of an answer is not as the document has it; empty when all is.</summary>
    public IEnumerable<string> Judge(string operation, int status, string? contentType, string body)
    {
        if (!Operations[operation].GetProperty("responses").TryGetProperty(status.ToString(System.Globalization.CultureInfo.InvariantCulture), out JsonElement response))
            return [$"{operation} does not declare {status}"];
        if (!response.TryGetProperty("content", out JsonElement content))
            return body.Length == 0 ? [] : [$"{operation} declares {status} without a body, and there is one: {body}"];
        if (contentType is null || !content.TryGetProperty(contentType, out JsonElement media))
            return [$"{operation} does not declare {contentType ?? "a missing content type"} for {status}"];
        return contentType == "application/json" && media.TryGetProperty("schema", out JsonElement schema)
            ? Judge(schema, JsonSerializer.Deserialize<JsonElement>(body), "$")
            : [];
    }

    private static bool Matches(string[] template, string[] segments) =>
        template.Length == segments.Length
        && template.Zip(segments).All(pair => pair.First == pair.Second || (pair.First.StartsWith('{') && pair.Second.Length > 0));

    private IEnumerable<string> Judge(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
            return Judge(document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), value, at);
        if (schema.TryGetProperty("oneOf", out JsonElement alternatives))
            return alternatives.EnumerateArray().Any(alternative => !Judge(alternative, value, at).Any()) ? [] : [$"{at}: none of its alternatives"];
        if (schema.TryGetProperty("type", out JsonElement types) && !Types(types).Contains(TypeOf(value)) && !(TypeOf(value) == "integer" && Types(types).Contains("number")))
            return [$"{at}: {TypeOf(value)}, not {types}"];
        return value.ValueKind switch
        {
            JsonValueKind.Object => JudgeObject(schema, value, at),
            JsonValueKind.Array when schema.TryGetProperty("items", out JsonElement items) =>
                value.EnumerateArray().SelectMany((item, index) => Judge(items, item, $"{at}[{index}]")),
            _ => [],
        };
    }

    private IEnumerable<string> JudgeObject(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("required", out JsonElement required))
        {
            foreach (JsonElement name in required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)))
                yield return $"{at}: no {name}";
        }

        bool hasProperties = schema.TryGetProperty("properties", out JsonElement properties);
        bool hasRest = schema.TryGetProperty("additionalProperties", out JsonElement rest) && rest.ValueKind == JsonValueKind.Object;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            // A member that the document does not know is a gap in the document, even where clients must bear it.
            if (hasProperties && properties.TryGetProperty(member.Name, out JsonElement known))
            {
                foreach (string fault in Judge(known, member.Value, $"{at}.{member.Name}"))
                    yield return fault;
            }
            else if (hasRest)
            {
                foreach (string fault in Judge(rest, member.Value, $"{at}.{member.Name}"))
                    yield return fault;
            }
            else if (hasProperties)
            {
                yield return $"{at}: {member.Name} is not declared";
            }
        }
    }

    private static string[] Types(JsonElement types) =>
        types.ValueKind == JsonValueKind.String ? [types.GetString()!] : [.. types.EnumerateArray().Select(type => type.GetString()!)];

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.TryGetInt64(out _) || value.TryGetUInt64(out _) ? "integer" : "number",
        _ => "null",
    };
}
