using Prometheus;
using Restate.Storage.Configuration;
using Restate.Storage.Hosting;

namespace Restate.Admin.Api.Endpoints;

/// <summary>What the node stands on, as Prometheus series: its disk, its configuration file and whether it is alive.</summary>
internal static class NodeMetrics
{
    /// <summary>Adds the series to a registry; they are read at every scrape.</summary>
    public static void Register(CollectorRegistry registry, RestateStorage node)
    {
        MetricFactory factory = Metrics.WithCustomRegistry(registry);
        Gauge size = factory.CreateGauge("restate_data_disk_size_bytes", "Size of the file system that holds the data folder.");
        Gauge free = factory.CreateGauge("restate_data_disk_free_bytes", "Bytes of that file system that this user may still fill.");
        Gauge reloaded = factory.CreateGauge(
            "restate_config_last_reload_successful", "0 when the configuration file was changed and refused; the node goes on with what it had.");
        // Dashboards made for Restate find clusters and nodes by this name.
        Gauge nodes = factory.CreateGauge(
            "restate_failure_detector_nodes_total", "Nodes of the cluster by state: this node alone, dead while its log is stopped.", "state");
        registry.AddBeforeCollectCallback(() =>
        {
            bool alive = node.LogFailure is null;
            nodes.WithLabels("alive").Set(alive ? 1 : 0);
            nodes.WithLabels("dead").Set(alive ? 0 : 1);
            reloaded.Set(node.Configuration.LastReload?.Outcome == ReloadOutcome.Refused ? 0 : 1);
            try
            {
                var disk = new DriveInfo(node.DataFolder);
                size.Set(disk.TotalSize);
                free.Set(disk.AvailableFreeSpace);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The folder is gone or its file system does not answer: no figure, rather than an old one.
                size.Set(double.NaN);
                free.Set(double.NaN);
            }
        });
    }
}
