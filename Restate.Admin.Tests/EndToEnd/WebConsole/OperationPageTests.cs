using System.Text.Json;
using Microsoft.Playwright;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.WebConsole;

/// <summary>The pages of partitions and of services: what they do is done by the node.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class OperationPageTests : ConsoleTest
{
    [Fact]
    public async Task A_partition_is_closed_after_a_question_and_opened_again()
    {
        IPage page = await OpenAsync("/ui/#/partitions");
        ILocator close = page.GetByRole(AriaRole.Button, new() { Name = "close partition 3", Exact = true });
        await close.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        Assert.Equal("open", await Server.Admin.PartitionStateAsync(3, Cancelled));

        await close.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Close partition", Exact = true }).ClickAsync();
        ILocator row = page.Locator("tr[data-key='3']");
        await Assertions.Expect(row.Locator(".tag")).ToHaveTextAsync("closed");
        Assert.Equal("closed", await Server.Admin.PartitionStateAsync(3, Cancelled));
        await page.GetByLabel("Show").SelectOptionAsync("closed");
        await Assertions.Expect(page.Locator(".partitions tbody tr")).ToHaveCountAsync(1);

        await page.GetByRole(AriaRole.Button, new() { Name = "open partition 3", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("All 24 partitions are open.")).ToBeVisibleAsync();
        Browser.AssertQuiet(Admin);
    }

    [Fact]
    public async Task A_deployment_is_discovered_then_registered_then_removed()
    {
        await using ScriptedEndpoint endpoint = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest);
        IPage page = await OpenAsync("/ui/#/services");
        await page.GetByLabel("Address of the endpoint").FillAsync(endpoint.Uri);
        await page.GetByRole(AriaRole.Button, new() { Name = "Discover" }).ClickAsync();
        await page.GetByText("It would register").WaitForAsync();
        Assert.Equal(0, await DeploymentsAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Register", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Row, new() { Name = "Counter VirtualObject" }).WaitForAsync();
        Assert.Equal(1, await DeploymentsAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Remove deployment" }).ClickAsync();
        await page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Remove deployment" }).ClickAsync();
        await Assertions.Expect(page.GetByText("No service is registered.")).ToBeVisibleAsync();
        Assert.Equal(0, await DeploymentsAsync());
        Browser.AssertQuiet(Admin);
    }

    private async Task<int> DeploymentsAsync()
    {
        JsonElement list = await Server.Admin.GetAsync("/deployments", Cancelled);
        return list.GetProperty("deployments").GetArrayLength();
    }
}
