using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Restate.Admin.Tests.Storage.Memory;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

public sealed partial class MemoryMetricsTests : IAsyncLifetime
{
    private MemoryApplication _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _node = await MemoryApplication.StartAsync(Cancel);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task All_documented_names_are_there_with_the_peers_labels()
    {
        _node.Open(7, 1, 1).Memtable = new MemtableSample(1, 3, 4, FlushPending: true);
        _node.Open(8, 1, 1).Memtable = new MemtableSample(10, 30, 40, FlushPending: false);
        _node.Memory.Add("log-server", MemoryComponent.LogServer).Holds(500);
        _node.Memory.Add("metadata-server", MemoryComponent.MetadataServer).Holds(600);
        _node.Memory.WriteBufferManagerUsage = 1000;
        _node.Memory.BlockCacheUsage = 2000;
        _node.Ledger.Add(new MemoryPool("rocksdb", null, () => 77, () => 66));
        Dictionary<string, double> series = await ScrapeAsync();
        var expected = new Dictionary<string, double>
        {
            ["restate_rocksdb_memory_write_buffer_manager_capacity_bytes{}"] = 1825361152,
            ["restate_rocksdb_memory_write_buffer_manager_usage_bytes{}"] = 1000,
            ["restate_rocksdb_memory_approx_memtable_bytes{db=db}"] = 44,
            ["restate_rocksdb_memory_approx_memtable_bytes{db=log-server}"] = 500,
            ["restate_rocksdb_memory_approx_memtable_bytes{db=replicated-metadata-server}"] = 600,
            ["restate_rocksdb_memory_approx_memtable_unflushed_bytes{db=db}"] = 33,
            ["restate_rocksdb_block_cache_capacity_bytes{}"] = 2147483648,
            ["restate_rocksdb_block_cache_usage_bytes{}"] = 2000,
            ["restate_rocksdb_cur_size_active_mem_table_bytes{cf=data-7,db=db}"] = 1,
            ["restate_rocksdb_cur_size_all_mem_tables_bytes{cf=data-7,db=db}"] = 3,
            ["restate_rocksdb_size_all_mem_tables_bytes{cf=data-8,db=db}"] = 40,
            ["restate_rocksdb_cur_size_active_mem_table_bytes{cf=data,db=log-server}"] = 500,
            ["restate_rocksdb_mem_table_flush_pending{cf=data-7,db=db}"] = 1,
            ["restate_rocksdb_mem_table_flush_pending_count{cf=data-7,db=db}"] = 1,
            ["restate_rocksdb_mem_table_flush_pending_count{cf=data-8,db=db}"] = 0,
            ["restate_memory_pool_capacity_bytes{name=rocksdb}"] = 77,
            ["restate_memory_pool_usage_bytes{name=rocksdb}"] = 66,
            ["restate_partition_store_num_open{}"] = 2,
            ["restate_partition_store_reclaim_flush_total{}"] = 0,
            ["restate_memory_controller_ticks_total{}"] = 1,
            ["restate_memory_admission_rejections_total{}"] = 0,
        };
        Assert.Equal(expected, series.Where(pair => expected.ContainsKey(pair.Key)).ToDictionary());
    }

    [Fact]
    public async Task The_page_is_well_formed()
    {
        _node.Open(0, 1, 1);
        HttpResponseMessage response = await _node.Client.GetAsync("/metrics", Cancel);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        string[] lines = (await response.Content.ReadAsStringAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] types = [.. lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];
        string[] helps = [.. lines.Where(line => line.StartsWith("# HELP ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];
        Assert.Equal(types.Distinct(), types);
        Assert.Equal(types, helps);
        string[] samples = [.. lines.Where(line => line[0] != '#')];
        Assert.Equal(samples.Select(line => line[..line.LastIndexOf(' ')]).Distinct().Count(), samples.Length);
        Assert.All(samples, line =>
        {
            Assert.Matches(Sample(), line);
            Assert.Contains("cluster_name=\"localcluster\"", line, StringComparison.Ordinal);
            Assert.Contains("node_name=\"n1\"", line, StringComparison.Ordinal);
            Assert.Contains(line.Split('{')[0], types);
        });
    }

    [Fact]
    public async Task Series_vanish_with_their_partition()
    {
        ScriptedTarget store = _node.Open(7, 1, 1);
        Assert.Contains("restate_rocksdb_cur_size_active_mem_table_bytes{cf=data-7,db=db}", (await ScrapeAsync()).Keys);
        _node.Memory.Remove(store);
        Assert.DoesNotContain((await ScrapeAsync()).Keys, key => key.Contains("data-7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_tells_names_roles_and_states()
    {
        _node.Partitions.Add(new PartitionMemoryInfo(new PartitionId(0), "opening", null, null));
        JsonElement health = await _node.GetAsync("/health");
        Assert.Equal(
            ("Alive", "n1", "localcluster", "Ready", "StartingUp", "Ready", "Member"),
            (Text("status"), Text("node_name"), Text("cluster_name"), Text("admin_status"), Text("worker_status"), Text("log_server_status"), Text("metadata_server_status")));
        Assert.Contains("log-server", health.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.NotEmpty(Text("age")!);

        string? Text(string name) => health.GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_node_whose_log_failed_is_not_healthy()
    {
        _node.LogFailure = "the disk is full";
        HttpResponseMessage response = await _node.Client.GetAsync("/health", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("the disk is full", (await MemoryApplication.JsonAsync(response)).GetProperty("failure").GetString());
    }

    /// <summary>Value by name and own labels in order, without those that every series has.</summary>
    private async Task<Dictionary<string, double>> ScrapeAsync()
    {
        string page = await _node.Client.GetStringAsync("/metrics", Cancel);
        return Sample().Matches(page).ToDictionary(
            match => match.Groups["name"].Value + "{" + string.Join(',', Label().Matches(match.Groups["labels"].Value)
                .Where(label => label.Groups[1].Value is not ("cluster_name" or "node_name"))
                .Select(label => $"{label.Groups[1].Value}={label.Groups[2].Value}").Order(StringComparer.Ordinal)) + "}",
            match => double.Parse(match.Groups["value"].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^(?<name>[a-z_]+)\{(?<labels>[^}]*)\} (?<value>-?[0-9.]+)$", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"([a-z_]+)=""([^""]*)""")]
    private static partial Regex Label();
}
