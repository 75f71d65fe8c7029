using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Limits of a rule.</summary>
/// <param name="Concurrency">Most invocations that run at once; absent means no limit.</param>
public sealed record RuleLimits([property: JsonPropertyName("concurrency")] uint? Concurrency);

/// <summary>A concurrency-limit rule.</summary>
/// <param name="Pattern">What it limits, such as <c>scope/*</c>.</param>
/// <param name="Limits">The limits.</param>
/// <param name="Description">For people.</param>
/// <param name="Disabled">True leaves it without effect.</param>
/// <param name="Version">Moves with every change.</param>
/// <param name="LastModified">Milliseconds since 1970.</param>
public sealed record RuleView(
    [property: JsonPropertyName("pattern")] string Pattern,
    [property: JsonPropertyName("limits")] RuleLimits Limits,
    [property: JsonPropertyName("description")] string? Description,
    [property: JsonPropertyName("disabled")] bool Disabled,
    [property: JsonPropertyName("version")] uint Version,
    [property: JsonPropertyName("last_modified_millis_since_epoch")] ulong LastModified);

/// <summary>One rule of <c>PUT /limits/rules</c>.</summary>
/// <param name="Pattern">What it limits, such as <c>scope/*</c>.</param>
/// <param name="Limits">The limits.</param>
/// <param name="Description">For people.</param>
/// <param name="Disabled">True leaves it without effect.</param>
public sealed record UpsertRuleRequest(
    [property: JsonPropertyName("pattern")] string Pattern,
    [property: JsonPropertyName("limits")] RuleLimits? Limits,
    [property: JsonPropertyName("description")] string? Description,
    [property: JsonPropertyName("disabled")] bool Disabled);

/// <summary>One rule of <c>POST /limits/rules/bulk-delete</c>.</summary>
/// <param name="Pattern">Pattern of the rule.</param>
/// <param name="ExpectedVersion">The version it must have; absent means any.</param>
public sealed record DeleteRuleRequest(
    [property: JsonPropertyName("pattern")] string Pattern,
    [property: JsonPropertyName("expected_version")] uint? ExpectedVersion);
