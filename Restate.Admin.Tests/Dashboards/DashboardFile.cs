using System.Text.Json;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Tests.Dashboards;

/// <summary>A dashboard of the repository, read as Grafana reads it.</summary>
internal sealed class DashboardFile
{
    private DashboardFile(JsonElement root) => Root = root;

    public JsonElement Root { get; }

    /// <summary>Panels that show something; rows are headings.</summary>
    public IEnumerable<JsonElement> Panels =>
        Root.GetProperty("panels").EnumerateArray().Where(panel => panel.GetProperty("type").GetString() != "row");

    /// <summary>The queries of all panels, with Grafana's variables replaced as it would for all nodes.</summary>
    public IEnumerable<(string Panel, string Expression)> Queries =>
        from panel in Panels
        from target in panel.GetProperty("targets").EnumerateArray()
        select (panel.GetProperty("title").GetString()!, Interpolate(target.GetProperty("expr").GetString()!));

    /// <summary>All dashboards of the repository.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Path.Combine(Repository.Root, "dashboards"), "*.json").Select(Path.GetFileName)!;

    public static DashboardFile Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "dashboards", name)));
        return new DashboardFile(document.RootElement.Clone());
    }

    private static string Interpolate(string expression) => expression
        .Replace("$node", ".*", StringComparison.Ordinal)
        .Replace("$__rate_interval", "30s", StringComparison.Ordinal)
        .Replace("$__range", "30s", StringComparison.Ordinal);
}
