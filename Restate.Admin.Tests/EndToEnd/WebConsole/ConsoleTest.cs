using Microsoft.Playwright;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.WebConsole;

/// <summary>A test of the console: the built program, and a real browser before it.</summary>
public abstract class ConsoleTest : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;
    private ConsoleBrowser? _browser;

    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private protected ServerProcess Server => _server!;

    private protected ConsoleBrowser Browser => _browser!;

    private protected Uri Admin => Server.Admin.AdminUri;

    private protected TemporaryFolder Folder => _folder;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_browser is not null)
            await _browser.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Starts browser and node, and opens the console.</summary>
    private protected async Task<IPage> OpenAsync(string address = "/ui/", BrowserNewContextOptions? options = null, params string[] settings)
    {
        _browser = await ConsoleBrowser.StartAsync();
        _server = await ServerProcess.StartOursAsync(
            _folder.Inside("data"), Cancelled, [.. settings.SelectMany(setting => new[] { "--set", setting })]);
        return await _browser.OpenAsync(Admin, address, options);
    }

    /// <summary>True where the page is wider than the window.</summary>
    private protected static Task<bool> OverflowsAsync(IPage page) =>
        page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > window.innerWidth");
}
