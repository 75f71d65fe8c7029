using System.Globalization;
using System.Text;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Rocks;

namespace Restate.Admin.Api.Endpoints;

/// <summary>
/// RocksDB's own figures in Prometheus' text format: one HELP and TYPE a family, labels as the peer's. Written by hand because the metrics
/// library computes quantiles itself and takes none that are given.
/// </summary>
internal sealed class RocksDbMetricsText
{
    private readonly RocksMetrics _metrics;
    private readonly string _common;

    public RocksDbMetricsText(RocksMetrics metrics, RestateConfiguration configuration)
    {
        _metrics = metrics;
        _common = $"cluster_name=\"{Escape(configuration.ClusterName)}\",node_name=\"{Escape(configuration.NodeName)}\"";
    }

    /// <summary>Reads everything anew and appends it to the page.</summary>
    public void Write(Stream page)
    {
        var text = new StringBuilder();
        foreach (RocksMetricFamily family in _metrics.Read().Where(family => family.Series.Count > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP restate_{family.Name} {family.Help}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE restate_{family.Name} {family.Kind.ToString().ToLowerInvariant()}\n");
            foreach (RocksMetric series in family.Series)
                Append(text, family, series);
        }

        page.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>The peer's name of a component's databases. It keeps all partitions in one database with a column family each; labels say so here too.</summary>
    public static string DatabaseLabel(MemoryComponent component) => component switch
    {
        MemoryComponent.PartitionStore => "db",
        MemoryComponent.LogServer => "log-server",
        MemoryComponent.MetadataServer => "replicated-metadata-server",
        MemoryComponent.LocalLoglet => "local-loglet",
        _ => throw new ArgumentOutOfRangeException(nameof(component), component, "no label"),
    };

    /// <summary>The peer's name of the column family of a database.</summary>
    public static string FamilyLabel(IMemoryTarget database) => database.Partition is { } partition ? $"data-{partition}" : "data";

    private void Append(StringBuilder text, RocksMetricFamily family, in RocksMetric series)
    {
        string labels = $"{_common},db=\"{DatabaseLabel(series.Component)}\"";
        if (series.Database is { } database)
            labels += $",cf=\"{FamilyLabel(database)}\"";
        if (family.Kind != RocksMetricKind.Summary)
        {
            text.Append(CultureInfo.InvariantCulture, $"restate_{family.Name}{{{labels}}} {series.Value}\n");
            return;
        }

        RocksHistogram histogram = series.Histogram;
        foreach ((string quantile, double value) in (ReadOnlySpan<(string, double)>)
            [("0.5", histogram.P50), ("0.95", histogram.P95), ("0.99", histogram.P99), ("1.0", histogram.P100)])
        {
            text.Append(CultureInfo.InvariantCulture, $"restate_{family.Name}{{{labels},quantile=\"{quantile}\"}} {value * family.Scale:R}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"restate_{family.Name}_sum{{{labels}}} {histogram.Sum * family.Scale:R}\n");
        text.Append(CultureInfo.InvariantCulture, $"restate_{family.Name}_count{{{labels}}} {histogram.Count}\n");
    }

    private static string Escape(string label) => label
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
