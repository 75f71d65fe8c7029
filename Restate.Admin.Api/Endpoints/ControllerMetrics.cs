using Prometheus;
using Restate.Storage.Memory;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Durations of the memory controller's ticks as a Prometheus histogram.</summary>
internal static class ControllerMetrics
{
    private static readonly double[] Seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

    /// <summary>Adds the series to a registry; every tick from now on is counted.</summary>
    public static void Register(CollectorRegistry registry, MemoryController controller)
    {
        Histogram durations = Metrics.WithCustomRegistry(registry).CreateHistogram(
            "restate_memory_controller_tick_duration_seconds",
            "Time of the memory controller's ticks by phase: plan, sample, decide, apply.",
            new HistogramConfiguration { LabelNames = ["phase"], Buckets = Seconds });
        Histogram.Child plan = durations.WithLabels("plan");
        Histogram.Child sample = durations.WithLabels("sample");
        Histogram.Child decide = durations.WithLabels("decide");
        Histogram.Child apply = durations.WithLabels("apply");
        controller.Timed += timings =>
        {
            plan.Observe(timings.Plan.TotalSeconds);
            sample.Observe(timings.Sample.TotalSeconds);
            decide.Observe(timings.Decide.TotalSeconds);
            apply.Observe(timings.Apply.TotalSeconds);
        };
    }
}
