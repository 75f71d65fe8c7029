using System.Collections.Frozen;

namespace Restate.Storage.Configuration;

/// <summary>What to say about a key that is not one of our options.</summary>
internal static class KeyAdvice
{
    private const string RocksDb =
        """
        rocksdb-block-size rocksdb-compaction-readahead-size rocksdb-disable-auto-compactions
        rocksdb-disable-direct-io-for-flush-and-compactions rocksdb-disable-direct-io-for-reads
        rocksdb-disable-l0-l1-compression rocksdb-disable-statistics rocksdb-disable-wal-compression rocksdb-log-keep-file-num
        rocksdb-log-level rocksdb-log-max-file-size rocksdb-max-background-compactions rocksdb-statistics-level
        """;

    private const string Retry = "type initial-interval factor exponentiation-factor max-attempts max-interval on-max-attempts";

    // Keys of Restate's own configuration that have no effect here, by table: files written for it load without false alarms.
    private static readonly (string Table, string Keys)[] OfRestate =
    [
        ("", """
            roles auto-provision default-replication tracing-filter disable-prometheus
            rocksdb-max-write-rate-per-second rocksdb-perf-level metadata-update-interval metadata-fetch-from-peer-timeout
            initialization-timeout disable-telemetry gossip-tick-interval gossip-failure-threshold gossip-num-peers
            gossip-fd-stability-threshold gossip-suspect-interval gossip-loneliness-threshold gossip-extras-exchange-frequency
            gossip-time-skew-threshold hlc-max-drift default-journal-retention default-idempotency-retention
            default-workflow-completion-retention advertised-address advertised-host advertised-ip listen-mode use-random-ports
            location force-node-id metadata-store-address tracing-endpoint tracing-runtime-endpoint tracing-services-endpoint
            tracing-json-path rocksdb-block-size rocksdb-compaction-readahead-size rocksdb-log-max-file-size
            request-identity-private-key-pem-file
            """),
        ("metadata-client", "type addresses connect-timeout keep-alive-interval keep-alive-timeout message-size-limit"),
        ("metadata-client.backoff-policy", Retry),
        ("network-error-retry-policy", Retry),
        ("default-retry-policy", Retry),
        ("worker", """
            internal-queue-length cleanup-interval max-command-batch-size max-command-batch-bytes trim-delay-interval
            data-service-memory-limit rule-book-poll-interval self-proposal-queue-memory-limit
            """),
        ("worker.storage", RocksDb + """

            rocksdb-max-background-flushes rocksdb-max-sub-compactions rocksdb-max-file-size rocksdb-writable-file-max-buffer-size
            rocksdb-l0-num-compaction-trigger
            """),
        ("worker.invoker", """
            inactivity-timeout abort-timeout message-size-warning message-size-limit in-memory-queue-length-limit
            concurrent-invocations-limit eager-state-size-limit memory-limit per-invocation-memory-limit
            per-invocation-initial-memory http2-keep-alive-interval http2-keep-alive-timeout http2-keep-alive-jitter
            connect-timeout http2-streams-per-connection-limit http2-idle-connection-timeout http2-initial-stream-window-size
            http2-initial-connection-window-size http2-max-frame-size request-compression-threshold request-identity-expiration
            max-awaited-future-depth
            """),
        ("worker.snapshots", "num-retained"),
        ("worker.snapshots.object-store-retry-policy", Retry),
        ("worker.shuffle", "inflight-memory-budget request-batch-size"),
        ("worker.shuffle.connection-retry-policy", Retry),
        ("admin", "heartbeat-interval disable-web-ui advertised-address"),
        ("admin.query-engine", "datafusion-options rate-limiting"),
        ("ingress", """
            kafka-clusters request-size-limit bind-address bind-ip bind-port advertised-address advertised-ingress-endpoint
            """),
        ("ingress.ingestion", "inflight-memory-budget request-batch-size"),
        ("ingress.ingestion.connection-retry-policy", Retry),
        ("bifrost", """
            seal-retry-interval auto-recovery-interval append-retry-min-interval append-retry-max-interval
            disable-auto-improvement record-size-limit
            """),
        ("bifrost.local", RocksDb + """

            rocksdb-disable-wal rocksdb-disable-wal-fsync writer-batch-commit-count writer-batch-commit-duration
            rocksdb-max-background-flushes
            """),
        ("bifrost.replicated-loglet", """
            maximum-inflight-records rpc-timeout store-timeout sequencer-inactivity-timeout readahead-records read-batch-size
            readahead-trigger-ratio
            """),
        ("bifrost.read-retry-policy", Retry),
        ("metadata-server", RocksDb + """

            request-queue-length raft-election-tick raft-heartbeat-tick raft-tick-interval status-update-interval
            log-trim-threshold auto-join rocksdb-max-background-flushes
            """),
        ("networking", """
            connect-timeout handshake-timeout http2-keep-alive-interval http2-keep-alive-timeout http2-adaptive-window
            disable-compression data-stream-window-size message-size-limit fabric-memory-limit
            """),
        ("networking.connect-retry-policy", Retry),
        ("log-server", RocksDb + """

            rocksdb-disable-wal-fsync rocksdb-max-sub-compactions rocksdb-enable-blob-separation rocksdb-max-file-size
            rocksdb-writable-file-max-buffer-size rocksdb-l0-num-compaction-trigger rocksdb-partition-sst-by-log
            rocksdb-partition-sst-by-loglet
            """),
    ];

    private static readonly FrozenSet<string> Known = OfRestate
        .SelectMany(table => table.Keys.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(key => table.Table.Length == 0 ? key : table.Table + "." + key))
        .ToFrozenSet(StringComparer.Ordinal);

    // Tables whose keys their author invents.
    private static readonly string[] OpenTables =
    [
        "worker.invoker.additional-request-headers.", "admin.query-engine.datafusion-options.", "admin.query-engine.rate-limiting.", "tracing-headers.",
    ];

    /// <summary>Restate's keys that have no effect here.</summary>
    public static IEnumerable<string> WithoutEffect => Known;

    /// <summary>Half a sentence about a key that is not an option: <c>has no effect here</c>, or <c>is unknown</c> and what may be meant.</summary>
    public static string Describe(string key)
    {
        if (Known.Contains(key) || OpenTables.Any(table => key.StartsWith(table, StringComparison.Ordinal)))
            return "has no effect here";
        if (IsServiceLink(key))
            return "is a link to a service of Kubernetes and has no effect here; enableServiceLinks: false in the pod leaves them out";
        return Nearest(key) is { } nearest ? $"is unknown, did you mean \"{nearest}\"?" : "is unknown";
    }

    /// <summary>
    /// Variables that Kubernetes sets in every pod for a service named <c>restate</c>, as the Restate Operator names it:
    /// <c>RESTATE_SERVICE_HOST</c>, <c>RESTATE_SERVICE_PORT_ADMIN</c>, <c>RESTATE_PORT_9070_TCP_ADDR</c> and so on.
    /// </summary>
    private static bool IsServiceLink(string key) =>
        key is "service-host" or "service-port" or "port"
        || key.StartsWith("service-port-", StringComparison.Ordinal)
        || (key.StartsWith("port-", StringComparison.Ordinal) && key.Contains("-tcp", StringComparison.Ordinal));

    /// <summary>The option that a key most likely stands for, or null when none is near.</summary>
    private static string? Nearest(string key)
    {
        if (key.Length > 100)
            return null;
        string kebab = key.ToLowerInvariant().Replace('_', '-');
        (string option, int distance) = ConfigurationOptions.All
            .Select(option => (option.Key, Distance(kebab, option.Key)))
            .MinBy(candidate => candidate.Item2);
        return distance <= Math.Max(1, option.Length / 8) ? option : null;
    }

    // Levenshtein distance, one row at a time.
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
