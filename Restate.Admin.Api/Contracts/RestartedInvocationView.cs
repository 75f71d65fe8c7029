using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Answer to <c>PATCH /invocations/{invocation_id}/restart-as-new</c>.</summary>
/// <param name="NewInvocationId">Id of the invocation that was started.</param>
public sealed record RestartedInvocationView([property: JsonPropertyName("new_invocation_id")] string NewInvocationId);
