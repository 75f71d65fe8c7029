using Microsoft.Playwright;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.WebConsole;

/// <summary>What all pages have in common: widths, themes, the keyboard, tokens, and a node that does not answer.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class FrameTests : ConsoleTest
{
    /// <summary>SIGSTOP on Linux.</summary>
    private const int Stop = 19;

    /// <summary>SIGCONT on Linux.</summary>
    private const int Continue = 18;

    private static readonly string[] Pages = ["memory", "sql", "partitions", "services"];

    [Fact]
    public async Task Pages_fit_a_phone_in_both_schemes()
    {
        IPage page = await OpenAsync(options: new() { ViewportSize = new() { Width = 360, Height = 740 }, ColorScheme = ColorScheme.Dark });
        foreach (string name in Pages)
        {
            await page.GotoAsync(new Uri(Admin, $"/ui/#/{name}").ToString());
            await page.Locator($"main.page-{name} .card tbody tr, main.page-services .hint").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
            Assert.False(await OverflowsAsync(page), name);
        }

        Assert.Equal("rgb(20, 22, 27)", await GroundAsync(page));
        ILocator theme = page.GetByRole(AriaRole.Button, new() { Name = "Theme: auto" });
        await theme.ClickAsync();
        Assert.Equal("rgb(245, 246, 248)", await GroundAsync(page));
        await page.ReloadAsync();
        Assert.Equal("rgb(245, 246, 248)", await GroundAsync(page));
        Browser.AssertQuiet(Admin);
    }

    [Fact]
    public async Task A_budget_is_changed_with_nothing_but_the_keyboard()
    {
        IPage page = await OpenAsync();
        await Assertions.Expect(page.GetByLabel("Total", new() { Exact = true })).ToHaveValueAsync("2 GiB");
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await FocusedAsync(page));
        await page.Keyboard.PressAsync("Enter");
        await TabUntilAsync(page, "Tab", "rocksdb-total-memory-size");
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync("512 MiB");
        await TabUntilAsync(page, "Tab", "Preview");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText("Preview: this would happen").WaitForAsync();
        await TabUntilAsync(page, "Shift+Tab", "Apply");
        await page.Keyboard.PressAsync("Space");
        await page.GetByText("Applied in").WaitForAsync();
        Assert.Equal(
            512L << 20,
            (await Server.Admin.GetAsync("/memory/rocksdb", Cancelled)).GetProperty("applied").GetProperty("rocksdb-total-memory-size").GetInt64());
        Browser.AssertQuiet(Admin);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_told_and_the_last_figures_stay()
    {
        IPage page = await OpenAsync();
        ILocator limit = page.Locator("[data-figure='limit']");
        await limit.WaitForAsync();
        string figure = await limit.InnerTextAsync();
        ILocator banner = page.Locator("#banner");
        await Assertions.Expect(banner).ToBeHiddenAsync();

        await page.Context.SetOfflineAsync(true);
        await Assertions.Expect(banner).ToContainTextAsync("Unreachable");
        await page.Context.SetOfflineAsync(false);
        await Assertions.Expect(banner).ToBeHiddenAsync();

        Server.Signal(Stop);
        await Assertions.Expect(banner).ToContainTextAsync("no answer within 5 s");
        Server.Signal(Continue);
        await Assertions.Expect(banner).ToBeHiddenAsync();

        await Server.KillAsync();
        await Assertions.Expect(banner).ToContainTextAsync("the node cannot be reached. The figures below are of");
        await Assertions.Expect(page.Locator("main[data-stale]")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator(".state")).ToHaveTextAsync("unreachable");
        Assert.Equal(figure, await limit.InnerTextAsync());
        Browser.AssertQuiet(Admin, "net::ERR_");
    }

    [Fact]
    public async Task A_token_is_asked_for_and_kept_for_the_tab_only()
    {
        string file = Folder.Inside("tokens");
        string reader = await AddTokenAsync(file, "viewer", "read,query");
        string analyst = await AddTokenAsync(file, "sql", "query");
        IPage page = await OpenAsync(settings: [$"admin.auth.token-file={file}"]);
        ILocator token = page.GetByLabel("Bearer token");
        await Assertions.Expect(page.Locator("dialog.token")).ToContainTextAsync("a bearer token is needed");
        await token.FillAsync("rst_wrong");
        await token.PressAsync("Enter");
        await Assertions.Expect(page.Locator("dialog.token")).ToContainTextAsync("no bearer token that this node takes");
        await token.FillAsync(reader);
        await token.PressAsync("Enter");
        await page.Locator("[data-figure='limit']").WaitForAsync();
        Assert.Equal(reader, await page.EvaluateAsync<string>("() => sessionStorage.getItem('restate-admin-token')"));
        Assert.DoesNotContain(reader, await page.EvaluateAsync<string>("() => JSON.stringify(localStorage) + document.cookie + location.href"), StringComparison.Ordinal);

        ILocator total = page.GetByLabel("Total", new() { Exact = true });
        await Assertions.Expect(total).ToHaveValueAsync("2 GiB");
        await total.FillAsync("512 MiB");
        await total.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".form-message")).ToContainTextAsync("needs the scope admin");

        await page.GetByRole(AriaRole.Button, new() { Name = "Forget token" }).ClickAsync();
        await Assertions.Expect(page.Locator("dialog.token")).ToBeVisibleAsync();
        Assert.Null(await page.EvaluateAsync<string?>("() => sessionStorage.getItem('restate-admin-token')"));
        await token.FillAsync(analyst);
        await token.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#banner")).ToContainTextAsync("Refused: the token 'sql' does not open this: it needs the scope read");
        Browser.AssertQuiet(Admin, "401", "403");
    }

    [Fact]
    public async Task A_read_only_node_says_so_at_its_form()
    {
        IPage page = await OpenAsync(settings: ["admin.read-only=true"]);
        ILocator form = page.Locator(".change-card");
        await Assertions.Expect(form).ToContainTextAsync("This node is read-only");
        await Assertions.Expect(form.GetByLabel("Total", new() { Exact = true })).ToHaveAttributeAsync("readonly", "");
        await Assertions.Expect(form.GetByRole(AriaRole.Button, new() { Name = "Preview" })).ToBeDisabledAsync();
        Browser.AssertQuiet(Admin);
    }

    private static Task<string> GroundAsync(IPage page) => page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");

    private static Task<string> FocusedAsync(IPage page) =>
        page.EvaluateAsync<string>("() => document.activeElement.name || document.activeElement.textContent");

    private static async Task TabUntilAsync(IPage page, string key, string wanted)
    {
        for (int step = 0; step < 100; step++)
        {
            await page.Keyboard.PressAsync(key);
            if (await FocusedAsync(page) == wanted)
                return;
        }

        Assert.Fail($"{key} does not reach '{wanted}'");
    }

    private static async Task<string> AddTokenAsync(string file, string name, string scopes)
    {
        await using ChildProcess program = ServerProcess.LaunchBare(environment: null, onLine: null, "--create-token", name, "--scopes", scopes);
        Assert.Equal(0, await program.WaitAsync(Cancelled));
        string[] lines = program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await File.AppendAllTextAsync(file, lines[1] + "\n", Cancelled);
        return lines[0];
    }
}
