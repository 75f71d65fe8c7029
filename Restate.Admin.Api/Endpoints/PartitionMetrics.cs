using System.Globalization;
using Prometheus;
using Restate.Storage.Hosting;
using Restate.Storage.Processing;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Partitions as Prometheus series: how many are open, and where each stands in its log.</summary>
internal static class PartitionMetrics
{
    private static readonly double[] Quantiles = [0.5, 0.9, 0.99, 1];

    /// <summary>Adds the series to a registry; they are read from the node at every scrape.</summary>
    public static void Register(CollectorRegistry registry, RestateStorage node)
    {
        MetricFactory factory = Metrics.WithCustomRegistry(registry);
        Gauge all = factory.CreateGauge("restate_num_partitions", "Partitions of the cluster.");
        Gauge active = factory.CreateGauge("restate_num_active_partitions", "Partitions that this node opens or has open.");
        Gauge leaders = factory.CreateGauge("restate_num_active_partition_leaders", "Partitions that this node leads: those that are open.");
        Gauge lag = factory.CreateGauge(
            "restate_partition_applied_lsn_lag", "Log records that the partitions of this node have not applied yet.", "quantile");
        Gauge applied = Lsn("applied", "Last log record whose effects are in the store.");
        Gauge durable = Lsn("durable", "Last log record whose effects are on disk in the store; older ones may be trimmed.");
        Gauge tail = Lsn("tail", "Last record of the partition's log.");
        Gauge trimmed = Lsn("trim_point", "Last record of the partition's log that was trimmed.");
        Counter starts = factory.CreateCounter("restate_partition_start_total", "Starts of the partition's processor on this node.", "partition");
        Counter restarts = factory.CreateCounter(
            "restate_partition_processor_restarts_total", "Restarts in place of failed partitions, those that failed too.");
        registry.AddBeforeCollectCallback(() =>
        {
            IReadOnlyList<PartitionStatus> partitions = node.Partitions.Status();
            all.Set(partitions.Count);
            active.Set(partitions.Count(partition => partition.State is PartitionState.Opening or PartitionState.Open));
            leaders.Set(partitions.Count(partition => partition.State == PartitionState.Open));
            restarts.IncTo(node.Partitions.RestartCount);
            SetLag(lag, partitions);
            IReadOnlyList<long> started = node.Partitions.StartCounts();
            foreach (PartitionStatus partition in partitions)
            {
                string id = partition.Partition.Value.ToString(CultureInfo.InvariantCulture);
                starts.WithLabels(id).IncTo(started[partition.Partition.Value]);
                applied.WithLabels(id).Set(partition.AppliedLsn.Value);
                durable.WithLabels(id).Set(partition.DurableLsn.Value);
                tail.WithLabels(id).Set(partition.TailLsn.Value);
                trimmed.WithLabels(id).Set(partition.TrimPoint.Value);
            }
        });

        Gauge Lsn(string name, string help) => factory.CreateGauge($"restate_partition_{name}_lsn", help, "partition");
    }

    /// <summary>One figure for each quantile, as the peer has it; none while no partition is open.</summary>
    private static void SetLag(Gauge lag, IReadOnlyList<PartitionStatus> partitions)
    {
        // The tail was read after the applied record: it cannot be behind it but may be past it by what came between.
        ulong[] lags = [.. partitions
            .Where(partition => partition.State is PartitionState.Opening or PartitionState.Open)
            .Select(partition => partition.TailLsn.Value - Math.Min(partition.TailLsn.Value, partition.AppliedLsn.Value))
            .Order()];
        foreach (double quantile in Quantiles)
        {
            string label = quantile.ToString("0.0#", CultureInfo.InvariantCulture);
            if (lags.Length == 0)
                lag.RemoveLabelled(label);
            else
                lag.WithLabels(label).Set(lags[(int)Math.Ceiling(quantile * lags.Length) - 1]);
        }
    }
}
