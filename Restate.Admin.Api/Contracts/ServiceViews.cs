using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Services of <c>GET /services</c>.</summary>
/// <param name="Services">The latest revision of every service.</param>
public sealed record ServiceListView([property: JsonPropertyName("services")] IReadOnlyList<ServiceView> Services);

/// <summary>Handlers of <c>GET /services/{service}/handlers</c>.</summary>
/// <param name="Handlers">All handlers of the service.</param>
public sealed record HandlerListView([property: JsonPropertyName("handlers")] IReadOnlyList<HandlerView> Handlers);

/// <summary>A service with its effective settings. Durations are text such as <c>1d 12h</c>.</summary>
public sealed record ServiceView
{
    /// <summary>Name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary><c>Service</c>, <c>VirtualObject</c> or <c>Workflow</c>.</summary>
    [JsonPropertyName("ty")]
    public required string Ty { get; init; }

    /// <summary>Its handlers.</summary>
    [JsonPropertyName("handlers")]
    public required IReadOnlyList<HandlerView> Handlers { get; init; }

    /// <summary>Text for people.</summary>
    [JsonPropertyName("documentation")]
    public string? Documentation { get; init; }

    /// <summary>Labels; absent when there are none.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Deployment of this revision.</summary>
    [JsonPropertyName("deployment_id")]
    public required string DeploymentId { get; init; }

    /// <summary>1 for the first registration, then one more each time.</summary>
    [JsonPropertyName("revision")]
    public required uint Revision { get; init; }

    /// <summary>Callable through the ingress.</summary>
    [JsonPropertyName("public")]
    public required bool Public { get; init; }

    /// <summary>How long results of calls with an idempotency key are kept.</summary>
    [JsonPropertyName("idempotency_retention")]
    public required string IdempotencyRetention { get; init; }

    /// <summary>How long a finished workflow can be read; workflows only.</summary>
    [JsonPropertyName("workflow_completion_retention")]
    public string? WorkflowCompletionRetention { get; init; }

    /// <summary>How long journals of finished calls are kept.</summary>
    [JsonPropertyName("journal_retention")]
    public string? JournalRetention { get; init; }

    /// <summary>Silence after which a call is asked to suspend.</summary>
    [JsonPropertyName("inactivity_timeout")]
    public required string InactivityTimeout { get; init; }

    /// <summary>Silence after that, after which a call is aborted.</summary>
    [JsonPropertyName("abort_timeout")]
    public required string AbortTimeout { get; init; }

    /// <summary>True when calls fetch state key by key.</summary>
    [JsonPropertyName("enable_lazy_state")]
    public required bool EnableLazyState { get; init; }

    /// <summary>When and how often a failed call is tried again.</summary>
    [JsonPropertyName("retry_policy")]
    public required RetryPolicyView RetryPolicy { get; init; }

    /// <summary>Remarks; absent when there are none.</summary>
    [JsonPropertyName("info")]
    public IReadOnlyList<InfoView>? Info { get; init; }
}

/// <summary>A handler with the settings of its own; what is absent comes from its service.</summary>
public sealed record HandlerView
{
    /// <summary>Name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary><c>Exclusive</c>, <c>Shared</c> or <c>Workflow</c>; absent for plain services.</summary>
    [JsonPropertyName("ty")]
    public string? Ty { get; init; }

    /// <summary>Text for people.</summary>
    [JsonPropertyName("documentation")]
    public string? Documentation { get; init; }

    /// <summary>Labels; absent when there are none.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>How long results of calls with an idempotency key are kept.</summary>
    [JsonPropertyName("idempotency_retention")]
    public string? IdempotencyRetention { get; init; }

    /// <summary>How long journals of finished calls are kept.</summary>
    [JsonPropertyName("journal_retention")]
    public string? JournalRetention { get; init; }

    /// <summary>Silence after which a call is asked to suspend.</summary>
    [JsonPropertyName("inactivity_timeout")]
    public string? InactivityTimeout { get; init; }

    /// <summary>Silence after that, after which a call is aborted.</summary>
    [JsonPropertyName("abort_timeout")]
    public string? AbortTimeout { get; init; }

    /// <summary>True when calls fetch state key by key.</summary>
    [JsonPropertyName("enable_lazy_state")]
    public bool? EnableLazyState { get; init; }

    /// <summary>Callable through the ingress.</summary>
    [JsonPropertyName("public")]
    public required bool Public { get; init; }

    /// <summary>What it takes, in words.</summary>
    [JsonPropertyName("input_description")]
    public required string InputDescription { get; init; }

    /// <summary>What it returns, in words.</summary>
    [JsonPropertyName("output_description")]
    public required string OutputDescription { get; init; }

    /// <summary>JSON schema of what it takes.</summary>
    [JsonPropertyName("input_json_schema")]
    public JsonElement? InputJsonSchema { get; init; }

    /// <summary>JSON schema of what it returns.</summary>
    [JsonPropertyName("output_json_schema")]
    public JsonElement? OutputJsonSchema { get; init; }

    /// <summary>Retry settings of its own.</summary>
    [JsonPropertyName("retry_policy")]
    public required RetryPolicyView RetryPolicy { get; init; }

    /// <summary>Remarks; absent when there are none.</summary>
    [JsonPropertyName("info")]
    public IReadOnlyList<InfoView>? Info { get; init; }
}

/// <summary>When and how often a failed call is tried again.</summary>
public sealed record RetryPolicyView
{
    /// <summary>Wait before the first retry.</summary>
    [JsonPropertyName("initial_interval")]
    public string? InitialInterval { get; init; }

    /// <summary>Factor between one wait and the next.</summary>
    [JsonPropertyName("exponentiation_factor"), JsonConverter(typeof(FactorConverter))]
    public float? ExponentiationFactor { get; init; }

    /// <summary>Attempts in all; always present, null when not set here.</summary>
    [JsonPropertyName("max_attempts"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public uint? MaxAttempts { get; init; }

    /// <summary>Longest wait.</summary>
    [JsonPropertyName("max_interval")]
    public string? MaxInterval { get; init; }

    /// <summary><c>Pause</c> or <c>Kill</c>.</summary>
    [JsonPropertyName("on_max_attempts")]
    public string? OnMaxAttempts { get; init; }
}

/// <summary>Writes a factor as a decimal number also where it is whole: <c>2.0</c>, for clients whose types tell the two apart.</summary>
internal sealed class FactorConverter : JsonConverter<float>
{
    /// <inheritdoc/>
    public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetSingle();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        writer.WriteRawValue(text.AsSpan().ContainsAny(".E") ? text : text + ".0");
    }
}

/// <summary>A remark on a service or handler.</summary>
/// <param name="Code">Restate's code, or null.</param>
/// <param name="Message">For a person.</param>
public sealed record InfoView(
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("message")] string Message);

/// <summary>Body of <c>PATCH /services/{service}</c>, for the API document; the endpoint reads it field by field.</summary>
public sealed record ModifyServiceRequest
{
    /// <summary>Callable through the ingress; false hides all handlers.</summary>
    [JsonPropertyName("public")]
    public bool? Public { get; init; }

    /// <summary>How long results of calls with an idempotency key are kept, such as <c>5 hours</c>, <c>1d 12h</c> or <c>PT1H</c>.</summary>
    [JsonPropertyName("idempotency_retention")]
    public string? IdempotencyRetention { get; init; }

    /// <summary>How long a finished workflow can be read; workflows only.</summary>
    [JsonPropertyName("workflow_completion_retention")]
    public string? WorkflowCompletionRetention { get; init; }

    /// <summary>How long journals of finished calls are kept.</summary>
    [JsonPropertyName("journal_retention")]
    public string? JournalRetention { get; init; }

    /// <summary>Silence after which a call is asked to suspend.</summary>
    [JsonPropertyName("inactivity_timeout")]
    public string? InactivityTimeout { get; init; }

    /// <summary>Silence after that, after which a call is aborted.</summary>
    [JsonPropertyName("abort_timeout")]
    public string? AbortTimeout { get; init; }
}
