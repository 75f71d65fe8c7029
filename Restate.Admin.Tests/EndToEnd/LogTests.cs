using System.Net.Http.Json;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The log of the built program: level and form followed while it runs, from its file and over REST.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class LogTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Level_and_form_follow_file_and_rest_and_lines_cannot_be_forged()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "restate.toml");
        await File.WriteAllTextAsync(file, "log-format = \"json\"\ndefault-num-partitions = 2\n", stop);
        await using ServerProcess server = await ServerProcess.StartOursAsync(folder.Path, stop, "--config-file", file);
        HttpClient client = server.Admin.Http;

        string[] first = LogLines(server);
        Assert.NotEmpty(first);
        Assert.All(first, line => Assert.Equal(
            ["timestamp", "level", "fields", "target"],
            JsonDocument.Parse(line).RootElement.EnumerateObject().Select(property => property.Name)));

        await File.WriteAllTextAsync(file, "log-format = \"compact\"\nlog-filter = \"debug\"\n", stop);
        await SeenAsync(server, "[config update] log-filter changed", stop);
        await client.GetAsync("/x%0a2026-01-01T00:00:00.000000Z%20ERROR%20forged:%20y%1b%5b2J", stop);
        using HttpResponseMessage refused = await client.PostAsJsonAsync("/deployments", new { uri = "http://user:s3cret@127.0.0.1:1/" }, stop);
        Assert.DoesNotContain("s3cret", await refused.Content.ReadAsStringAsync(stop));
        await SeenAsync(server, "forged", stop);

        using HttpResponseMessage patched = await client.PatchAsJsonAsync("/config/log?wait=1s", new Dictionary<string, string> { ["log-filter"] = "warn,restate=info" }, stop);
        Assert.True(patched.IsSuccessStatusCode, await patched.Content.ReadAsStringAsync(stop));
        await SeenAsync(server, "PATCH /config/log?wait=1s -> 200", stop);
        int lines = server.Output.Split('\n').Count(line => line.Contains(" DEBUG ", StringComparison.Ordinal));
        await client.GetAsync("/health", stop);
        using HttpResponseMessage bad = await client.PatchAsJsonAsync("/config/log", new Dictionary<string, string> { ["log-filter"] = "loud" }, stop);
        Assert.Contains("off, error, warn, info, debug or trace", await bad.Content.ReadAsStringAsync(stop));
        Assert.Equal(0, await server.StopAsync(stop));

        Assert.Equal(lines, server.Output.Split('\n').Count(line => line.Contains(" DEBUG ", StringComparison.Ordinal)));
        Assert.DoesNotContain("s3cret", server.Output);
        Assert.DoesNotContain('\e', server.Output);
        Assert.All(
            LogLines(server).Where(line => !line.StartsWith('{')),
            line => Assert.Matches(@"^2\d{3}-[0-9T:.-]+Z +(DEBUG|INFO|WARN|ERROR) [A-Z][A-Za-z.]+(`\d)?: ", line));
    }

    private static string[] LogLines(ServerProcess server) =>
        [.. server.Output.Split('\n').Where(line => !line.StartsWith("listening ", StringComparison.Ordinal))];

    private static async Task SeenAsync(ServerProcess server, string text, CancellationToken stop)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(Patience);
        while (!server.Output.Contains(text, StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
    }
}
