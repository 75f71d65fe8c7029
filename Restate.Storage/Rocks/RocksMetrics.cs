using Restate.Storage.Memory;

namespace Restate.Storage.Rocks;

/// <summary>What kind of metric a family is.</summary>
public enum RocksMetricKind
{
    /// <summary>A figure of now.</summary>
    Gauge,

    /// <summary>A sum since the start.</summary>
    Counter,

    /// <summary>Quantiles since the start.</summary>
    Summary,
}

/// <summary>One series of a family.</summary>
/// <param name="Component">The databases it is about.</param>
/// <param name="Database">The one database it is about; null: all of the component together.</param>
/// <param name="Value">Value of a gauge or counter.</param>
/// <param name="Histogram">Values of a summary, in the unit of the family.</param>
public readonly record struct RocksMetric(MemoryComponent Component, IMemoryTarget? Database, ulong Value, RocksHistogram Histogram);

/// <summary>All series of one name.</summary>
/// <param name="Name">Name without the prefix <c>restate_</c>.</param>
/// <param name="Kind">What kind of metric it is.</param>
/// <param name="Help">What it is, one line.</param>
/// <param name="Scale">What histogram values are multiplied with to be in the unit of the name.</param>
/// <param name="Series">The series.</param>
public sealed record RocksMetricFamily(string Name, RocksMetricKind Kind, string Help, double Scale, IReadOnlyList<RocksMetric> Series);

/// <summary>Reads RocksDB's own figures of all open databases: properties, tickers, histograms. Thread-safe.</summary>
public sealed class RocksMetrics
{
    private readonly RocksDbManager _databases;

    internal RocksMetrics(RocksDbManager databases) => _databases = databases;

    /// <summary>Reads everything: some 30 properties of every database, and the statistics of every component.</summary>
    public IReadOnlyList<RocksMetricFamily> Read()
    {
        IReadOnlyList<RocksDatabase> open = _databases.Databases;
        MemoryComponent[] components = [.. open.Select(database => database.Component).Distinct().Order()];
        var families = new List<RocksMetricFamily>();
        foreach (RocksProperty property in RocksMetricNames.OfDatabases)
        {
            families.Add(Gauge(property, [.. components.Select(component => new RocksMetric(
                component, null, Sum(open.Where(database => database.Component == component), property), default))]));
        }

        foreach (RocksProperty property in RocksMetricNames.OfFamilies)
        {
            families.Add(Gauge(property, [.. open.Select(database => new RocksMetric(
                database.Component, database, database.Property(property.NullTerminated), default))]));
        }

        AddStatistics(families, components);
        return families;
    }

    private void AddStatistics(List<RocksMetricFamily> families, MemoryComponent[] components)
    {
        (MemoryComponent Component, RocksStatistics Values)[] statistics =
            [.. components.Select(component => (component, RocksStatistics.Parse(_databases.StatisticsText(component))))];
        foreach ((string metric, string ticker, string help) in RocksMetricNames.Tickers)
        {
            families.Add(new RocksMetricFamily(metric, RocksMetricKind.Counter, help, 1, [.. statistics
                .Where(of => of.Values.Tickers.ContainsKey(ticker))
                .Select(of => new RocksMetric(of.Component, null, (ulong)of.Values.Tickers[ticker], default))]));
        }

        foreach ((string metric, string histogram, double scale, string help) in RocksMetricNames.Histograms)
        {
            families.Add(new RocksMetricFamily(metric, RocksMetricKind.Summary, help, scale, [.. statistics
                .Where(of => of.Values.Histograms.ContainsKey(histogram))
                .Select(of => new RocksMetric(of.Component, null, 0, of.Values.Histograms[histogram]))]));
        }
    }

    private static RocksMetricFamily Gauge(RocksProperty property, IReadOnlyList<RocksMetric> series) =>
        new(property.Metric, RocksMetricKind.Gauge, property.Help, 1, series);

    private static ulong Sum(IEnumerable<RocksDatabase> databases, RocksProperty property)
    {
        ulong sum = 0;
        foreach (RocksDatabase database in databases)
            sum += database.Property(property.NullTerminated);
        return sum;
    }
}
