using System.Globalization;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.SideBySide;

/// <summary>Collects what was measured and prints it as markdown.</summary>
internal sealed class SideBySideReport(TextWriter output, string title)
{
    private readonly List<string> _figures = [];
    private readonly List<string> _queries = [];
    private readonly List<string> _differences = [];

    public void Startup(TimeSpan ours, TimeSpan peer) => Figure("start to /health, ms", ours.TotalMilliseconds, peer.TotalMilliseconds, "F0");

    public void Memory(string name, ServerProcess ours, ServerProcess peer) => Figure(
        name + ", MiB", ProcessMemory.ResidentBytes(ours.Id) / 1048576.0, ProcessMemory.ResidentBytes(peer.Id) / 1048576.0, "F1");

    public void Load(long rows, LoadTimes ours, LoadTimes peer)
    {
        Figure("load acknowledged, rows/s", rows / ours.Acknowledged.TotalSeconds, rows / peer.Acknowledged.TotalSeconds, "F0");
        Figure("load visible, rows/s", rows / ours.Visible.TotalSeconds, rows / peer.Visible.TotalSeconds, "F0");
    }

    public void Query(string name, TimeSpan ours, TimeSpan peer) =>
        _queries.Add(Line(name, ours.TotalMilliseconds, peer.TotalMilliseconds, "F2"));

    public void Different(string name, string difference) => _differences.Add($"- {name}: {difference}");

    public void Print()
    {
        output.WriteLine($"## {title}");
        Table("figure", _figures);
        Table("query, ms", _queries);
        output.WriteLine();
        output.WriteLine(_differences.Count == 0 ? "Every answer was equal, types included." : "ANSWERS DIFFER (ours against the peer's):");
        _differences.ForEach(output.WriteLine);
    }

    private static string Line(string name, double ours, double peer, string format) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {ours.ToString(format, CultureInfo.InvariantCulture)} | {peer.ToString(format, CultureInfo.InvariantCulture)} | {ours / peer:F3} |");

    private void Figure(string name, double ours, double peer, string format) => _figures.Add(Line(name, ours, peer, format));

    private void Table(string head, List<string> lines)
    {
        output.WriteLine();
        output.WriteLine($"| {head} | ours | peer | ours ÷ peer |");
        output.WriteLine("|---|---:|---:|---:|");
        lines.ForEach(output.WriteLine);
    }
}
