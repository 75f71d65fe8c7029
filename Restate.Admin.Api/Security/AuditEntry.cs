using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Security;

/// <summary>One change, asked for by somebody who was let in.</summary>
/// <param name="At">When it was answered.</param>
/// <param name="Actor">Name of the token; null where the port asks for none. <c>file:</c> and a path for a changed configuration file.</param>
/// <param name="Remote">Address it came from; null for a file.</param>
/// <param name="Action">Method and path with its query, or what a file did.</param>
/// <param name="Status">HTTP status of the answer; null for a file.</param>
/// <param name="Before">What was; null where there was nothing, or it is not known.</param>
/// <param name="After">What is; null where there is nothing any more.</param>
internal sealed record AuditEntry(
    DateTimeOffset At, string? Actor, string? Remote, string Action, int? Status, JsonNode? Before, JsonNode? After);
