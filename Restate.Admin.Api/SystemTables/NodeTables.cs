using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Hosting;

namespace Restate.Admin.Api.SystemTables;

/// <summary>The SQL tables of a node: what they show and where it comes from.</summary>
internal static class NodeTables
{
    /// <summary>All tables over a node's storage; a view after the tables it reads.</summary>
    /// <param name="storage">The node's storage.</param>
    /// <param name="queries">The queries of the engine that will show these tables.</param>
    public static IReadOnlyList<SqlTable> Over(RestateStorage storage, QueryLog queries)
    {
        List<SqlTable> tables =
        [
            new StateTable(new PartitionStateSource(storage.Partitions)),
            DeploymentTables.Deployments(storage.Schema),
            DeploymentTables.Services(storage.Schema),
            .. Unfilled.Select(table => table.OverNothing()),
            InvocationTables.InvocationView(),
            MemoryTables.Pools(storage),
            MemoryTables.Components(storage),
            MemoryTables.Partitions(storage),
            MemoryTables.RebalanceReports(storage),
            MemoryTables.Samples(storage),
            QueryTable.Over(queries),
            ConfigurationTable.Over(storage.Configuration),
        ];
        return [.. tables, .. InformationSchema.Over(tables, storage.Configuration)];
    }

    private static IEnumerable<TableDefinition> Unfilled =>
    [
        InvocationTables.InvocationStatus,
        InvocationTables.InvocationState,
        JournalTables.Journal,
        JournalTables.JournalEvents,
        ObjectTables.Inbox,
        ObjectTables.KeyedServiceStatus,
        ObjectTables.Locks,
        ObjectTables.Promise,
        ObjectTables.Rules,
        ObjectTables.UserLimits,
        VqueueTables.Scheduler,
        VqueueTables.VqueueEntryStatus,
        VqueueTables.VqueueMeta,
        VqueueTables.Vqueues,
    ];
}
