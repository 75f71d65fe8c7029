using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Body of an error of <c>POST /query</c>, which has no error code beside the message.</summary>
/// <param name="Message">What was wrong, for a person.</param>
public sealed record QueryErrorBody([property: JsonPropertyName("message")] string Message);
