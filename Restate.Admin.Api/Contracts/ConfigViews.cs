using System.Text.Json;
using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Answer of <c>GET /config</c>: the configuration in force.</summary>
/// <param name="Generation">1 at the start, one more with every change.</param>
/// <param name="File">The configuration file, which is followed while the node runs; null when there is none.</param>
/// <param name="Options">Every option, in the order of the documentation.</param>
public sealed record ConfigView(
    [property: JsonPropertyName("generation")] long Generation,
    [property: JsonPropertyName("file"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? File,
    [property: JsonPropertyName("options")] IReadOnlyList<ConfigOptionView> Options);

/// <summary>An option.</summary>
/// <param name="Key">TOML path.</param>
/// <param name="Value">Value in force, sizes in bytes; null where it is not set and has no fixed default.</param>
/// <param name="Source">Where it comes from: <c>default</c>, <c>file</c>, <c>env</c>, <c>cli</c> or <c>runtime</c>.</param>
/// <param name="Live">True when it can change while the node runs; else it needs a restart.</param>
public sealed record ConfigOptionView(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("value"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Value,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("live")] bool Live);

/// <summary>Answer of <c>GET /config/reload-report</c>: what the last reading of the configuration file led to.</summary>
/// <param name="At">When, RFC 3339; null when the file was not read again since the start.</param>
/// <param name="File">The file; null when the node was started without one.</param>
/// <param name="Outcome"><c>none</c>, <c>applied</c>, <c>unchanged</c> or <c>refused</c>.</param>
/// <param name="Generation">Generation in force after it.</param>
/// <param name="Applied">Options whose value in force changed.</param>
/// <param name="NeedsRestart">Options that the file sets to another value than the one that runs, and that only a start reads.</param>
/// <param name="Unchanged">Options whose text changed without effect, with the reason.</param>
/// <param name="Refused">Why the file was refused, a line for every error; the configuration from before is in force then.</param>
/// <param name="Warnings">Values that were clamped, and keys that have no effect.</param>
public sealed record ConfigReloadView(
    [property: JsonPropertyName("at"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? At,
    [property: JsonPropertyName("file"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? File,
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("generation")] long Generation,
    [property: JsonPropertyName("applied")] IReadOnlyList<ConfigChangeView> Applied,
    [property: JsonPropertyName("needs_restart")] IReadOnlyList<ConfigChangeView> NeedsRestart,
    [property: JsonPropertyName("unchanged")] IReadOnlyList<ConfigChangeView> Unchanged,
    [property: JsonPropertyName("refused")] IReadOnlyList<string> Refused,
    [property: JsonPropertyName("warnings")] IReadOnlyList<string> Warnings);

/// <summary>An option in a reload report.</summary>
/// <param name="Key">TOML path.</param>
/// <param name="Before">Value in force before, as in TOML; null where it was not set.</param>
/// <param name="After">Value that file and other layers lead to, as in TOML; null where it is not set.</param>
/// <param name="Reason">Why it is listed where it is; null where the list says enough.</param>
public sealed record ConfigChangeView(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("before"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Before,
    [property: JsonPropertyName("after"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? After,
    [property: JsonPropertyName("reason"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Reason);
