using Restate.Storage.Types;

namespace Restate.Storage.Configuration;

/// <summary>The defaults of <c>--demo</c>. Like the others they are below every layer: file, environment and flags win.</summary>
internal static class DemoDefaults
{
    /// <summary>Folder of a demo's data, so that it never writes into a node's own.</summary>
    public const string BaseDir = "restate-demo-data";

    /// <summary>From this limit on the usual budgets (2 GiB + 1 GiB + 250 MiB) and what else a process needs stay below 90 % of it.</summary>
    private static readonly long Roomy = ByteSize.FromGiB(4).ToInt64();

    /// <summary>The same for the smaller budgets (512 + 256 + 64 MiB). Those below them fit 512 MiB, and leave the tour a total to lower.</summary>
    private static readonly long Small = ByteSize.FromMiB(1280).ToInt64();

    /// <summary>The defaults for a process that may use this much memory.</summary>
    /// <param name="defaults">The defaults of a node.</param>
    /// <param name="processLimit">Bytes the process may use.</param>
    public static RestateConfiguration Apply(RestateConfiguration defaults, long processLimit)
    {
        // The tour is on the same screen as the log, and tells itself what it changes about memory.
        RestateConfiguration demo = defaults with { BaseDir = BaseDir, LogFilter = "warn,restate.storage.memory=error" };
        if (processLimit >= Roomy)
            return demo;
        return processLimit >= Small
            ? WithBudgets(demo, rocksDb: 512, queries: 256, records: 64)
            : WithBudgets(demo, rocksDb: 288, queries: 96, records: 16);
    }

    private static RestateConfiguration WithBudgets(RestateConfiguration demo, ulong rocksDb, ulong queries, ulong records) => demo with
    {
        RocksDbTotalMemorySize = ByteSize.FromMiB(rocksDb),
        Admin = demo.Admin with { QueryEngine = demo.Admin.QueryEngine with { MemorySize = ByteSize.FromMiB(queries) } },
        Bifrost = demo.Bifrost with { RecordCacheMemorySize = ByteSize.FromMiB(records) },
    };
}
