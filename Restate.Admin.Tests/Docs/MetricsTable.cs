using System.Globalization;
using System.Text;

namespace Restate.Admin.Tests.Docs;

/// <summary>The tables of <c>docs/metrics.md</c>, made of what a node exposes.</summary>
internal static class MetricsTable
{
    /// <summary>The first whose prefix a name has is its group. More than one prefix is separated by blanks.</summary>
    private static readonly (string Heading, string Prefixes, string Type)[] Groups =
    [
        ("Memory of the process and its pools", "restate_memory_pool_ restate_memory_process_ restate_memory_gc_ restate_memory_warning restate_memory_component_ restate_memory_untracked_ restate_memory_allocator_ restate_memory_malloc_", string.Empty),
        ("Memory controller", "restate_memory_controller_ restate_partition_store_", string.Empty),
        ("Memory guard", "restate_memory_guard_", string.Empty),
        ("Write admission", "restate_memory_admission_", string.Empty),
        ("RocksDB: memory", "restate_rocksdb_memory_ restate_rocksdb_block_cache_capacity_ restate_rocksdb_block_cache_usage_ restate_rocksdb_block_cache_pinned_ restate_rocksdb_cur_size_ restate_rocksdb_size_all_ restate_rocksdb_mem_table_flush_pending", string.Empty),
        ("RocksDB: properties", "restate_rocksdb_", "gauge"),
        ("RocksDB: tickers", "restate_rocksdb_", "counter"),
        ("RocksDB: histograms", "restate_rocksdb_", "summary"),
        ("Log and record cache", "restate_bifrost_ restate_log_", string.Empty),
        ("Partitions", "restate_partition_ restate_num_", string.Empty),
        ("Queries", "restate_query_ restate_queries_", string.Empty),
        ("Admin API", "restate_admin_ restate_audit_ restate_rest_ restate_http_", string.Empty),
        ("Node", "restate_data_ restate_config_ restate_failure_detector_", string.Empty),
        ("Process and .NET", "process_ dotnet_ restate_process_ restate_dotnet_", string.Empty),
    ];

    private static readonly (string Suffix, string Unit)[] Units =
    [
        ("_bytes", "bytes"), ("_seconds", "seconds"), ("_micros", "microseconds"), ("_nanos", "nanoseconds"),
    ];

    public static string Write(IReadOnlyList<MetricFamily> families)
    {
        var text = new StringBuilder();
        ILookup<string, MetricFamily> groups = families.ToLookup(GroupOf);
        foreach ((string heading, _, _) in Groups.Where(group => groups.Contains(group.Heading)))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {heading}\n\n| Name | Type | Labels | Unit | Meaning |\n|---|---|---|---|---|\n");
            foreach (MetricFamily family in groups[heading].OrderBy(family => family.Name, StringComparer.Ordinal))
            {
                string labels = string.Join(", ", family.Labels.Select(label => $"`{label}`"));
                text.Append(CultureInfo.InvariantCulture, $"| `{family.Name}` | {family.Type} | {labels} | {UnitOf(family)} | {family.Help} |\n");
            }
        }

        return text.ToString();
    }

    /// <exception cref="InvalidDataException">No group has such names.</exception>
    private static string GroupOf(MetricFamily family) =>
        Groups.Where(group => (group.Type.Length == 0 || group.Type == family.Type)
                && group.Prefixes.Split(' ').Any(prefix => family.Name.StartsWith(prefix, StringComparison.Ordinal)))
            .Select(group => group.Heading).FirstOrDefault()
        ?? throw new InvalidDataException($"{family.Name} belongs to no group of docs/metrics.md: add its prefix to {nameof(MetricsTable)}");

    private static string UnitOf(MetricFamily family)
    {
        string name = family.Name.EndsWith("_total", StringComparison.Ordinal) ? family.Name[..^"_total".Length] : family.Name;
        foreach ((string suffix, string unit) in Units)
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal) || (family.Type == "counter" && name.Contains("_bytes_", StringComparison.Ordinal) && suffix == "_bytes"))
                return unit;
        }

        return "1";
    }
}
