using System.Collections.Frozen;
using System.Collections.Immutable;
using Restate.Storage.Types;

namespace Restate.Storage.Metadata.Schema;

/// <summary>Everything registered at one moment. Immutable; safe for any thread.</summary>
public sealed class SchemaSnapshot
{
    private readonly FrozenDictionary<DeploymentId, Deployment> _deployments;
    private readonly FrozenDictionary<string, ServiceSchema> _services;

    internal SchemaSnapshot(uint version, SchemaDocument document)
    {
        Version = version;
        Document = document;
        _deployments = document.Deployments.ToFrozenDictionary(deployment => deployment.Id);
        Services = [.. document.Deployments
            .SelectMany(deployment => deployment.Services)
            .GroupBy(service => service.Name, StringComparer.Ordinal)
            .Select(revisions => revisions.MaxBy(service => service.Revision)!)
            .OrderBy(service => service.Name, StringComparer.Ordinal)];
        _services = Services.ToFrozenDictionary(service => service.Name, StringComparer.Ordinal);
    }

    /// <summary>Version of the stored value; 0 while nothing was ever registered.</summary>
    public uint Version { get; }

    /// <summary>All deployments in the order of registration.</summary>
    public ImmutableArray<Deployment> Deployments => Document.Deployments;

    /// <summary>The latest revision of every service, by name.</summary>
    public ImmutableArray<ServiceSchema> Services { get; }

    internal SchemaDocument Document { get; }

    /// <summary>The deployment with that id, or null.</summary>
    public Deployment? FindDeployment(DeploymentId id) => _deployments.GetValueOrDefault(id);

    /// <summary>The deployment at that address, or null.</summary>
    public Deployment? FindDeployment(EndpointUri uri) => Deployments.FirstOrDefault(deployment => deployment.Uri.IsSameEndpoint(uri));

    /// <summary>The latest revision of a service, or null. Names are case-sensitive.</summary>
    public ServiceSchema? FindService(string name) => _services.GetValueOrDefault(name);

    /// <summary>The rows of <c>sys_service</c>, by name.</summary>
    public IEnumerable<ServiceRow> EnumerateServices() => Services.Select(service => new ServiceRow(
        service.Name,
        service.Revision,
        service.Public,
        service.Type switch
        {
            ServiceType.Service => "service",
            ServiceType.VirtualObject => "virtual_object",
            _ => "workflow",
        },
        service.DeploymentId.ToString()));
}

/// <summary>A row of the SQL table <c>sys_service</c>.</summary>
/// <param name="Name">Service name.</param>
/// <param name="Revision">Latest revision.</param>
/// <param name="Public">Callable through the ingress.</param>
/// <param name="Type"><c>service</c>, <c>virtual_object</c> or <c>workflow</c>.</param>
/// <param name="DeploymentId">Deployment of the latest revision.</param>
public readonly record struct ServiceRow(string Name, ulong Revision, bool Public, string Type, string DeploymentId);
