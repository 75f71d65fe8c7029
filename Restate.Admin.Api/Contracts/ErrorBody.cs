using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Body of an error of the admin API.</summary>
/// <param name="Message">What was wrong, for a person.</param>
/// <param name="RestateCode">Restate's error code such as META0003; null where there is none, but always present.</param>
public sealed record ErrorBody(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("restate_code"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? RestateCode = null);
