using System.Text.Json;
using Microsoft.Playwright;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.WebConsole;

/// <summary>The page of SQL, with values that would like to be more than text.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class SqlPageTests : ConsoleTest
{
    private const string Markup = "<img src=x onerror=\"window.taken=1\">";

    private const string Formula = "=HYPERLINK(1)";

    /// <summary>Runs for minutes.</summary>
    private const string Slow =
        "select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c, information_schema.columns d "
        + "where a.column_name || b.column_name || c.column_name || d.column_name = 'x'";

    private static readonly string Manifest =
        $$"""
        {"protocolMode":"BIDI_STREAM","minProtocolVersion":5,"maxProtocolVersion":7,"services":[{"name":"Counter","ty":"VIRTUAL_OBJECT",
        "documentation":{{JsonSerializer.Serialize(Markup)}},"handlers":[{"name":"add","ty":"EXCLUSIVE","documentation":{{JsonSerializer.Serialize(Markup)}}}]}]}
        """;

    private IPage? _page;

    private ILocator Editor => _page!.Locator("#sql");

    private ILocator Status => _page!.Locator(".query-status");

    [Fact]
    public async Task Rows_come_by_keyboard_and_what_strangers_wrote_stays_text()
    {
        await OpenWithStateAsync();
        await Editor.FillAsync("select service_key, key, value_utf8, partition_key, cast(null as varchar) as nothing from state order by key");
        await Editor.PressAsync("Control+Enter");
        await Assertions.Expect(Status).ToHaveTextAsync("2 rows.");

        string[][] rows = await RowsAsync();
        Assert.Equal([Markup, Markup, Markup], rows[0][1..4]);
        Assert.Equal([Markup, Formula, "1,\"2\"\n3"], rows[1][1..4]);
        string key = (await Server.Sql.RowsAsync("select cast(partition_key as varchar) as k from state limit 1", Cancelled))[0].GetProperty("k").GetString()!;
        Assert.Equal(key, rows[0][4]);
        await Assertions.Expect(_page!.Locator(".query-stats")).ToContainTextAsync("rows read");

        await _page.GetByRole(AriaRole.Link, new() { Name = "Services" }).ClickAsync();
        await Assertions.Expect(_page.Locator("#content")).ToContainTextAsync(Markup);
        await _page.GetByRole(AriaRole.Link, new() { Name = "State" }).ClickAsync();
        await Assertions.Expect(Editor).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("service_name = 'Counter'"));
        Assert.Equal("undefined", await _page.EvaluateAsync<string>("() => typeof window.taken"));
        Assert.Equal(0, await _page.Locator("main img").CountAsync());
        Browser.AssertQuiet(Admin);
    }

    [Fact]
    public async Task All_rows_are_saved_and_plans_are_shown()
    {
        await OpenWithStateAsync();
        await Editor.FillAsync("select service_key, key, value_utf8 from state order by key");
        IDownload csv = await _page!.RunAndWaitForDownloadAsync(() => _page!.GetByRole(AriaRole.Button, new() { Name = "CSV" }).ClickAsync());
        string quoted = $"\"{Markup.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        Assert.Equal(
            $"service_key,key,value_utf8\r\n{quoted},{quoted},{quoted}\r\n{quoted},'{Formula},\"1,\"\"2\"\"\n3\"\r\n", await TextAsync(csv));
        await Assertions.Expect(Status).ToContainTextAsync("Saved");
        IDownload json = await _page!.RunAndWaitForDownloadAsync(() => _page!.GetByRole(AriaRole.Button, new() { Name = "JSON" }).ClickAsync());
        Assert.Equal(Formula, JsonDocument.Parse(await TextAsync(json)).RootElement.GetProperty("rows")[1].GetProperty("key").GetString());
        IDownload arrow = await _page!.RunAndWaitForDownloadAsync(() => _page!.GetByRole(AriaRole.Button, new() { Name = "Arrow" }).ClickAsync());
        Assert.Equal(0xFF, (await File.ReadAllBytesAsync(await arrow.PathAsync(), Cancelled))[0]);

        await Editor.PressAsync("Control+Shift+Enter");
        await Assertions.Expect(_page.Locator(".query-result .plan")).ToContainTextAsync("state: partitions 24 of 24");
        await Editor.FillAsync("selec 1");
        await Editor.PressAsync("Control+Enter");
        await Assertions.Expect(_page.Locator(".query-failure")).ToContainTextAsync("syntax error");

        await Editor.FillAsync("select  from sys_partition_memory");
        await Editor.EvaluateAsync("editor => editor.setSelectionRange(7, 7)");
        await _page.Locator("#schema-filter").FillAsync("over_budget");
        await _page.GetByRole(AriaRole.Button, new() { Name = "over_budget" }).First.ClickAsync();
        await Assertions.Expect(Editor).ToHaveValueAsync("select over_budget from sys_partition_memory");
        await _page.GetByLabel("Show at most").SelectOptionAsync("100");
        await Editor.FillAsync("select column_name from information_schema.columns");
        await Editor.PressAsync("Control+Enter");
        await Assertions.Expect(Status).ToContainTextAsync("The first 100 rows; the rest was not read.");
        Assert.Equal(100, (await RowsAsync()).Length);
        Browser.AssertQuiet(Admin, "400");
    }

    [Fact]
    public async Task A_running_query_is_cancelled_by_key_and_from_the_list()
    {
        _page = await OpenAsync("/ui/#/sql");
        await Editor.FillAsync(Slow);
        await Editor.PressAsync("Control+Enter");
        ILocator running = _page.Locator(".queries tbody tr", new() { HasText = "running" });
        await running.WaitForAsync();
        await Editor.PressAsync("Escape");
        await Assertions.Expect(Status).ToHaveTextAsync("Cancelled.");
        await Assertions.Expect(running).ToHaveCountAsync(0);

        await Editor.PressAsync("Control+Enter");
        await running.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(_page.Locator(".query-failure")).ToContainTextAsync("cancelled");
        JsonElement queries = (await Server.Admin.GetAsync("/queries", Cancelled)).GetProperty("queries");
        Assert.Equal(2, queries.EnumerateArray().Count(query => query.GetProperty("state").GetString() == "cancelled"));
        Browser.AssertQuiet(Admin, "409");
    }

    private static async Task<string> TextAsync(IDownload download) => await File.ReadAllTextAsync(await download.PathAsync(), Cancelled);

    private async Task<string[][]> RowsAsync()
    {
        var rows = new List<string[]>();
        foreach (ILocator row in await _page!.Locator(".results tbody tr").AllAsync())
            rows.Add([.. await row.Locator("td").AllTextContentsAsync()]);
        return [.. rows];
    }

    /// <summary>Opens the page before a service whose names, documentation and state are markup.</summary>
    private async Task OpenWithStateAsync()
    {
        _page = await OpenAsync("/ui/#/sql");
        await using ScriptedEndpoint endpoint = await ScriptedEndpoint.ManifestAsync(Manifest);
        await Server.Admin.RegisterAsync(new Uri(endpoint.Uri), Cancelled);
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            object_key = Markup,
            new_state = new Dictionary<string, string> { [Markup] = Markup, [Formula] = "1,\"2\"\n3" },
        });
        using HttpResponseMessage answer = await Server.Admin.SendStateAsync("Counter", body, "application/json", Cancelled);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            if ((await Server.Sql.RowsAsync("select key from state", Cancelled)).Length == 2)
                return;
        }
    }
}
