using System.IO.Compression;
using System.Net.Http.Json;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>Clients that stop reading, on the built program over real sockets.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class SlowReaderTests : IDisposable
{
    private const string Pairs = "select a.column_name as x, b.column_name as y, c.table_name as z from information_schema.columns a, information_schema.columns b, information_schema.columns c";

    private const string Json = "Accept: application/json";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Queries that run at once.</summary>
    private static readonly int Slots = Math.Max(2, Environment.ProcessorCount);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stalled_readers_hold_a_constant_and_one_goes_for_each_query_that_waits()
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        long before = await PoolAsync(server);
        RawQuery[] stalled = await Task.WhenAll(Enumerable.Range(0, Slots).Select(
            i => RawQuery.SendAsync(server.Admin.AdminUri, Pairs, Cancelled, i % 2 == 0 ? [Json] : [Json, "Accept-Encoding: gzip"])));
        long rows = await StalledAsync(server, Slots);
        long most = 0;
        for (int i = 0; i < 20; i++)
        {
            most = Math.Max(most, await PoolAsync(server) - before);
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancelled);
        }

        long held = await PoolAsync(server) - before;
        Assert.InRange(held, Slots * (64L << 10), Slots * (12L << 20));
        Assert.InRange(most, held - (1 << 20), held + (1 << 20));
        Assert.Equal(rows, (await RunningAsync(server)).Sum(query => query.GetProperty("rows").GetInt64()));

        // Nobody needs a slot for 10 s: all go on. Then one does.
        await Task.Delay(TimeSpan.FromSeconds(10), Cancelled);
        Assert.Equal(Slots, (await RunningAsync(server)).Length);
        JsonElement row = Assert.Single(await server.Sql.RowsOnceAsync(
            "select elapsed_ms, state, error from sys_queries where error is not null", Cancelled));
        Assert.Equal("failed", row.GetProperty("state").GetString());
        Assert.Equal("the client stopped reading for 10 s while other queries waited for a slot", row.GetProperty("error").GetString());
        Assert.Equal(1, await server.Admin.MetricAsync("restate_queries_stopped_readers_total", Cancelled));
        Assert.Equal(Slots - 1, (await RunningAsync(server)).Length);
        Assert.InRange(await PoolAsync(server) - before, 0, held * (Slots - 1) / Slots + (4 << 20));

        // Cancelled by an operator: every one of them is cut, and none looks whole.
        foreach (JsonElement query in await RunningAsync(server))
            (await server.Admin.Http.DeleteAsync(new Uri($"/queries/{query.GetProperty("id").GetString()}", UriKind.Relative), Cancelled)).Dispose();
        foreach (RawQuery query in stalled)
        {
            Assert.False((await query.ReadAsync(Cancelled)).IsWhole);
            query.Dispose();
        }

        Assert.DoesNotContain(" ERROR ", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("identity", 500_000)]
    [InlineData("gzip", 4_000_000)]
    public async Task A_reader_may_pause_while_nobody_needs_what_it_holds(string coding, int limit)
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        using RawQuery query = await RawQuery.SendAsync(
            server.Admin.AdminUri, $"{Pairs} limit {limit}", Cancelled, "Accept: application/x-ndjson", $"Accept-Encoding: {coding}");
        Assert.InRange(await StalledAsync(server, 1), 1, limit - 1);
        await Task.Delay(TimeSpan.FromSeconds(15), Cancelled);
        (string head, byte[] body, bool isWhole) = await query.ReadAsync(Cancelled);
        Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
        Assert.True(isWhole, "the answer was cut");
        await using Stream plain = coding == "gzip" ? new GZipStream(new MemoryStream(body), CompressionMode.Decompress) : new MemoryStream(body);
        using var lines = new StreamReader(plain);
        int count = 0;
        while (await lines.ReadLineAsync(Cancelled) is not null)
            count++;
        Assert.Equal(limit, count);
    }

    [Fact]
    public async Task A_partition_closes_although_a_stalled_reader_holds_its_lease()
    {
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        using RawQuery query = await RawQuery.SendAsync(
            server.Admin.AdminUri, $"{Pairs} left join state s on s.key = c.table_name", Cancelled, Json);
        await StalledAsync(server, 1);
        await server.Admin.MovePartitionAsync(3, open: false, Cancelled);
        Assert.False((await query.ReadAsync(Cancelled)).IsWhole);
        JsonElement row = Assert.Single(await server.Sql.RowsAsync("select state, error from sys_queries where error is not null", Cancelled));
        Assert.Equal("failed", row.GetProperty("state").GetString());
        Assert.Equal("partition 3 is not available: it is closing", row.GetProperty("error").GetString());
    }

    /// <summary>Waits until as many queries run and none of them gets on.</summary>
    /// <returns>Rows they have given.</returns>
    private static async Task<long> StalledAsync(ServerProcess server, int count)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(Patience);
        long last = -1;
        while (true)
        {
            JsonElement[] running = await RunningAsync(server);
            long rows = running.Sum(query => query.GetProperty("rows").GetInt64());
            if (running.Length == count && running.All(query => query.GetProperty("rows").GetInt64() > 0) && rows == last)
                return rows;
            last = rows;
            await Task.Delay(TimeSpan.FromSeconds(1), deadline.Token);
        }
    }

    private static async Task<JsonElement[]> RunningAsync(ServerProcess server)
    {
        JsonElement list = await server.Admin.Http.GetFromJsonAsync<JsonElement>("/queries", Cancelled);
        return [.. list.GetProperty("queries").EnumerateArray().Where(query => query.GetProperty("state").GetString() == "running")];
    }

    private static async Task<long> PoolAsync(ServerProcess server)
    {
        JsonElement memory = await server.Admin.GetAsync("/memory", Cancelled);
        return memory.GetProperty("pools").EnumerateArray()
            .Single(pool => pool.GetProperty("name").GetString() == "query-engine").GetProperty("usage_bytes").GetInt64();
    }
}
