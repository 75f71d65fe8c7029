using System.Text.Json;
using Microsoft.Playwright;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>Swagger UI in a real browser, against a real node.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class SwaggerUiTests : IAsyncLifetime
{
    private const float PatienceMs = 30_000;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _requests = [];
    private readonly List<string> _complaints = [];
    private ServerProcess? _server;
    private IPlaywright? _playwright;
    private IBrowserContext? _browser;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Uri Admin => _server!.Admin.AdminUri;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_page_shows_every_operation_and_talks_to_this_server_only()
    {
        IPage page = await OpenAsync("/swagger");
        JsonElement document = await _server!.Admin.GetAsync("/openapi", Cancelled);
        string[] operations = [.. document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"))
            .Order(StringComparer.Ordinal)];
        await page.Locator(".opblock").Nth(operations.Length - 1).WaitForAsync(new() { Timeout = PatienceMs });

        var shown = new List<string>();
        foreach (ILocator block in await page.Locator(".opblock").AllAsync())
        {
            string method = await block.Locator(".opblock-summary-method").InnerTextAsync();
            shown.Add($"{method} {await block.Locator(".opblock-summary-path").GetAttributeAsync("data-path")}");
        }

        Assert.Equal(operations, shown.Order(StringComparer.Ordinal));
        Assert.Equal("Restate Admin API", await page.TitleAsync());
        Assert.Contains(_requests, url => url == new Uri(Admin, "/openapi").ToString());
        AssertQuiet();
    }

    [Fact]
    public async Task Reading_memory_from_the_page_answers_200()
    {
        IPage page = await OpenAsync("/swagger/index.html");
        ILocator operation = await ExpandAsync(page, "get_memory");

        await ExecuteAsync(operation);

        Assert.Equal("200", await StatusAsync(operation));
        using var body = JsonDocument.Parse(await operation.Locator(".live-responses-table .highlight-code code").First.InnerTextAsync());
        Assert.True(body.RootElement.GetProperty("process").GetProperty("limit_bytes").GetInt64() > 0);
        AssertQuiet();
    }

    [Fact]
    public async Task A_dry_run_from_the_page_shows_the_plan_and_changes_nothing()
    {
        IPage page = await OpenAsync("/swagger/");
        ILocator operation = await ExpandAsync(page, "modify_rocksdb_memory");
        await operation.Locator("tr[data-param-name='dry_run'] select").SelectOptionAsync("true");
        await operation.Locator("textarea.body-param__text").FillAsync("""{"rocksdb-total-memory-size": "512 MiB"}""");
        foreach (string parameter in new[] { "wait", "If-Match" })
            await operation.Locator($"tr[data-param-name='{parameter}'] input").FillAsync(string.Empty);

        await ExecuteAsync(operation);

        Assert.Equal("200", await StatusAsync(operation));
        using var body = JsonDocument.Parse(await operation.Locator(".live-responses-table .highlight-code code").First.InnerTextAsync());
        Assert.Equal(536870912, body.RootElement.GetProperty("plan").GetProperty("total_bytes").GetInt64());
        JsonElement after = await _server!.Admin.GetAsync("/memory/rocksdb", Cancelled);
        Assert.Equal(2147483648, after.GetProperty("desired").GetProperty("rocksdb-total-memory-size").GetInt64());
        AssertQuiet();
    }

    [Fact]
    public async Task The_page_under_a_version_prefix_works_too()
    {
        IPage page = await OpenAsync("/v3/swagger/");
        ILocator operation = await ExpandAsync(page, "version");

        await ExecuteAsync(operation);

        Assert.Equal("200", await StatusAsync(operation));
        Assert.Contains(_requests, url => url == new Uri(Admin, "/v3/openapi").ToString());
        AssertQuiet();
    }

    private async Task<IPage> OpenAsync(string path)
    {
        string chromium = Installed.RequireChromium();
        _server = await ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchPersistentContextAsync(_folder.Inside("browser"), new()
        {
            ExecutablePath = chromium,
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        IPage page = await _browser.NewPageAsync();
        page.Request += (_, request) => _requests.Add(request.Url);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Add($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => _complaints.Add($"exception: {error}");
        page.RequestFailed += (_, request) => _complaints.Add($"failed: {request.Url} {request.Failure}");
        IResponse? answer = await page.GotoAsync(new Uri(Admin, path).ToString(), new() { Timeout = PatienceMs });
        Assert.Equal(200, answer!.Status);
        Assert.Contains("frame-ancestors 'none'", answer.Headers["content-security-policy"], StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers["x-content-type-options"]);
        return page;
    }

    private static async Task<ILocator> ExpandAsync(IPage page, string operationId)
    {
        ILocator operation = page.Locator($".opblock[id$='-{operationId}']");
        await operation.Locator(".opblock-summary-control").ClickAsync(new() { Timeout = PatienceMs });
        await operation.Locator("button.try-out__btn").ClickAsync(new() { Timeout = PatienceMs });
        return operation;
    }

    private static async Task ExecuteAsync(ILocator operation)
    {
        await operation.Locator("button.execute").ClickAsync(new() { Timeout = PatienceMs });
        await operation.Locator(".live-responses-table .response-col_status").First.WaitForAsync(new() { Timeout = PatienceMs });
    }

    private static async Task<string> StatusAsync(ILocator operation) =>
        (await operation.Locator(".live-responses-table tbody .response-col_status").First.InnerTextAsync()).Split('\n')[0].Trim();

    /// <summary>Nothing went wrong in the browser, and nothing was asked of anyone else.</summary>
    private void AssertQuiet()
    {
        Assert.True(_complaints.Count == 0, string.Join('\n', _complaints));
        Assert.NotEmpty(_requests);
        Assert.All(_requests, url => Assert.True(
            url.StartsWith("data:", StringComparison.Ordinal) || new Uri(url).Authority == Admin.Authority, $"a request to {url}"));
    }
}
