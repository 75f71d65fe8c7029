using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Metadata.Schema;
using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>Tables over the schema registry.</summary>
internal static class DeploymentTables
{
    internal static readonly TableDefinition Deployment = new(
        "sys_deployment",
        "Deployments that are registered",
        [
            Text("id", "dp_… id"),
            Text("ty", "http or lambda"),
            Text("endpoint", "URL or ARN"),
            Time("created_at", "registration time (moves when force-overwritten)"),
            Small("min_service_protocol_version", "lowest service protocol"),
            Small("max_service_protocol_version", "highest service protocol"),
            Texts("services", "names exposed by it"),
        ]);

    internal static readonly TableDefinition Service = new(
        "sys_service",
        "Services, each with its latest revision",
        [
            Text("name", "service name"),
            Number("revision", "latest revision"),
            Flag("public", "callable through the ingress"),
            Text("ty", "service, virtual_object, workflow"),
            Text("deployment_id", "latest deployment"),
        ]);

    internal static MemoryTable Deployments(SchemaRegistry schema) => Deployment.Over(() =>
    [
        .. schema.Current.Deployments.Select(deployment => new object?[]
        {
            deployment.Id.ToString(),
            "http",
            deployment.Uri.ToString(),
            deployment.CreatedAt,
            (uint)deployment.MinProtocolVersion,
            (uint)deployment.MaxProtocolVersion,
            (string[])[.. deployment.Services.Select(service => service.Name)],
        }),
    ]);

    internal static MemoryTable Services(SchemaRegistry schema) => Service.Over(() =>
    [
        .. schema.EnumerateServices().Select(service => new object?[]
        {
            service.Name, service.Revision, service.Public, service.Type, service.DeploymentId,
        }),
    ]);
}
