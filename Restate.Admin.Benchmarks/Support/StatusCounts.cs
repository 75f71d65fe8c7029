using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>Counts answers by status. Thread-safe.</summary>
internal sealed class StatusCounts
{
    private const string Unanswered = "none";
    private readonly ConcurrentDictionary<string, long> _counts = new();

    public void Add(HttpStatusCode status) => Add(((int)status).ToString(CultureInfo.InvariantCulture));

    /// <summary>Counts a request whose connection ended before its answer did.</summary>
    public void AddUnanswered() => Add(Unanswered);

    public long Of(HttpStatusCode status) => _counts.GetValueOrDefault(((int)status).ToString(CultureInfo.InvariantCulture));

    /// <summary>Such as <c>200: 12, 503: 3</c>.</summary>
    public override string ToString() => string.Join(", ", _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}: {pair.Value}"));

    private void Add(string name) => _counts.AddOrUpdate(name, 1, static (_, count) => count + 1);
}
