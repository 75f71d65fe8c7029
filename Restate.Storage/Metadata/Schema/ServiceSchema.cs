using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Restate.Storage.Types;

namespace Restate.Storage.Metadata.Schema;

/// <summary>What a service keeps between calls.</summary>
public enum ServiceType
{
    /// <summary>Nothing; its calls run at once.</summary>
    Service,

    /// <summary>State per object key; exclusive calls of one key run one after another.</summary>
    VirtualObject,

    /// <summary>State per workflow id, which runs once.</summary>
    Workflow,
}

/// <summary>How calls of a handler meet the state of their key. Handlers of plain services have none.</summary>
public enum HandlerType
{
    /// <summary>One at a time per key, may change state.</summary>
    Exclusive,

    /// <summary>At any time, only reads state.</summary>
    Shared,

    /// <summary>The run of a workflow, once per key.</summary>
    Workflow,
}

/// <summary>What becomes of a call that failed too often.</summary>
public enum OnMaxAttempts
{
    /// <summary>It waits for an operator.</summary>
    Pause,

    /// <summary>It ends with an error.</summary>
    Kill,
}

/// <summary>One revision of a service, as a deployment exposed it. Null settings mean the server's default.</summary>
public sealed record ServiceSchema
{
    /// <summary>Name, unique in the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Its type.</summary>
    public required ServiceType Type { get; init; }

    /// <summary>1 for the first registration of the name, then one more than the highest before.</summary>
    [JsonRequired]
    public uint Revision { get; init; }

    /// <summary>The deployment that holds this revision. Follows from where the schema is stored.</summary>
    [JsonIgnore]
    public DeploymentId DeploymentId { get; init; }

    /// <summary>True when callable through the ingress; false hides all its handlers.</summary>
    [JsonRequired]
    public bool Public { get; init; } = true;

    /// <summary>Text for people, or null.</summary>
    public string? Documentation { get; init; }

    /// <summary>Labels; empty when there are none.</summary>
    [JsonRequired]
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } = EmptyMap.Ordinal;

    /// <summary>How long results of calls with an idempotency key are kept.</summary>
    public TimeSpan? IdempotencyRetention { get; init; }

    /// <summary>How long a finished workflow can be read. Only for workflows.</summary>
    public TimeSpan? WorkflowCompletionRetention { get; init; }

    /// <summary>How long journals of finished calls are kept.</summary>
    public TimeSpan? JournalRetention { get; init; }

    /// <summary>Silence after which a call is asked to suspend.</summary>
    public TimeSpan? InactivityTimeout { get; init; }

    /// <summary>Silence after the request to suspend, after which a call is aborted.</summary>
    public TimeSpan? AbortTimeout { get; init; }

    /// <summary>True when calls fetch state key by key instead of getting all of it at their start.</summary>
    public bool? EnableLazyState { get; init; }

    /// <summary>Retry settings; each one may be unset.</summary>
    [JsonRequired]
    public RetryPolicy RetryPolicy { get; init; } = new();

    /// <summary>Handlers in the order of the manifest; names are unique.</summary>
    [JsonRequired]
    public ImmutableArray<HandlerSchema> Handlers { get; init; } = [];

    /// <summary>The handler of that name, or null.</summary>
    public HandlerSchema? FindHandler(string name) => Handlers.FirstOrDefault(handler => handler.Name == name);
}

/// <summary>A handler of a service. Null settings mean those of the service.</summary>
public sealed record HandlerSchema
{
    /// <summary>Name, unique in its service.</summary>
    public required string Name { get; init; }

    /// <summary>Its type; null for handlers of plain services.</summary>
    public HandlerType? Type { get; init; }

    /// <summary>False when hidden from the ingress. A hidden service hides it as well.</summary>
    [JsonRequired]
    public bool Public { get; init; } = true;

    /// <summary>Text for people, or null.</summary>
    public string? Documentation { get; init; }

    /// <summary>Labels; empty when there are none.</summary>
    [JsonRequired]
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } = EmptyMap.Ordinal;

    /// <summary>As <see cref="ServiceSchema.IdempotencyRetention"/>.</summary>
    public TimeSpan? IdempotencyRetention { get; init; }

    /// <summary>As <see cref="ServiceSchema.JournalRetention"/>.</summary>
    public TimeSpan? JournalRetention { get; init; }

    /// <summary>As <see cref="ServiceSchema.InactivityTimeout"/>.</summary>
    public TimeSpan? InactivityTimeout { get; init; }

    /// <summary>As <see cref="ServiceSchema.AbortTimeout"/>.</summary>
    public TimeSpan? AbortTimeout { get; init; }

    /// <summary>As <see cref="ServiceSchema.EnableLazyState"/>.</summary>
    public bool? EnableLazyState { get; init; }

    /// <summary>Retry settings; each one may be unset.</summary>
    [JsonRequired]
    public RetryPolicy RetryPolicy { get; init; } = new();

    /// <summary>What it takes; null when the manifest does not say.</summary>
    public PayloadRules? Input { get; init; }

    /// <summary>What it returns; null when the manifest does not say.</summary>
    public PayloadRules? Output { get; init; }
}

/// <summary>What a handler takes or returns, as its manifest says.</summary>
public sealed record PayloadRules
{
    /// <summary>Content type, wildcards allowed for input; null for no content at all.</summary>
    public string? ContentType { get; init; }

    /// <summary>Input: true when a call without a body is refused.</summary>
    [JsonRequired]
    public bool Required { get; init; }

    /// <summary>Output: true when an empty result carries the content type as well.</summary>
    [JsonRequired]
    public bool SetContentTypeIfEmpty { get; init; }

    /// <summary>JSON schema of the content, or null.</summary>
    public JsonElement? JsonSchema { get; init; }
}

/// <summary>When and how often a failed call is tried again. Null settings mean those of the service, then the server's.</summary>
public sealed record RetryPolicy
{
    /// <summary>Wait before the first retry.</summary>
    public TimeSpan? InitialInterval { get; init; }

    /// <summary>Factor between one wait and the next.</summary>
    public float? ExponentiationFactor { get; init; }

    /// <summary>Attempts in all, 1 or more.</summary>
    public uint? MaxAttempts { get; init; }

    /// <summary>Longest wait.</summary>
    public TimeSpan? MaxInterval { get; init; }

    /// <summary>What happens after the last attempt.</summary>
    public OnMaxAttempts? OnMaxAttempts { get; init; }
}

/// <summary>The empty map of labels, ordered by the bytes of its keys on every machine.</summary>
internal static class EmptyMap
{
    public static readonly ImmutableSortedDictionary<string, string> Ordinal =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
