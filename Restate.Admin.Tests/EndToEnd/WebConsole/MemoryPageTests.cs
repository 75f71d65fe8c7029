using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.WebConsole;

/// <summary>The page of memory: figures, and the change of a budget.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class MemoryPageTests : ConsoleTest
{
    private const long HalfGiB = 512L << 20;

    [Fact]
    public async Task Figures_are_those_of_the_api()
    {
        IPage page = await OpenAsync();
        ILocator rows = page.Locator(".limit-card tbody tr");
        await rows.Nth(1).WaitForAsync();
        JsonElement memory = await Server.Admin.GetAsync("/memory", Cancelled);
        foreach (JsonElement pool in memory.GetProperty("pools").EnumerateArray())
        {
            ILocator row = page.Locator($".limit-card tr.pool-{pool.GetProperty("name").GetString()}");
            Assert.Equal(Size(pool.GetProperty("capacity_bytes").GetInt64()), await row.Locator("td").Nth(1).InnerTextAsync());
        }

        Assert.Equal(memory.GetProperty("pools").GetArrayLength() + 1, await rows.CountAsync());
        Assert.Equal(
            Size(memory.GetProperty("process").GetProperty("limit_bytes").GetInt64()), await page.Locator("[data-figure='limit']").InnerTextAsync());
        JsonElement rocks = await Server.Admin.GetAsync("/memory/rocksdb", Cancelled);
        Assert.Equal(
            Size(rocks.GetProperty("plan").GetProperty("partition_budget_bytes").GetInt64()), await page.Locator("[data-figure='share']").InnerTextAsync());
        Assert.Equal(rocks.GetProperty("plan").GetProperty("open_partitions").GetInt32(), await page.Locator(".columns .column").CountAsync());
        await page.Locator(".state[data-state='live']").WaitForAsync();
        Browser.AssertQuiet(Admin);
    }

    [Fact]
    public async Task A_budget_is_previewed_then_applied_then_reset()
    {
        IPage page = await OpenAsync();
        ILocator total = page.GetByLabel("Total", new() { Exact = true });
        await Assertions.Expect(total).ToHaveValueAsync("2 GiB");
        ILocator preview = page.GetByRole(AriaRole.Button, new() { Name = "Preview" });
        ILocator apply = page.GetByRole(AriaRole.Button, new() { Name = "Apply" });
        await Assertions.Expect(apply).ToBeDisabledAsync();

        await total.FillAsync("512 MiB");
        await preview.ClickAsync();
        await page.GetByText("Preview: this would happen").WaitForAsync();
        ILocator share = page.Locator(".result tr", new() { HasText = "share of each of" });
        Assert.Equal("8.8 MiB", await share.Locator("td").Nth(1).InnerTextAsync());
        Assert.Equal(2147483648, await TotalAsync("desired"));

        await apply.ClickAsync();
        await page.GetByText("Applied in").WaitForAsync();
        Assert.Equal(HalfGiB, await TotalAsync("applied"));
        await Assertions.Expect(page.Locator("[data-figure='share']")).ToHaveTextAsync("8.8 MiB");
        await Assertions.Expect(page.Locator("section", new() { HasText = "Rebalances" }).GetByText("2.0 GiB → 512.0 MiB")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Reset Total to configured" }).ClickAsync();
        await preview.ClickAsync();
        await page.GetByText("Preview: this would happen").WaitForAsync();
        await apply.ClickAsync();
        await page.GetByText("Applied in").WaitForAsync();
        Assert.Equal(2147483648, await TotalAsync("applied"));
        await Assertions.Expect(total).ToHaveValueAsync("2 GiB");
        Browser.AssertQuiet(Admin);
    }

    [Fact]
    public async Task An_error_stands_at_its_field_and_nothing_is_changed()
    {
        IPage page = await OpenAsync();
        ILocator total = page.GetByLabel("Total", new() { Exact = true });
        await Assertions.Expect(total).ToHaveValueAsync("2 GiB");
        await total.FillAsync("5 MiB");
        await total.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#f-rocksdb-total-memory-size-error")).ToContainTextAsync("expected at least 256.0 MiB");
        await Assertions.Expect(total).ToBeFocusedAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Apply" })).ToBeDisabledAsync();
        Assert.Equal(2147483648, await TotalAsync("desired"));
        Browser.AssertQuiet(Admin, "400");
    }

    [Fact]
    public async Task Warnings_are_shown_with_what_to_do()
    {
        IPage page = await OpenAsync(settings: ["process-total-memory-size=2GiB"]);
        ILocator shown = page.Locator(".warning");
        await shown.First.WaitForAsync();
        JsonElement warnings = (await Server.Admin.GetAsync("/memory", Cancelled)).GetProperty("warnings");
        Assert.Equal(warnings.GetArrayLength(), await shown.CountAsync());
        foreach (JsonElement warning in warnings.EnumerateArray())
        {
            ILocator one = page.Locator(".warning", new() { HasText = warning.GetProperty("code").GetString() });
            await Assertions.Expect(one).ToContainTextAsync(warning.GetProperty("what_to_do").GetString()!);
        }

        Browser.AssertQuiet(Admin);
    }

    [Fact]
    public async Task Nobody_s_change_is_overwritten()
    {
        IPage page = await OpenAsync();
        ILocator total = page.GetByLabel("Total", new() { Exact = true });
        await Assertions.Expect(total).ToHaveValueAsync("2 GiB");
        await page.RouteAsync("**/memory/rocksdb?wait=*", async route =>
        {
            await Server.Admin.PatchMemoryAsync(new Dictionary<string, object> { ["log-server.rocksdb-memory-ratio"] = 0.4 }, Cancelled);
            await route.ContinueAsync();
        });
        await total.FillAsync("512 MiB");
        await total.PressAsync("Enter");
        await page.GetByText("Preview: this would happen").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Apply" }).ClickAsync();
        await Assertions.Expect(page.Locator(".change-card .form-message")).ToContainTextAsync("Somebody else has changed these settings");
        await Assertions.Expect(page.GetByLabel("Log server’s share of the memtables", new() { Exact = true })).ToHaveValueAsync("0.4");
        await Assertions.Expect(total).ToHaveValueAsync("512 MiB");
        Assert.Equal(2147483648, await TotalAsync("desired"));
        Browser.AssertQuiet(Admin, "412");
    }

    [Fact]
    public async Task Many_partitions_are_shown_in_groups_that_add_up()
    {
        IPage page = await OpenAsync(settings: ["default-num-partitions=256", "process-total-memory-size=3GiB"]);
        await Assertions.Expect(page.Locator(".columns .column")).ToHaveCountAsync(128);
        await Assertions.Expect(page.GetByText("A column is 2 partitions.")).ToBeVisibleAsync();
        JsonElement plan = (await Server.Admin.GetAsync("/memory/rocksdb", Cancelled)).GetProperty("plan");
        string title = (await page.Locator(".column[data-key='254-255']").GetAttributeAsync("title"))!;
        Assert.Contains($"of {Size(2 * plan.GetProperty("partition_budget_bytes").GetInt64())}", title, StringComparison.Ordinal);
        Assert.False(await OverflowsAsync(page));
        await page.GotoAsync(new Uri(Admin, "/ui/#/partitions").ToString());
        await Assertions.Expect(page.Locator(".partitions tbody tr")).ToHaveCountAsync(256);
        Browser.AssertQuiet(Admin);
    }

    private async Task<long> TotalAsync(string part) =>
        (await Server.Admin.GetAsync("/memory/rocksdb", Cancelled)).GetProperty(part).GetProperty("rocksdb-total-memory-size").GetInt64();

    private static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        int unit = 0;
        double value = bytes;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
            value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? $"{value}" : $"{value:0.0}")} {units[unit]}");
    }
}
