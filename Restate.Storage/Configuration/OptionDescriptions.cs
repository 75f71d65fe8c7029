namespace Restate.Storage.Configuration;

/// <summary>What the options without a flag are, in one phrase each; a flag has its text in <see cref="ConfigurationOptions"/>.</summary>
internal static class OptionDescriptions
{
    private const string Budget = "Memtable memory of {0}; beats the ratio";
    private const string Ratio = "Share of the memtable memory for {0}";
    private const string PartitionStores = "all partition stores together";
    private const string LogServer = "the log server";
    private const string MetadataServer = "the metadata server";
    private const string LocalLoglet = "the local log, where `bifrost.default-provider` is `local`";

    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["process-total-memory-size"] = "Memory limit of the process; without it that of the control group, else of the machine",
        [MemoryLimitPolicy.Key] = "When the pools exceed the process limit: `warn`, `clamp` makes them smaller until they fit, `refuse` refuses the configuration",
        ["rocksdb-total-memory-size"] = "Block cache and memtables of all databases together",
        ["rocksdb-total-memtables-ratio"] = "Share of it that memtables may take; data blocks always keep the rest",
        ["admin.bind-ip"] = "IP address of the admin listener where it has no address of its own; default: `bind-ip`",
        ["admin.bind-port"] = "Port of the admin listener where it has no address of its own; 0: any free one",
        ["admin.read-only"] = "Refuse every request that may change something",
        ["admin.disable-web-ui"] = "Serve no console at `/ui`",
        ["admin.auth.token-file"] = "File of the tokens that the admin port asks for; without it the port asks for none",
        ["admin.tls.cert-file"] = "Certificate of the admin port in PEM, followed by those it is issued by; without it the port speaks plain HTTP",
        ["admin.tls.key-file"] = "Its private key in PEM, not encrypted",
        ["admin.query-engine.memory-size"] = "Memory of all SQL queries together; a query that needs more ends with 507",
        ["admin.query-engine.tmp-dir"] = "Folder below which queries spill, in a private folder of their own; default: below `base-dir`",
        ["admin.query-engine.tmp-dir-size-limit"] = "Most bytes of spilled data",
        ["admin.query-engine.query-parallelism"] = "Threads of one query; default: the number of processors",
        ["admin.query-engine.query-timeout"] = "Longest time of a query, waiting included; then it ends with 408",
        ["worker.storage.rocksdb-memory-budget"] = Of(Budget, PartitionStores),
        ["worker.storage.rocksdb-memory-ratio"] = Of(Ratio, PartitionStores),
        ["worker.storage.rocksdb-disable-auto-memory-reclaimer"] = "Stop the controller's flushes; the budget is still divided",
        ["worker.storage.rocksdb-rebalance-interval"] = "Time between two ticks of the memory controller",
        ["log-server.rocksdb-memory-budget"] = Of(Budget, LogServer),
        ["log-server.rocksdb-memory-ratio"] = Of(Ratio, LogServer),
        ["metadata-server.rocksdb-memory-budget"] = Of(Budget, MetadataServer),
        ["metadata-server.rocksdb-memory-ratio"] = Of(Ratio, MetadataServer),
        ["bifrost.default-provider"] = "Where records are logged: `replicated` is the log server of this node, `local` a database of its own, `in-memory` loses them with the process",
        ["bifrost.record-cache-memory-size"] = "Cache of recent log records",
        ["bifrost.local.rocksdb-memory-budget"] = Of(Budget, LocalLoglet),
        ["bifrost.local.rocksdb-memory-ratio"] = Of(Ratio, LocalLoglet),
    };

    /// <summary>The phrase for an option.</summary>
    /// <exception cref="KeyNotFoundException">A new option has none yet.</exception>
    public static string Of(string key) => Texts[key];

    private static string Of(string phrase, string component) => phrase.Replace("{0}", component, StringComparison.Ordinal);
}
