using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Restate.Admin.Api.Contracts;
using Restate.Storage.Metadata.Schema;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Shows what the schema registry holds, with the server's defaults where nothing is set.</summary>
internal static class ServiceViews
{
    private static readonly TimeSpan DefaultRetention = TimeSpan.FromDays(1);
    private static readonly TimeSpan DefaultInactivityTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DefaultAbortTimeout = TimeSpan.FromMinutes(10);

    private static readonly RetryPolicy DefaultRetries = new()
    {
        InitialInterval = TimeSpan.FromMilliseconds(500),
        ExponentiationFactor = 2,
        MaxAttempts = 70,
        MaxInterval = TimeSpan.FromMinutes(1),
        OnMaxAttempts = OnMaxAttempts.Pause,
    };

    public static DeploymentView<ServiceRevisionView> Brief(Deployment deployment) =>
        View(deployment, service => new ServiceRevisionView(service.Name, service.Revision));

    public static DeploymentView<ServiceView> Full(Deployment deployment) =>
        View(deployment, service => View(service, deployment.ProtocolType));

    public static RegisteredDeploymentView Registered(Deployment deployment) => new()
    {
        Id = deployment.Id.ToString(),
        Services = [.. deployment.Services.Select(service => View(service, deployment.ProtocolType))],
        MinProtocolVersion = deployment.MinProtocolVersion,
        MaxProtocolVersion = deployment.MaxProtocolVersion,
        SdkVersion = deployment.SdkVersion,
    };

    /// <summary>A service of a snapshot.</summary>
    public static ServiceView View(ServiceSchema service, SchemaSnapshot snapshot) =>
        View(service, snapshot.FindDeployment(service.DeploymentId)!.ProtocolType);

    /// <summary>A handler of a service of a snapshot.</summary>
    public static HandlerView View(HandlerSchema handler, ServiceSchema service, SchemaSnapshot snapshot) =>
        View(handler, service, snapshot.FindDeployment(service.DeploymentId)!.ProtocolType);

    private static DeploymentView<T> View<T>(Deployment deployment, Func<ServiceSchema, T> show) => new()
    {
        Id = deployment.Id.ToString(),
        Uri = deployment.Uri.Shown,
        ProtocolType = deployment.ProtocolType.ToString(),
        HttpVersion = deployment.HttpVersion,
        AdditionalHeaders = Map(deployment.AdditionalHeaders),
        Metadata = Map(deployment.Metadata),
        CreatedAt = deployment.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture),
        MinProtocolVersion = deployment.MinProtocolVersion,
        MaxProtocolVersion = deployment.MaxProtocolVersion,
        SdkVersion = deployment.SdkVersion,
        Services = [.. deployment.Services.Select(show)],
    };

    private static ServiceView View(ServiceSchema service, ProtocolType protocol) => new()
    {
        Name = service.Name,
        Ty = service.Type.ToString(),
        Handlers = [.. service.Handlers.Select(handler => View(handler, service, protocol))],
        Documentation = service.Documentation,
        Metadata = Map(service.Metadata),
        DeploymentId = service.DeploymentId.ToString(),
        Revision = service.Revision,
        Public = service.Public,
        IdempotencyRetention = ServiceDuration.Format(service.IdempotencyRetention ?? DefaultRetention),
        WorkflowCompletionRetention = service.Type == ServiceType.Workflow
            ? ServiceDuration.Format(service.WorkflowCompletionRetention ?? DefaultRetention)
            : null,
        JournalRetention = ServiceDuration.Format(service.JournalRetention ?? DefaultRetention),
        // A call that is one request and one response suspends at once: waiting for silence has no meaning there.
        InactivityTimeout = ServiceDuration.Format(protocol == ProtocolType.RequestResponse
            ? TimeSpan.Zero
            : service.InactivityTimeout ?? DefaultInactivityTimeout),
        AbortTimeout = ServiceDuration.Format(service.AbortTimeout ?? DefaultAbortTimeout),
        EnableLazyState = service.EnableLazyState ?? false,
        RetryPolicy = View(new RetryPolicy
        {
            InitialInterval = service.RetryPolicy.InitialInterval ?? DefaultRetries.InitialInterval,
            ExponentiationFactor = service.RetryPolicy.ExponentiationFactor ?? DefaultRetries.ExponentiationFactor,
            MaxAttempts = service.RetryPolicy.MaxAttempts ?? DefaultRetries.MaxAttempts,
            MaxInterval = service.RetryPolicy.MaxInterval ?? DefaultRetries.MaxInterval,
            OnMaxAttempts = service.RetryPolicy.OnMaxAttempts ?? DefaultRetries.OnMaxAttempts,
        }),
        Info = UnusedTimeout(service.InactivityTimeout, protocol, "service"),
    };

    private static HandlerView View(HandlerSchema handler, ServiceSchema service, ProtocolType protocol) => new()
    {
        Name = handler.Name,
        Ty = handler.Type?.ToString(),
        Documentation = handler.Documentation,
        Metadata = Map(handler.Metadata),
        IdempotencyRetention = Format(handler.IdempotencyRetention),
        JournalRetention = Format(handler.JournalRetention),
        InactivityTimeout = protocol == ProtocolType.RequestResponse ? null : Format(handler.InactivityTimeout),
        AbortTimeout = Format(handler.AbortTimeout),
        EnableLazyState = handler.EnableLazyState,
        Public = service.Public && handler.Public,
        InputDescription = DescribeInput(handler.Input),
        OutputDescription = DescribeOutput(handler.Output),
        InputJsonSchema = SchemaOf(handler.Input),
        OutputJsonSchema = SchemaOf(handler.Output),
        RetryPolicy = View(handler.RetryPolicy),
        Info = UnusedTimeout(handler.InactivityTimeout, protocol, "handler"),
    };

    private static RetryPolicyView View(RetryPolicy policy) => new()
    {
        InitialInterval = Format(policy.InitialInterval),
        ExponentiationFactor = policy.ExponentiationFactor,
        MaxAttempts = policy.MaxAttempts,
        MaxInterval = Format(policy.MaxInterval),
        OnMaxAttempts = policy.OnMaxAttempts?.ToString(),
    };

    private static InfoView[]? UnusedTimeout(TimeSpan? configured, ProtocolType protocol, string what) =>
        configured is { } timeout && protocol == ProtocolType.RequestResponse
            ? [new InfoView("RT0021", $"The configured inactivity_timeout {ServiceDuration.Format(timeout)} will not be applied because the {what} is exposed in Request/Response mode.")]
            : null;

    private static string DescribeInput(PayloadRules? input) => input switch
    {
        null => "*/*",
        { ContentType: null, Required: true } => "<invalid rules>",
        { ContentType: null } => "none",
        { ContentType: { } type } => DescribeSchema(input.JsonSchema) ?? type,
    };

    private static string DescribeOutput(PayloadRules? output) => output switch
    {
        null => "application/json",
        { ContentType: null } => "none",
        { ContentType: { } type } => DescribeSchema(output.JsonSchema) ?? (output.SetContentTypeIfEmpty ? $"optional {type}" : type),
    };

    /// <summary>A schema by its title, else by its type; null when it has neither.</summary>
    private static string? DescribeSchema(JsonElement? schema) =>
        schema is not { ValueKind: JsonValueKind.Object } known ? null
        : known.TryGetProperty("title", out JsonElement title) && title.ValueKind == JsonValueKind.String ? $"JSON '{title.GetString()}'"
        : known.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String ? $"JSON {type.GetString()}"
        : null;

    private static JsonElement? SchemaOf(PayloadRules? rules) => rules?.ContentType is null ? null : rules.JsonSchema;

    private static string? Format(TimeSpan? value) => value is { } set ? ServiceDuration.Format(set) : null;

    private static ImmutableSortedDictionary<string, string>? Map(ImmutableSortedDictionary<string, string> map) =>
        map.IsEmpty ? null : map;
}
