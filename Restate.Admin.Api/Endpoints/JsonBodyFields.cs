using System.Collections.Immutable;
using System.Text.Json;

namespace Restate.Admin.Api.Endpoints;

/// <summary>The fields of a body. Unknown fields are ignored; one that is there with the wrong type is refused with 422.</summary>
internal readonly struct JsonFields
{
    private readonly JsonElement _body;
    private readonly string[] _order;

    /// <summary>Wraps a body.</summary>
    /// <param name="body">An object, or an array when <paramref name="order"/> names fields.</param>
    /// <param name="order">Names of the fields by place in an array; empty when only an object will do.</param>
    /// <exception cref="RequestRejectedException">422 when it is neither.</exception>
    public JsonFields(JsonElement body, string[] order)
    {
        _body = body;
        _order = order;
        if (body.ValueKind != JsonValueKind.Object && (body.ValueKind != JsonValueKind.Array || order.Length == 0))
            throw Rejected(null, body, "an object");
    }

    /// <summary>True when the field is there and not null.</summary>
    public bool HasValue(string name) => Value(name) is not null;

    /// <summary>A text that must be there.</summary>
    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    /// <summary>A text; null when absent or null.</summary>
    public string? Text(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw Rejected(name, other, "a string"),
    };

    /// <summary>True or false; null when absent or null.</summary>
    public bool? Flag(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Rejected(name, other, "a boolean"),
    };

    /// <summary>True or false; <paramref name="absent"/> when absent. Null is refused.</summary>
    public bool Flag(string name, bool absent) =>
        Find(name) is { ValueKind: JsonValueKind.Null } none ? throw Rejected(name, none, "a boolean") : Flag(name) ?? absent;

    /// <summary>A map of texts, in ordinal order of its keys; empty when absent, or null where that is allowed.</summary>
    public ImmutableSortedDictionary<string, string> TextMap(string name, bool nullable = false)
    {
        ImmutableSortedDictionary<string, string>.Builder map = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (Find(name) is not { } value || (nullable && value.ValueKind == JsonValueKind.Null))
            return map.ToImmutable();
        if (value.ValueKind != JsonValueKind.Object)
            throw Rejected(name, value, "a map");
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
                throw Rejected($"{name}.{property.Name}", property.Value, "a string");
            map[property.Name] = property.Value.GetString()!;
        }

        return map.ToImmutable();
    }

    /// <summary>A duration as text; null when absent or null.</summary>
    public TimeSpan? Duration(string name) =>
        Text(name) is not { } text ? null
        : ServiceDuration.TryParse(text, out TimeSpan value, out string? error) ? value
        : throw Shape($"{name}: {error}");

    /// <summary>The refusal of a field whose value cannot be used.</summary>
    public static RequestRejectedException Shape(string detail) => new(
        StatusCodes.Status422UnprocessableEntity, $"Failed to deserialize the JSON body into the target type: {detail}");

    private static RequestRejectedException Missing(string name) => Shape($"missing field `{name}`");

    private static RequestRejectedException Rejected(string? name, JsonElement value, string expected)
    {
        string found = value.ValueKind switch
        {
            JsonValueKind.Object => "map",
            JsonValueKind.Array => "sequence",
            JsonValueKind.String => $"string \"{Short(value.GetString()!)}\"",
            JsonValueKind.Number => $"number `{Short(value.GetRawText())}`",
            JsonValueKind.True or JsonValueKind.False => $"boolean `{value.GetRawText()}`",
            _ => "null",
        };
        return Shape($"{(name is null ? "" : $"{name}: ")}invalid type: {found}, expected {expected}");
    }

    private static string Short(string text) => text.Length <= 64 ? text : $"{text[..64]}…";

    private JsonElement? Value(string name) => Find(name) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    private JsonElement? Find(string name)
    {
        if (_body.ValueKind == JsonValueKind.Object)
            return _body.TryGetProperty(name, out JsonElement value) ? value : null;
        int place = Array.IndexOf(_order, name);
        return place >= 0 && place < _body.GetArrayLength() ? _body[place] : null;
    }
}
