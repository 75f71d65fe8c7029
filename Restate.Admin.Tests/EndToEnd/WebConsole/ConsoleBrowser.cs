using Microsoft.Playwright;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.WebConsole;

/// <summary>A real Chromium with one page, and a record of what went wrong in it.</summary>
internal sealed class ConsoleBrowser : IAsyncDisposable
{
    /// <summary>For whatever a page is waited for: the machine may be busy.</summary>
    private const float PatienceMs = 30_000;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly List<string> _complaints = [];
    private readonly List<string> _requests = [];

    private ConsoleBrowser(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>Starts the browser; skips the running test where there is none.</summary>
    public static async Task<ConsoleBrowser> StartAsync()
    {
        string chromium = Installed.RequireChromium();
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        IPlaywright playwright = await Playwright.CreateAsync();
        IBrowser browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = chromium,
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        return new ConsoleBrowser(playwright, browser);
    }

    /// <summary>Opens the console of this node in a profile of its own.</summary>
    public async Task<IPage> OpenAsync(Uri admin, string address = "/ui/", BrowserNewContextOptions? options = null)
    {
        IBrowserContext context = await _browser.NewContextAsync(options ?? new());
        context.SetDefaultTimeout(PatienceMs);
        IPage page = await context.NewPageAsync();
        page.Request += (_, request) => _requests.Add(request.Url);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Add($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => _complaints.Add($"exception: {error}");
        IResponse? answer = await page.GotoAsync(new Uri(admin, address).ToString());
        Assert.Equal(200, answer!.Status);
        return page;
    }

    /// <summary>No error in the browser's console, no violation of the policy, no request to anyone but the node.</summary>
    /// <param name="admin">The node.</param>
    /// <param name="expected">Parts of complaints that the test itself brings about, such as a status of 400.</param>
    public void AssertQuiet(Uri admin, params string[] expected)
    {
        string[] complaints = [.. _complaints.Where(complaint => !expected.Any(part => complaint.Contains(part, StringComparison.Ordinal)))];
        Assert.True(complaints.Length == 0, string.Join('\n', complaints));
        Assert.NotEmpty(_requests);
        Assert.All(_requests, url => Assert.True(
            url.StartsWith("data:", StringComparison.Ordinal) || url.StartsWith("blob:", StringComparison.Ordinal)
            || new Uri(url).Authority == admin.Authority, $"a request to {url}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
