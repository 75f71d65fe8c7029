using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Containers;

/// <summary>The image under load in 512 MiB: it is not killed for its memory, and SIGTERM takes nothing back that was acknowledged.</summary>
[Collection(ContainerCollection.Name)]
public sealed class NodeContainerLoadTests(PodmanHost podman) : IAsyncLifetime
{
    private const int Writers = 8;

    /// <summary>Large enough that the memtables are full within seconds.</summary>
    private const int ValueBytes = 32 << 10;

    /// <summary>More than the memtables hold (0.85 × 256 MiB), so that it is flushed meanwhile.</summary>
    private const int EnoughPosts = 8192;

    private static readonly TimeSpan LeastLoadTime = TimeSpan.FromSeconds(10);

    /// <summary>A slow machine has to do with less.</summary>
    private static readonly TimeSpan MostLoadTime = TimeSpan.FromSeconds(40);

    private readonly string _volume = $"restate-admin-test-{Guid.NewGuid():N}";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        podman.Require();
        await PodmanHost.PodmanAsync(Cancelled, "volume", "create", _volume);
    }

    public async ValueTask DisposeAsync() => await PodmanHost.PodmanAsync(CancellationToken.None, "volume", "rm", "--force", _volume);

    [Fact]
    public async Task Load_in_512_MiB_ends_without_a_kill_and_SIGTERM_in_the_middle_of_it_loses_nothing()
    {
        await using ScriptedEndpoint service = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest);
        var acknowledged = new ConcurrentDictionary<string, byte>();
        await using (NodeContainer node = await NodeContainer.StartAsync(podman, _volume, Cancelled))
        {
            await node.Admin.RegisterAsync(new Uri(service.Uri), Cancelled);
            using var stopping = new CancellationTokenSource();
            Task[] load = [.. Enumerable.Range(0, Writers).Select(writer => WriteAsync(node, writer, acknowledged, stopping.Token)), ReadAsync(node, stopping.Token)];
            long began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < LeastLoadTime || (acknowledged.Count < EnoughPosts && Stopwatch.GetElapsedTime(began) < MostLoadTime))
                await Task.Delay(TimeSpan.FromMilliseconds(100), Cancelled);
            Assert.Equal("running", await node.StateAsync("Status", Cancelled));
            JsonElement process = (await node.Admin.GetAsync("/memory", Cancelled)).GetProperty("process");
            TestContext.Current.TestOutputHelper?.WriteLine($"{acknowledged.Count} posts acknowledged, {process.GetRawText()}");
            Assert.InRange(process.GetProperty("rss_bytes").GetInt64(), 1, NodeContainer.LimitBytes);

            // The writers go on while it stops, and tell by what they get how far it is.
            Assert.Equal(0, await node.StopAsync(Cancelled));
            await stopping.CancelAsync();
            await Task.WhenAll(load);
            Assert.Equal("false", await node.StateAsync("OOMKilled", Cancelled));
        }

        Assert.True(acknowledged.Count > EnoughPosts / 8, $"only {acknowledged.Count} posts were acknowledged");
        await using NodeContainer again = await NodeContainer.StartAsync(podman, _volume, Cancelled);
        string[] lost = [.. acknowledged.Keys];
        long started = Stopwatch.GetTimestamp();
        while (lost.Length > 0 && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30))
        {
            JsonElement[] rows = await again.Sql.RowsAsync("select service_key from state where value_length > 0", Cancelled);
            lost = [.. acknowledged.Keys.Except(rows.Select(row => row.GetProperty("service_key").GetString()!))];
        }

        Assert.Empty(lost);
        Assert.Equal(0, await again.StopAsync(Cancelled));
    }

    private static async Task WriteAsync(NodeContainer node, int writer, ConcurrentDictionary<string, byte> acknowledged, CancellationToken stopping)
    {
        string value = string.Join(',', Enumerable.Repeat("120", ValueBytes));
        for (int i = 0; !stopping.IsCancellationRequested; i++)
        {
            string key = $"{writer}-{i}";
            byte[] body = Encoding.UTF8.GetBytes($$"""{"object_key":"{{key}}","new_state":{"value":[{{value}}]} }""");
            try
            {
                HttpStatusCode status = await node.Admin.PostStateAsync(body, stopping);
                if (status == HttpStatusCode.Accepted)
                    acknowledged.TryAdd(key, 0);
                else
                    Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // It is gone, or the answer was cut: that post may or may not be there.
                if (stopping.IsCancellationRequested)
                    return;
                await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
            }
        }
    }

    private static async Task ReadAsync(NodeContainer node, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await node.Sql.RowsOnceAsync("select service_key, value_length from state order by value_length desc, service_key limit 10", stopping);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or SqlException)
            {
                // Refused for memory or because it stops: what is asserted is that the node lives.
                if (stopping.IsCancellationRequested)
                    return;
                await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
            }
        }
    }
}
