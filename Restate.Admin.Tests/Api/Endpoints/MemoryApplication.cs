using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Api.Endpoints;
using Restate.Admin.Api.Query;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Storage.Memory;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Configuration;
using Restate.Storage.Logs;
using Restate.Storage.Memory;
using Restate.Storage.Types;

namespace Restate.Admin.Tests.Api.Endpoints;

/// <summary>The memory and node port routes over figures that a test writes down, with real configuration and controller.</summary>
internal sealed class MemoryApplication : IPartitionMemorySource, IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly WriteAdmission _admission;
    private readonly TemporaryFolder _folder;
    private readonly RecordCache _cache;
    private readonly QueryEngine _queries;
    private readonly TestDatabases _databases = new();

    private MemoryApplication()
    {
        _folder = new TemporaryFolder();
        Configuration = new ConfigurationStore(
            new RestateConfiguration
            {
                NodeName = "n1",
                BaseDir = _folder.Path,

                // Ticks come when a test asks for them.
                WorkerStorage = new WorkerStorageOptions { RebalanceInterval = TimeSpan.FromHours(1) },
            },
            () => 8L << 30);
        var limit = new ProcessMemoryLimit(8L << 30, "cgroup v2 /sys/fs/cgroup");
        Census = new PartitionCensus(TimeProvider.System);
        Ledger = new MemoryLedger(() => Configuration.Current);
        Controller = new MemoryController(
            Memory, Census, () => Configuration.Current, () => limit, Ledger.OtherPoolsBytes, TimeProvider.System, NullLogger<MemoryController>.Instance);
        History = MemoryHistory.Open(_folder.Path, NullLogger<MemoryHistory>.Instance);
        _cache = new RecordCache(Configuration.Current.Value.Bifrost.RecordCacheMemorySize.ToInt64());
        RecordCache = new RecordCacheMemory(_cache);
        RecordCache.Apply(Configuration.Current);
        Configuration.Changed += RecordCache.Apply;
        _queries = new QueryEngine(Configuration, [], new QueryLog(TimeProvider.System), TimeProvider.System, NullLogger<QueryEngine>.Instance);
        _admission = new WriteAdmission(Memory, TimeProvider.System, NullLogger<WriteAdmission>.Instance);

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(Configuration).AddSingleton(Controller).AddSingleton(Ledger).AddSingleton(Census).AddSingleton(History)
            .AddSingleton(new MemoryGuard(
                Memory, Controller, _admission, () => limit, () => Resident, () => Ledger.UsageBytes(), TimeProvider.System, NullLogger<MemoryGuard>.Instance))
            .AddSingleton(new RocksDbMetricsText(_databases.Metrics, Configuration.Current.Value))
            .AddSingleton(RecordCache).AddSingleton(_queries).AddSingleton(_admission).AddSingleton<ISharedMemory>(Memory).AddSingleton<IPartitionMemorySource>(this)
            .AddSingleton(TimeProvider.System).AddSingleton(MetricsEndpoint.CreateRegistry(Configuration.Current.Value))
            .AddSingleton<MemoryMetrics>().AddSingleton(new NodeHealthSource(TimeProvider.System.GetTimestamp(), () => LogFailure));
        _application = builder.Build();
        _application.MapMemory();
        _application.MapNodePort();
    }

    public ScriptedMemory Memory { get; } = new();

    public ConfigurationStore Configuration { get; }

    public PartitionCensus Census { get; }

    public MemoryLedger Ledger { get; }

    public MemoryController Controller { get; }

    public MemoryHistory History { get; }

    public RecordCacheMemory RecordCache { get; }

    public List<PartitionMemoryInfo> Partitions { get; } = [];

    public string? LogFailure { get; set; }

    public ResidentMemory Resident { get; set; }

    public HttpClient Client { get; } = new();

    public static async Task<MemoryApplication> StartAsync(CancellationToken cancellationToken)
    {
        var application = new MemoryApplication();
        await application._application.StartAsync(cancellationToken);
        application.Client.BaseAddress = new Uri(application._application.Urls.Single());
        await application.Controller.StartAsync(cancellationToken);
        await application.Controller.WaitForGenerationAsync(1, Timeout.InfiniteTimeSpan, cancellationToken);
        return application;
    }

    public IReadOnlyList<PartitionMemoryInfo> Read() => Partitions;

    public ScriptedTarget Open(int partition, ulong applied, ulong durable)
    {
        ScriptedTarget target = Memory.AddPartition(partition);
        target.AppliedSettings = Controller.SettingsFor(MemoryComponent.PartitionStore);
        Census.Opened(target.Partition!.Value);
        Partitions.Add(new PartitionMemoryInfo(target.Partition.Value, "open", new Lsn(applied), new Lsn(durable)));
        return target;
    }

    public Task<HttpResponseMessage> PatchAsync(string body, string query = "", string? ifMatch = null, string? type = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, "/memory/rocksdb" + query)
        {
            Content = new StringContent(body, Encoding.UTF8) { Headers = { ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type) } },
        };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return Client.SendAsync(request);
    }

    public async Task<JsonElement> GetAsync(string path) => await JsonAsync(await Client.GetAsync(path));

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync();
        await Controller.StopAsync(CancellationToken.None);
        Controller.Dispose();
        _admission.Dispose();
        await _application.DisposeAsync();
        History.Dispose();
        await _queries.DisposeAsync();
        _cache.Dispose();
        _folder.Dispose();
        _databases.Dispose();
    }
}
