using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Restate.Storage.Metadata.Schema;

namespace Restate.Admin.Api.Endpoints.Discovery;

/// <summary>Turns a manifest into service schemas, and refuses what makes no sense.</summary>
internal static partial class ManifestReader
{
    /// <summary>Service protocol versions this server can speak.</summary>
    private const int MinProtocolVersion = 5;
    private const int MaxProtocolVersion = 7;

    /// <summary>Most of a manifest that an error repeats.</summary>
    private const int MaxEcho = 4096;

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="DiscoveryException">It cannot be read, or says what is not allowed.</exception>
    public static ManifestContent Read(ReadOnlySpan<byte> utf8)
    {
        EndpointManifest manifest = Parse(utf8);
        string? mode = manifest.ProtocolMode;
        ProtocolType protocol = mode switch
        {
            "BIDI_STREAM" => ProtocolType.BidiStream,
            "REQUEST_RESPONSE" => ProtocolType.RequestResponse,
            null => throw DiscoveryException.BadResponse("missing protocol mode"),
            _ => throw Undecodable(utf8, $"unknown variant `{mode}`, expected one of `BIDI_STREAM`, `REQUEST_RESPONSE`"),
        };
        CheckProtocolVersions(manifest);
        foreach (ManifestService service in manifest.Services)
        {
            if (!ServiceName().IsMatch(service.Name))
                throw Undecodable(utf8, $"the service name '{service.Name}' doesn't match pattern \"{ServiceName()}\"");
            if (service.Handlers.Find(handler => !HandlerName().IsMatch(handler.Name)) is { } handler)
                throw Undecodable(utf8, $"the handler name '{handler.Name}' doesn't match pattern \"{HandlerName()}\"");
        }

        // Of two entries with one name the later counts, as the peer has it.
        var services = new Dictionary<string, ServiceSchema>(StringComparer.Ordinal);
        foreach (ManifestService service in manifest.Services)
            services[service.Name] = Service(service, utf8);

        return new ManifestContent(
            protocol,
            (int)manifest.MinProtocolVersion,
            (int)manifest.MaxProtocolVersion,
            [.. services.Values]);
    }

    private static EndpointManifest Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, ManifestJsonContext.Default.EndpointManifest)
                ?? throw Undecodable(utf8, "invalid type: null, expected a map");
        }
        catch (JsonException e)
        {
            throw Undecodable(utf8, JsonBody.Describe(e), e);
        }
    }

    private static void CheckProtocolVersions(EndpointManifest manifest)
    {
        (long min, long max) = (manifest.MinProtocolVersion, manifest.MaxProtocolVersion);
        if (min is < 1 or > int.MaxValue)
            throw DiscoveryException.BadResponse("min protocol version must be in [1, 2147483647]");
        if (max is < 1 or > int.MaxValue)
            throw DiscoveryException.BadResponse("max protocol version must be in [1, 2147483647]");
        if (min > max)
        {
            throw DiscoveryException.BadResponse(
                "Expected min protocol version to be <= max protocol version. " +
                $"Received min protocol version '{min}', max protocol version '{max}'");
        }

        if (min > MaxProtocolVersion || max < MinProtocolVersion)
        {
            throw DiscoveryException.ProtocolVersion(
                $"unsupported service protocol versions: [{min}, {max}]. Supported versions by this runtime are " +
                $"[{MinProtocolVersion}, {MaxProtocolVersion}]. Please upgrade the SDK and try registering again.");
        }
    }

    private static ServiceSchema Service(ManifestService service, ReadOnlySpan<byte> utf8)
    {
        ServiceType type = service.Ty switch
        {
            "SERVICE" => ServiceType.Service,
            "VIRTUAL_OBJECT" => ServiceType.VirtualObject,
            "WORKFLOW" => ServiceType.Workflow,
            _ => throw Undecodable(
                utf8, $"unknown variant `{service.Ty}` for service '{service.Name}', expected one of `VIRTUAL_OBJECT`, `SERVICE`, `WORKFLOW`"),
        };
        var handlers = new Dictionary<string, HandlerSchema>(StringComparer.Ordinal);
        TimeSpan? workflowRetention = null;
        foreach (ManifestHandler handler in service.Handlers)
        {
            handlers[handler.Name] = Handler(service, type, handler, utf8);
            workflowRetention = Duration(handler.WorkflowCompletionRetention) ?? workflowRetention;
        }

        return new ServiceSchema
        {
            Name = service.Name,
            Type = type,
            Public = service.IngressPrivate != true,
            Documentation = service.Documentation,
            Metadata = Map(service.Metadata),
            IdempotencyRetention = Duration(service.IdempotencyRetention),
            WorkflowCompletionRetention = workflowRetention,
            JournalRetention = Duration(service.JournalRetention),
            InactivityTimeout = Duration(service.InactivityTimeout),
            AbortTimeout = Duration(service.AbortTimeout),
            EnableLazyState = service.EnableLazyState,
            RetryPolicy = Retries(service, utf8),
            Handlers = [.. handlers.Values],
        };
    }

    private static HandlerSchema Handler(ManifestService service, ServiceType serviceType, ManifestHandler handler, ReadOnlySpan<byte> utf8)
    {
        HandlerType? given = handler.Ty switch
        {
            null => null,
            "EXCLUSIVE" => HandlerType.Exclusive,
            "SHARED" => HandlerType.Shared,
            "WORKFLOW" => HandlerType.Workflow,
            _ => throw Undecodable(
                utf8, $"unknown variant `{handler.Ty}` for handler '{handler.Name}', expected one of `WORKFLOW`, `EXCLUSIVE`, `SHARED`"),
        };
        HandlerType? type = (serviceType, given) switch
        {
            (ServiceType.Service, null or HandlerType.Shared) => null,
            (ServiceType.VirtualObject, null or HandlerType.Exclusive) => HandlerType.Exclusive,
            (ServiceType.VirtualObject, HandlerType.Shared) => HandlerType.Shared,
            (ServiceType.Workflow, null or HandlerType.Shared) => HandlerType.Shared,
            (ServiceType.Workflow, HandlerType.Workflow) => HandlerType.Workflow,
            _ => throw DiscoveryException.NotAllowed(
                $"invalid combination of service type and handler type '({serviceType}, Some({given}))'"),
        };
        if (handler.WorkflowCompletionRetention is not null && type != HandlerType.Workflow)
        {
            throw DiscoveryException.NotAllowed(
                $"{handler.Name} sets the workflow_completion_retention, but it's not a WORKFLOW handler");
        }

        if (handler.IdempotencyRetention is not null && type == HandlerType.Workflow)
            throw DiscoveryException.NotAllowed($"{handler.Name} sets the idempotency_retention, but it's a WORKFLOW handler");
        if (service.IngressPrivate == true && handler.IngressPrivate == false)
        {
            throw DiscoveryException.NotAllowed(
                $"The service {service.Name} is private, but the {handler.Name} is explicitly set as public. This is not supported. " +
                "Please make the service public, and hide the individual handlers");
        }

        return new HandlerSchema
        {
            Name = handler.Name,
            Type = type,
            Public = handler.IngressPrivate != true,
            Documentation = handler.Documentation,
            Metadata = Map(handler.Metadata),
            IdempotencyRetention = Duration(handler.IdempotencyRetention),
            JournalRetention = Duration(handler.JournalRetention),
            InactivityTimeout = Duration(handler.InactivityTimeout),
            AbortTimeout = Duration(handler.AbortTimeout),
            EnableLazyState = handler.EnableLazyState,
            RetryPolicy = Retries(handler, utf8),
            Input = Payload(handler.Input, service, handler, "input"),
            Output = Payload(handler.Output, service, handler, "output"),
        };
    }

    private static PayloadRules? Payload(ManifestPayload? payload, ManifestService service, ManifestHandler handler, string which)
    {
        if (payload is null)
            return null;
        if (which == "input" && payload.ContentType is { } type && !type.Contains('/', StringComparison.Ordinal))
        {
            throw DiscoveryException.NotAllowed(
                $"the handler '{handler.Name}' input content-type is not valid: can't parse the content-type '{type}': must contain one /");
        }

        if (payload.JsonSchema is { ValueKind: not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False) } schema)
        {
            throw DiscoveryException.NotAllowed(
                $"the json schema for {service.Name}/{handler.Name} {which} is invalid: " +
                $"{schema.GetRawText()} is not of types \"boolean\", \"object\"");
        }

        return new PayloadRules
        {
            ContentType = payload.ContentType,
            Required = payload.Required ?? false,
            SetContentTypeIfEmpty = payload.SetContentTypeIfEmpty ?? false,
            JsonSchema = payload.JsonSchema,
        };
    }

    private static RetryPolicy Retries(ManifestSettings settings, ReadOnlySpan<byte> utf8) => new()
    {
        InitialInterval = Duration(settings.RetryPolicyInitialInterval),
        ExponentiationFactor = settings.RetryPolicyExponentiationFactor is { } factor && !float.IsFinite((float)factor)
            ? throw Undecodable(utf8, $"the retry exponentiation factor of '{settings.Name}' is out of range")
            : (float?)settings.RetryPolicyExponentiationFactor,
        // Zero attempts cannot be: the first call is one.
        MaxAttempts = settings.RetryPolicyMaxAttempts is { } attempts ? (uint)Math.Clamp(attempts, 1, uint.MaxValue) : null,
        MaxInterval = Duration(settings.RetryPolicyMaxInterval),
        OnMaxAttempts = settings.RetryPolicyOnMaxAttempts switch
        {
            null => null,
            "PAUSE" => OnMaxAttempts.Pause,
            "KILL" => OnMaxAttempts.Kill,
            { } other => throw Undecodable(utf8, $"unknown variant `{other}` of '{settings.Name}', expected `PAUSE` or `KILL`"),
        },
    };

    private static TimeSpan? Duration(ulong? milliseconds) =>
        milliseconds is { } ms ? TimeSpan.FromMilliseconds((long)Math.Min(ms, (ulong)TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond)) : null;

    private static ImmutableSortedDictionary<string, string> Map(Dictionary<string, string>? map) =>
        (map ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static DiscoveryException Undecodable(ReadOnlySpan<byte> utf8, string message, Exception? inner = null) =>
        DiscoveryException.Undecodable(
            message, Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, MaxEcho)]) + (utf8.Length > MaxEcho ? "…" : ""), inner);

    [GeneratedRegex("^([a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9._-]*\\z")]
    private static partial Regex ServiceName();

    [GeneratedRegex("^([a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9_]*\\z")]
    private static partial Regex HandlerName();
}

/// <summary>What a manifest says, checked.</summary>
/// <param name="ProtocolType">How to talk to the endpoint.</param>
/// <param name="MinProtocolVersion">Lowest service protocol version it speaks.</param>
/// <param name="MaxProtocolVersion">Highest service protocol version it speaks.</param>
/// <param name="Services">Its services, without revisions.</param>
internal sealed record ManifestContent(
    ProtocolType ProtocolType, int MinProtocolVersion, int MaxProtocolVersion, ImmutableArray<ServiceSchema> Services);
