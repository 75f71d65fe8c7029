using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Metadata.Schema;
using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>Tables over the schema registry.</summary>
internal static class DeploymentTables
{
    internal static readonly TableDefinition Deployment = new(
        "sys_deployment",
        "One registered deployment",
        [
            Text("id", "id, dp_…"),
            Text("ty", "http; lambda does not exist here"),
            Text("endpoint", "URL"),
            Time("created_at", "registration time; a forced registration moves it"),
            Small("min_service_protocol_version", "lowest service protocol version it speaks"),
            Small("max_service_protocol_version", "highest service protocol version it speaks"),
            Texts("services", "names of its services"),
        ])
    {
        WhyEmpty = "until a deployment is registered",
    };

    internal static readonly TableDefinition Service = new(
        "sys_service",
        "One service with its latest revision",
        [
            Text("name", "service name"),
            Number("revision", "latest revision"),
            Flag("public", "callable through the ingress"),
            Text("ty", "service, virtual_object or workflow"),
            Text("deployment_id", "deployment of that revision"),
        ])
    {
        WhyEmpty = "until a deployment is registered",
    };

    internal static MemoryTable Deployments(SchemaRegistry schema) => Deployment.Over(() =>
    [
        .. schema.Current.Deployments.Select(deployment => new object?[]
        {
            deployment.Id.ToString(),
            "http",
            deployment.Uri.Shown,
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
