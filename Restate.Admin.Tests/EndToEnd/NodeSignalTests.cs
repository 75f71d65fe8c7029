using System.Net;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>SIGUSR1 and SIGHUP, sent to the built program.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class NodeSignalTests : IDisposable
{
    private const int Hangup = 1;
    private const int UserSignal1 = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SIGUSR1_writes_a_configuration_that_loads_again_and_the_plan()
    {
        string file = _folder.Inside("restate.toml");
        await File.WriteAllTextAsync(
            file,
            """
            cluster-name = "quoted \"name\" # not a comment"
            rocksdb-total-memory-size = "300 MiB"
            worker.storage.rocksdb-memory-ratio = 0.3
            [admin.query-engine]
            memory-size = "77 MiB"
            """,
            Cancelled);
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled, "--config-file", file);
        JsonElement changed = await server.Admin.PatchMemoryAsync(new Dictionary<string, object> { ["rocksdb-total-memtables-ratio"] = 0.5 }, Cancelled);
        Assert.Equal(2, changed.GetProperty("generation").GetInt64());

        string dump = await DumpAsync(server);
        Assert.Contains("generation 2", dump, StringComparison.Ordinal);
        Assert.Contains("rocksdb-total-memtables-ratio", dump, StringComparison.Ordinal);
        foreach (string said in new[] { "rocksdb-total-memory-size", "314572800", "planned", "partition-store", "one partition", "bifrost-record-cache", "query-engine" })
            Assert.Contains(dump.Split('\n'), line => line.StartsWith('#') && line.Contains(said, StringComparison.Ordinal));

        // What it says, loaded as a file, is what it says: the same options with the same values.
        string again = _folder.Inside("again.toml");
        await File.WriteAllTextAsync(again, dump, Cancelled);
        await using ChildProcess program = ServerProcess.LaunchBare(environment: null, onLine: null, "--config-file", again, "--dump-config");
        Assert.Equal(0, await program.WaitAsync(Cancelled));
        Assert.Equal(Options(dump), Options(program.Output));
        Assert.Contains("memory-size = \"77.0 MiB\"", Options(dump));
        Assert.True(await server.Admin.IsHealthyAsync(Cancelled));
        Assert.Equal(0, await server.StopAsync(Cancelled));
    }

    [Fact]
    public async Task SIGHUP_flushes_and_compacts_and_the_node_goes_on()
    {
        Installed.RequireSdkService();
        await using SdkService service = await SdkService.StartAsync(Cancelled);
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled, "--default-num-partitions", "4");
        await server.Admin.RegisterAsync(service.Uri, Cancelled);
        await PostAsync(server, "a");
        string stores = Path.Combine(_folder.Path, "n1", "db");
        Assert.Empty(Directory.EnumerateFiles(stores, "*.sst", SearchOption.AllDirectories));

        for (int pass = 1; pass <= 2; pass++)
        {
            server.Signal(Hangup);
            await UntilAsync(() => Count(server.Output, "Flushed and compacted") == pass, server, "no end of the compaction in the log");
        }

        string end = server.Output.Split('\n').First(line => line.Contains("Flushed and compacted", StringComparison.Ordinal));
        Assert.Contains("0 failed", end, StringComparison.Ordinal);
        Assert.Contains("Flushing and compacting", server.Output, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.EnumerateFiles(stores, "*.sst", SearchOption.AllDirectories));
        await PostAsync(server, "b");
        Assert.Equal(0, await server.StopAsync(Cancelled));
    }

    [Fact]
    public async Task SIGHUP_and_SIGTERM_at_once_end_well()
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        for (int i = 0; i < 5; i++)
            server.Signal(Hangup);
        Assert.Equal(0, await server.StopAsync(Cancelled));
    }

    private static async Task PostAsync(ServerProcess server, string prefix)
    {
        for (int i = 0; i < 32; i++)
        {
            byte[] body = Encoding.UTF8.GetBytes("{\"object_key\":\"" + prefix + i + "\",\"new_state\":{\"k\":\"" + new string('v', 1000) + "\"}}");
            Assert.Equal(HttpStatusCode.Accepted, await server.Admin.PostStateAsync(body, Cancelled));
        }
    }

    private static async Task<string> DumpAsync(ServerProcess server)
    {
        server.Signal(UserSignal1);
        await UntilAsync(() => server.Output.Contains("# End of the configuration", StringComparison.Ordinal), server, "no dump");
        string[] lines = server.Output.Split('\n');
        int first = Array.FindIndex(lines, line => line.StartsWith("# Configuration in force", StringComparison.Ordinal));
        int last = Array.FindIndex(lines, line => line.StartsWith("# End of the configuration", StringComparison.Ordinal));
        return string.Join('\n', lines[first..(last + 1)]) + "\n";
    }

    private static string[] Options(string toml) =>
        [.. toml.Split('\n').Select(line => line.Split(" # from ")[0].Trim()).Where(line => line.Length > 0 && !line.StartsWith('#'))];

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static async Task UntilAsync(Func<bool> condition, ServerProcess server, string otherwise)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(Patience);
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested || server.HasExited, $"{otherwise}\n{server.Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancelled);
        }
    }
}
