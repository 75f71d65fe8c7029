using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>Counts answers by status. Thread-safe.</summary>
internal sealed class StatusCounts
{
    private const string Unanswered = "none";
    private readonly ConcurrentDictionary<string, long> _counts = new();

    public void Add(HttpStatusCode status) => Add(Name(status));

    /// <summary>Counts a request whose connection ended before its answer did.</summary>
    public void AddUnanswered() => Add(Unanswered);

    /// <summary>Such as <c>200: 12, 503: 3</c>; unanswered requests as <c>none: 2</c>.</summary>
    public override string ToString() => Except();

    /// <summary>As <see cref="ToString"/> without these; empty when there are no others.</summary>
    public string Except(params HttpStatusCode[] statuses)
    {
        var expected = statuses.Select(Name).ToHashSet();
        return string.Join(", ", _counts.Where(pair => !expected.Contains(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}: {pair.Value}"));
    }

    private static string Name(HttpStatusCode status) => ((int)status).ToString(CultureInfo.InvariantCulture);

    private void Add(string name) => _counts.AddOrUpdate(name, 1, static (_, count) => count + 1);
}
