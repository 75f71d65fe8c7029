using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Body of <c>POST /services/{service}/state</c>.</summary>
/// <remarks>For the API document; the endpoint reads it as a stream.</remarks>
public sealed record ModifyServiceStateRequest
{
    /// <summary>Key of the virtual object, or of the workflow's run.</summary>
    [JsonPropertyName("object_key")]
    public required string ObjectKey { get; init; }

    /// <summary>The whole new state: keys that are not named here are deleted, none at all clears the object.</summary>
    [JsonPropertyName("new_state")]
    public required IReadOnlyDictionary<string, StateValue> NewState { get; init; }

    /// <summary>Hash of the state this change is meant for; when the object has another by then, the change is dropped silently.</summary>
    [JsonPropertyName("version")]
    public string? Version { get; init; }

    /// <summary>Scope of the object: letters, digits, <c>_</c>, <c>.</c> and <c>-</c>.</summary>
    [JsonPropertyName("scope")]
    public string? Scope { get; init; }
}

/// <summary>A value of state: its bytes as an array of numbers, or a string that stands for its UTF-8 bytes.</summary>
/// <remarks>For the API document.</remarks>
public readonly record struct StateValue;
