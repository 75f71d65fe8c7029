using System.Buffers.Binary;
using Microsoft.Playwright;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.WebConsole;

/// <summary>The pictures of <c>docs/console.md</c>. With the variable UPDATE_DOCS=1 they are taken anew, of a demo that has run for minutes.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class PictureTests
{
    private const int MaxBytes = 150_000;

    /// <summary>Where a PNG tells its width.</summary>
    private const int WidthOffset = 16;

    private static readonly TimeSpan Run = TimeSpan.FromMinutes(4);

    /// <summary>A small limit, so that what is used can be seen.</summary>
    private static readonly string[] Settings =
    [
        "--demo", "--set", "process-total-memory-size=1GiB", "--set", "worker.storage.rocksdb-memory-ratio=0.7", "--set", "log-server.rocksdb-memory-ratio=0.25",
    ];

    private static readonly (string Name, string Page, int Width, int Height, ColorScheme Scheme)[] Pictures =
    [
        ("memory", "memory", 1080, 960, ColorScheme.Light),
        ("memory-dark", "memory", 1080, 960, ColorScheme.Dark),
        ("change", "memory", 1080, 900, ColorScheme.Light),
        ("sql", "sql", 1100, 760, ColorScheme.Light),
        ("phone", "memory", 360, 1010, ColorScheme.Dark),
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pictures_are_there_and_small()
    {
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            await TakeAsync();
        string document = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "console.md"), Cancelled);
        foreach ((string name, _, int width, _, _) in Pictures)
        {
            byte[] picture = await File.ReadAllBytesAsync(PathOf(name), Cancelled);
            Assert.InRange(picture.Length, 1, MaxBytes);
            Assert.Equal("PNG"u8.ToArray(), picture[1..4]);
            Assert.Equal(width, BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(WidthOffset)));
            Assert.Contains($"images/console-{name}.png", document, StringComparison.Ordinal);
        }
    }

    private static string PathOf(string name) => Path.Combine(Repository.Root, "docs", "images", $"console-{name}.png");

    private static async Task TakeAsync()
    {
        using var folder = new TemporaryFolder();
        await using ServerProcess server = await ServerProcess.StartOursAsync(folder.Inside("data"), Cancelled, Settings);
        await using ConsoleBrowser browser = await ConsoleBrowser.StartAsync();
        await Task.Delay(Run, Cancelled);
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf("memory"))!);
        foreach ((string name, string address, int width, int height, ColorScheme scheme) in Pictures)
        {
            IPage page = await browser.OpenAsync(
                server.Admin.AdminUri, $"/ui/#/{address}", new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme });
            if (address == "sql")
            {
                await page.Locator("#sql").PressAsync("Control+Enter");
                await page.Locator(".results tbody tr").First.WaitForAsync();
                await page.Locator(".schema summary").First.ClickAsync();
            }
            else
            {
                await page.Locator(".chart canvas").WaitForAsync();
            }

            if (name == "change")
            {
                await page.GetByLabel("Total", new() { Exact = true }).FillAsync("512 MiB");
                await page.Keyboard.PressAsync("Enter");
                await page.GetByText("Preview: this would happen").WaitForAsync();
            }

            // The movement of bars to their places.
            await Task.Delay(TimeSpan.FromSeconds(2), Cancelled);
            await page.ScreenshotAsync(new() { Path = PathOf(name) });
        }
    }
}
