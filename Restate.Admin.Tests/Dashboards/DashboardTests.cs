using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Restate.Admin.Tests.Dashboards;

/// <summary>What Grafana asks of a dashboard's file, and what its readers do.</summary>
public sealed class DashboardTests
{
    private const int GridWidth = 24;

    /// <summary>Names of Grafana's units that the dashboards use; Grafana shows any other name as a suffix.</summary>
    private static readonly string[] Units = ["bytes", "Bps", "ops", "percentunit", "rowsps", "s", "short"];

    public static TheoryData<string> Names => [.. DashboardFile.Names];

    [Fact]
    public void Every_dashboard_has_an_id_and_a_title_of_its_own()
    {
        JsonElement[] dashboards = [.. DashboardFile.Names.Select(name => DashboardFile.Read(name).Root)];
        Assert.Equal(3, dashboards.Length);
        Assert.Equal(dashboards.Length, dashboards.Select(dashboard => dashboard.GetProperty("uid").GetString()).Distinct().Count());
        Assert.Equal(dashboards.Length, dashboards.Select(dashboard => dashboard.GetProperty("title").GetString()).Distinct().Count());
        Assert.All(dashboards, dashboard => Assert.Matches("^[a-z-]{1,40}$", dashboard.GetProperty("uid").GetString()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Panels_say_what_to_do_and_use_the_data_source_of_the_variable(string name)
    {
        DashboardFile dashboard = DashboardFile.Read(name);
        Assert.NotEmpty(dashboard.Panels);
        Assert.Contains(dashboard.Root.GetProperty("templating").GetProperty("list").EnumerateArray(), variable =>
            (variable.GetProperty("type").GetString(), variable.GetProperty("name").GetString()) == ("datasource", "datasource"));
        int[] ids = [.. dashboard.Root.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("id").GetInt32())];
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(dashboard.Panels, panel =>
        {
            Assert.Matches("^\\w.*\\.$", panel.GetProperty("description").GetString());
            Assert.Contains(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString(), Units);
            Assert.Contains(panel.GetProperty("type").GetString(), new[] { "stat", "timeseries" });
            JsonElement[] targets = [.. panel.GetProperty("targets").EnumerateArray()];
            Assert.Equal(targets.Length, targets.Select(target => target.GetProperty("refId").GetString()).Distinct().Count());
            Assert.All(targets, target =>
            {
                Assert.Equal("${datasource}", target.GetProperty("datasource").GetProperty("uid").GetString());

                // A panel of two nodes would show two lines of one name.
                Assert.Contains("{{node_name}}", target.GetProperty("legendFormat").GetString()!, StringComparison.Ordinal);
                Assert.All(Selectors(target.GetProperty("expr").GetString()!), selector => Assert.Contains("node_name=~\"$node\"", selector, StringComparison.Ordinal));
            });
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Panels_lie_in_the_grid_and_not_over_each_other(string name)
    {
        (int Id, int X, int Y, int Right, int Bottom)[] places = [.. DashboardFile.Read(name).Root.GetProperty("panels").EnumerateArray().Select(Place)];
        Assert.All(places, place => Assert.True(place.X >= 0 && place.Right <= GridWidth && place.Right > place.X && place.Bottom > place.Y, $"{place}"));
        Assert.Empty(
            from first in places
            from second in places
            where first.Id < second.Id && first.X < second.Right && second.X < first.Right && first.Y < second.Bottom && second.Y < first.Bottom
            select $"{first} and {second}");

        static (int Id, int X, int Y, int Right, int Bottom) Place(JsonElement panel)
        {
            JsonElement at = panel.GetProperty("gridPos");
            (int x, int y) = (at.GetProperty("x").GetInt32(), at.GetProperty("y").GetInt32());
            return (panel.GetProperty("id").GetInt32(), x, y, x + at.GetProperty("w").GetInt32(), y + at.GetProperty("h").GetInt32());
        }
    }

    private static IEnumerable<string> Selectors(string expression) => Regex.Matches(expression, @"restate_\w+(\{[^}]*\})?").Select(match => match.Value);
}
