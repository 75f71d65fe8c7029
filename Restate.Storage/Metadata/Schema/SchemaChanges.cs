using System.Collections.Immutable;
using Restate.Storage.Types;

namespace Restate.Storage.Metadata.Schema;

/// <summary>How a registration ended.</summary>
public enum RegistrationOutcome
{
    /// <summary>A new deployment.</summary>
    Created,

    /// <summary>A deployment at that address was there; nothing changed.</summary>
    Unchanged,

    /// <summary>The deployment at that address was replaced; it keeps its id.</summary>
    Overwritten,
}

/// <summary>What a registration led to, or would lead to.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Deployment">The deployment with its services as they then are.</param>
public sealed record Registration(RegistrationOutcome Outcome, Deployment Deployment);

/// <summary>How a registration treats what is there.</summary>
/// <param name="Force">True overwrites a deployment at the same address; implies <paramref name="Breaking"/>.</param>
/// <param name="Breaking">True lets a service change its type.</param>
/// <param name="DryRun">True stores nothing.</param>
public readonly record struct RegistrationOptions(bool Force = false, bool Breaking = false, bool DryRun = false);

/// <summary>New settings of a service; null leaves a setting as it is.</summary>
public sealed record ServicePatch
{
    /// <summary>Callable through the ingress.</summary>
    public bool? Public { get; init; }

    /// <summary>See <see cref="ServiceSchema.IdempotencyRetention"/>.</summary>
    public TimeSpan? IdempotencyRetention { get; init; }

    /// <summary>See <see cref="ServiceSchema.WorkflowCompletionRetention"/>.</summary>
    public TimeSpan? WorkflowCompletionRetention { get; init; }

    /// <summary>See <see cref="ServiceSchema.JournalRetention"/>.</summary>
    public TimeSpan? JournalRetention { get; init; }

    /// <summary>See <see cref="ServiceSchema.InactivityTimeout"/>.</summary>
    public TimeSpan? InactivityTimeout { get; init; }

    /// <summary>See <see cref="ServiceSchema.AbortTimeout"/>.</summary>
    public TimeSpan? AbortTimeout { get; init; }
}

/// <summary>The changes a registry can undergo, as pure functions from one document to the next.</summary>
internal static class SchemaChanges
{
    /// <summary>Adds a discovered deployment, or replaces the one at its address.</summary>
    /// <param name="current">What is registered.</param>
    /// <param name="found">What discovery found; its id is used when it is new, revisions are set here.</param>
    /// <param name="options">How to treat what is there.</param>
    /// <exception cref="SchemaException">A name is reserved, or a service changes its type.</exception>
    public static (SchemaDocument Next, Registration Result) Register(SchemaSnapshot current, Deployment found, RegistrationOptions options)
    {
        Deployment? existing = current.FindDeployment(found.Uri);
        if (existing is not null && !options.Force)
            return (current.Document, new Registration(RegistrationOutcome.Unchanged, existing));

        DeploymentId id = existing?.Id ?? found.Id;
        Deployment next = found with
        {
            Id = id,
            Services = [.. found.Services.Select(service => Revise(current, service, options) with { DeploymentId = id })],
        };
        ImmutableArray<Deployment> deployments = existing is null
            ? current.Deployments.Add(next)
            : Replace(current.Deployments, next);
        return (
            current.Document with { Deployments = deployments },
            new Registration(existing is null ? RegistrationOutcome.Created : RegistrationOutcome.Overwritten, next));
    }

    /// <summary>Moves a deployment to what discovery found, in place: id, labels and time of registration stay.</summary>
    /// <param name="current">What is registered.</param>
    /// <param name="id">The deployment.</param>
    /// <param name="found">What discovery found at its new address or with its new headers.</param>
    /// <param name="overwrite">
    /// True replaces its services by those found: known ones keep their revision, others start at 1 and so take no calls over from a
    /// deployment that has them already. False keeps its services as they are registered.
    /// </param>
    /// <exception cref="SchemaException">There is no such deployment, it speaks other protocol versions now, or a name is reserved.</exception>
    public static (SchemaDocument Next, Deployment Result) Update(SchemaSnapshot current, DeploymentId id, Deployment found, bool overwrite)
    {
        Deployment existing = current.FindDeployment(id)
            ?? throw new SchemaException(SchemaFailure.NotFound, $"not found in the schema registry: deployment with id '{id}'");
        if ((existing.MinProtocolVersion, existing.MaxProtocolVersion) != (found.MinProtocolVersion, found.MaxProtocolVersion))
        {
            throw new SchemaException(
                SchemaFailure.Invalid,
                "an update deployment operation must provide an endpoint with the same services and handlers. "
                + "The update tried to change the supported protocol versions from "
                + $"{existing.MinProtocolVersion}..={existing.MaxProtocolVersion} to {found.MinProtocolVersion}..={found.MaxProtocolVersion}",
                "META0016");
        }

        Deployment next = existing with
        {
            Uri = found.Uri,
            ProtocolType = found.ProtocolType,
            HttpVersion = found.HttpVersion,
            AdditionalHeaders = found.AdditionalHeaders,
            SdkVersion = found.SdkVersion,
            Services = overwrite ? [.. found.Services.Select(InPlace)] : existing.Services,
        };
        return (current.Document with { Deployments = Replace(current.Deployments, next) }, next);

        ServiceSchema InPlace(ServiceSchema service)
        {
            RefuseReservedName(service);
            uint? known = existing.Services.FirstOrDefault(other => other.Name == service.Name)?.Revision;
            return service with { Revision = known ?? 1, DeploymentId = id };
        }
    }

    /// <summary>Removes a deployment; its services fall back to the highest revision another deployment holds, or vanish.</summary>
    /// <exception cref="SchemaException">There is no such deployment.</exception>
    public static SchemaDocument Delete(SchemaSnapshot current, DeploymentId id)
    {
        if (current.FindDeployment(id) is null)
            throw new SchemaException(SchemaFailure.NotFound, $"not found in the schema registry: deployment with id '{id}'");
        return current.Document with { Deployments = [.. current.Deployments.Where(deployment => deployment.Id != id)] };
    }

    /// <summary>Changes settings of the latest revision of a service.</summary>
    /// <exception cref="SchemaException">There is no such service, or a setting does not apply to its type.</exception>
    public static (SchemaDocument Next, ServiceSchema Result) Modify(SchemaSnapshot current, string name, ServicePatch patch)
    {
        ServiceSchema service = current.FindService(name)
            ?? throw new SchemaException(SchemaFailure.NotFound, $"not found in the schema registry: service with name '{name}'");
        if (patch.WorkflowCompletionRetention is not null && service.Type != ServiceType.Workflow)
        {
            throw new SchemaException(
                SchemaFailure.Invalid, $"modifying retention time for service type {service.Type} is unsupported");
        }

        ServiceSchema next = service with
        {
            Public = patch.Public ?? service.Public,
            IdempotencyRetention = patch.IdempotencyRetention ?? service.IdempotencyRetention,
            WorkflowCompletionRetention = patch.WorkflowCompletionRetention ?? service.WorkflowCompletionRetention,
            JournalRetention = patch.JournalRetention ?? service.JournalRetention,
            InactivityTimeout = patch.InactivityTimeout ?? service.InactivityTimeout,
            AbortTimeout = patch.AbortTimeout ?? service.AbortTimeout,
        };
        Deployment deployment = current.FindDeployment(service.DeploymentId)!;
        Deployment changed = deployment with
        {
            Services = [.. deployment.Services.Select(other => other.Name == name ? next : other)],
        };
        return (current.Document with { Deployments = Replace(current.Deployments, changed) }, next);
    }

    private static ImmutableArray<Deployment> Replace(ImmutableArray<Deployment> deployments, Deployment next) =>
        [.. deployments.Select(deployment => deployment.Id == next.Id ? next : deployment)];

    private static ServiceSchema Revise(SchemaSnapshot current, ServiceSchema service, RegistrationOptions options)
    {
        RefuseReservedName(service);
        ServiceSchema? latest = current.FindService(service.Name);
        if (latest is not null && latest.Type != service.Type && !options.Breaking && !options.Force)
        {
            throw new SchemaException(
                SchemaFailure.Conflict,
                $"detected a new service revision for '{service.Name}' changing the service type from previous revision. " +
                "Service type cannot be changed across revisions.",
                "META0006");
        }

        return service with { Revision = (latest?.Revision ?? 0) + 1 };
    }

    private static void RefuseReservedName(ServiceSchema service)
    {
        if (service.Name.StartsWith("restate", StringComparison.OrdinalIgnoreCase)
            || service.Name.Equals("openapi", StringComparison.OrdinalIgnoreCase))
        {
            throw new SchemaException(
                SchemaFailure.Invalid, $"cannot insert/modify service '{service.Name}' as it contains a reserved name", "META0005");
        }
    }
}
