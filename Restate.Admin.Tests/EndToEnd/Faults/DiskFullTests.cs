using System.Net;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.Faults;

/// <summary>A disk that fills while the node runs: a small file system in memory.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class DiskFullTests : IAsyncLifetime
{
    private const int DiskBytes = 192 << 20;
    private const int Large = 2_000_000;

    private readonly TemporaryFolder _folder = new();
    private FaultNode _node = null!;
    private bool _mounted;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Disk => _folder.Inside("disk");

    private string Filling => Path.Combine(Disk, "filling");

    private string Rest => Path.Combine(Disk, "rest");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Disk);
        _mounted = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={DiskBytes}", "tmpfs", Disk);
        _node = new FaultNode(Disk);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        if (_mounted)
            Assert.True(await RunAsync("umount", "-l", Disk));
        _folder.Dispose();
    }

    [Fact]
    public async Task Writes_are_refused_reads_go_on_and_it_recovers_by_itself_once_there_is_space()
    {
        Assert.SkipUnless(_mounted, "a tmpfs cannot be mounted here: run the tests as root, with permission to mount");
        await _node.StartAsync();
        await _node.AcknowledgedAsync("before", 20);
        await FillAsync(Filling, left: 64 << 10);

        // What the write-ahead log has reserved is used up first.
        var uncertain = new HashSet<string>();
        (HttpStatusCode Status, string Text) refused = (HttpStatusCode.Accepted, string.Empty);
        for (int i = 0; i < 60 && refused.Status == HttpStatusCode.Accepted; i++)
        {
            refused = await _node.PostAsync($"large-{i}", FaultNode.Text(i, Large));
            if (refused.Status != HttpStatusCode.Accepted)
                uncertain.Add($"large-{i}");
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Contains("the disk is full; free space there, and it goes on by itself", refused.Text, StringComparison.Ordinal);
        Assert.Contains(_node.Database("log-store"), refused.Text, StringComparison.Ordinal);
        Assert.Contains("this record may be in the log all the same", refused.Text, StringComparison.Ordinal);

        // The log tries again every second, and a small record might fit into what the large one left.
        await FillAsync(Rest, left: 0);
        (refused.Status, refused.Text) = await _node.PostAsync("small", "x");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.DoesNotContain("all the same", refused.Text, StringComparison.Ordinal);

        JsonElement health = await NodeHealthAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("Failed", health.GetProperty("log_server_status").GetString());
        Assert.Contains("the disk is full", health.GetProperty("failure").GetString()!, StringComparison.Ordinal);
        Assert.Equal(1, await _node.Server.Admin.MetricAsync("restate_bifrost_log_store_failed", Cancelled));
        Assert.Equal(1, await _node.Server.Admin.MetricAsync("restate_bifrost_log_store_failures_total", Cancelled));

        // Reads, and a partition that has to write meanwhile: it waits, says so, and is read on.
        await _node.HoldsWhatWasAcknowledgedAsync();
        await _node.Server.Admin.PostAsync("/partitions/0/flush", Cancelled);
        await _node.HoldsWhatWasAcknowledgedAsync();
        Assert.False(_node.Server.HasExited);

        File.Delete(Filling);
        File.Delete(Rest);
        await FaultNode.EventuallyAsync(
            async () => (await _node.PostAsync("again", "x")).Status == HttpStatusCode.Accepted, "writes are taken again");
        await NodeHealthAsync(HttpStatusCode.OK);
        Assert.Equal(0, await _node.Server.Admin.MetricAsync("restate_bifrost_log_store_failed", Cancelled));
        await _node.AcknowledgedAsync("after", 20);

        // What was answered with an error while the node lived is not there; only a crash in between could bring it back.
        await _node.HoldsWhatWasAcknowledgedAsync();
        await _node.KillAsync();
        await _node.StartAsync();
        await _node.HoldsWhatWasAcknowledgedAsync();
        Assert.NotEmpty(uncertain);
    }

    [Fact]
    public async Task A_crash_on_a_full_disk_and_a_start_on_one_lose_nothing()
    {
        Assert.SkipUnless(_mounted, "a tmpfs cannot be mounted here: run the tests as root, with permission to mount");
        await _node.StartAsync();
        await _node.AcknowledgedAsync("before", 20);
        await FillAsync(Filling, left: 64 << 10);
        var uncertain = new HashSet<string>();
        for (int i = 0; i < 60 && uncertain.Count == 0; i++)
        {
            if ((await _node.PostAsync($"large-{i}", FaultNode.Text(i, Large))).Status != HttpStatusCode.Accepted)
                uncertain.Add($"large-{i}");
        }

        await _node.KillAsync();
        string line = await _node.RefusedAsync();
        Assert.Contains("the disk is full", line, StringComparison.Ordinal);
        Assert.Contains(Disk, line, StringComparison.Ordinal);

        File.Delete(Filling);
        await _node.StartAsync();
        await _node.HoldsWhatWasAcknowledgedAsync(uncertain);
    }

    /// <summary>Fills the disk but for some bytes, in which writes still succeed for a while.</summary>
    private async Task FillAsync(string path, long left)
    {
        await using FileStream file = new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
        byte[] page = new byte[4096];
        try
        {
            for (long free = new DriveInfo(Disk).AvailableFreeSpace - left; free > 0; free -= page.Length)
                await file.WriteAsync(page, Cancelled);
            await file.FlushAsync(Cancelled);
        }
        catch (IOException)
        {
            // Full, which is what was asked for.
        }
    }

    private async Task<JsonElement> NodeHealthAsync(HttpStatusCode expected)
    {
        using HttpResponseMessage answer = await _node.Server.Admin.Http.GetAsync(new Uri(_node.Server.Admin.NodeUri, "/health"), Cancelled);
        string text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.StatusCode == expected, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        await using ChildProcess child = ChildProcess.Start(program, arguments);
        return await child.WaitAsync(CancellationToken.None) == 0;
    }
}
