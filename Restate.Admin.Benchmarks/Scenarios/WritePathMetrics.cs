using System.Globalization;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>One page of <c>/metrics</c>, read by family and database.</summary>
internal sealed class WritePathMetrics(string page)
{
    /// <summary>All values of a family whose <c>db</c> label is this, or that have none.</summary>
    public IEnumerable<double> Of(string family, string? database = null)
    {
        foreach (string line in page.Split('\n'))
        {
            if (!line.StartsWith(family, StringComparison.Ordinal) || line.Length == family.Length || line[family.Length] is not ('{' or ' '))
                continue;
            if (database is null || line.Contains($"db=\"{database}\"", StringComparison.Ordinal))
                yield return double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
        }
    }

    public long Sum(string family, string? database = null) => (long)Of(family, database).Sum();

    public long Max(string family, string? database = null) => (long)Of(family, database).DefaultIfEmpty().Max();
}
