using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Tests.Storage.Partitions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Logs;
using Restate.Storage.Memory;
using Restate.Storage.Metadata;
using Restate.Storage.Partitions;
using Restate.Storage.Processing;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Processing;

/// <summary>Partitions over real stores, logs and metadata in one directory; the clock stands still unless a test moves it.</summary>
internal sealed class PartitionsUnderTest : IAsyncDisposable
{
    public const string Service = "Counter";

    private readonly RocksMetadataStore _metadata;
    private readonly LogStore _logs;
    private readonly WriteAdmission _admission;
    private readonly RocksDbManager _rocks = new(256 << 20, 200 << 20, maxOpenFiles: 64);

    public PartitionsUnderTest(string directory, int count = 2, Func<ILogletProvider, ILogletProvider>? wrapLogs = null)
    {
        Directory = directory;
        _admission = new WriteAdmission(_rocks, Time, NullLogger<WriteAdmission>.Instance);
        Census = new PartitionCensus(Time);
        _metadata = new RocksMetadataStore(Open("metadata", DatabaseProfile.Metadata));
        _logs = new LogStore("replicated", Open("logs", DatabaseProfile.LogStore), NullLogger.Instance);
        ILogletProvider provider = wrapLogs is null ? _logs : wrapLogs(_logs);
        Bifrost = new Bifrost(Enumerable.Range(0, count).ToDictionary(log => new LogId((uint)log), _ => provider), recordCacheBytes: 1 << 20);
        var context = new PartitionContext(OpenStore, _metadata, _admission, Census, Time, NullLogger.Instance);
        Partitions = new PartitionManager(count, Bifrost, context);
    }

    public string Directory { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    public PartitionCensus Census { get; }

    public Bifrost Bifrost { get; }

    public PartitionManager Partitions { get; }

    public IMetadataStore Metadata => _metadata;

    /// <summary>Open databases of partitions.</summary>
    public int OpenStores => _rocks.Databases.Count(database => database.Partition is not null);

    /// <summary>Called before a store opens; an exception from here is what opening throws.</summary>
    public Action<PartitionId> BeforeOpen { get; set; } = static _ => { };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<PartitionsUnderTest> StartAsync(string directory, int count = 2)
    {
        var partitions = new PartitionsUnderTest(directory, count);
        try
        {
            await partitions.Partitions.StartAsync();
            await partitions.AllAsync(PartitionState.Open);
            return partitions;
        }
        catch
        {
            await partitions.DisposeAsync();
            throw;
        }
    }

    /// <summary>A directory for one test; <see cref="RemoveDirectory"/> at its end.</summary>
    public static string NewDirectory() => System.IO.Directory.CreateTempSubdirectory("restate-partitions-").FullName;

    public static void RemoveDirectory(string directory) => System.IO.Directory.Delete(directory, recursive: true);

    public async ValueTask DisposeAsync()
    {
        await Partitions.StopAsync();
        Bifrost.Dispose();
        _logs.Dispose();
        _metadata.Dispose();
        _admission.Dispose();
        _rocks.Dispose();
    }

    public Task AllAsync(PartitionState state) =>
        Eventually.HoldsAsync(() => Partitions.Status().All(partition => partition.State == state), $"all partitions are {state}");

    /// <summary>Replaces the state of an object with "k=v" pairs.</summary>
    public async Task PutAsync(string key, string[] pairs, string scope = "", byte[]? version = null)
    {
        using var writer = new StateWriter();
        foreach (string[] pair in pairs.Select(pair => pair.Split('=')))
        {
            writer.BeginEntry(TestMutations.Bytes(pair[0]));
            writer.AppendValue(TestMutations.Bytes(pair[1]));
        }

        await writer.AppendAsync(Partitions, scope, Service, TestMutations.Bytes(key), version ?? [], Time, Cancel);
    }

    /// <summary>An object key that the partition owns; another one for every number.</summary>
    public string KeyIn(int partition, int number = 0)
    {
        for (int i = 0, found = 0; ; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"key-{i}");
            if (Partitions.Find(PartitionKey.Of(key)).Value == partition && found++ == number)
                return key;
        }
    }

    /// <summary>Waits until everything in the logs of open partitions is applied.</summary>
    public Task AppliedAsync() => Eventually.HoldsAsync(
        () => Partitions.Status().All(partition => partition.State != PartitionState.Open || partition.AppliedLsn == partition.TailLsn), "all is applied");

    /// <summary>All rows of all partitions, everything in the logs applied.</summary>
    public async Task<List<string>> RowsAsync()
    {
        await AppliedAsync();
        var rows = new List<string>();
        for (ushort id = 0; id < Partitions.PartitionCount; id++)
        {
            using PartitionScanLease lease = await Partitions.AcquireScanAsync(new PartitionId(id), Cancel);
            rows.AddRange(TestMutations.Rows(lease, StateScanRange.All));
        }

        return rows;
    }

    /// <summary>What a kill at this moment would leave, in another directory.</summary>
    public string CopyAsKilled()
    {
        string copy = Directory + "-killed";
        TestDatabases.CopyTree(Directory, copy);
        return copy;
    }

    public PartitionStatus Status(ushort partition) => Partitions.Status(partition)!;

    private RocksDatabase Open(string name, DatabaseProfile profile, PartitionId? partition = null) => _rocks.Open(new DatabaseSpec(
        name,
        Path.Combine(Directory, name),
        profile,
        profile switch
        {
            DatabaseProfile.PartitionStore => MemoryComponent.PartitionStore,
            DatabaseProfile.LogStore => MemoryComponent.LogServer,
            _ => MemoryComponent.MetadataServer,
        },
        partition,
        TestDatabases.Settings));

    private PartitionStore OpenStore(PartitionId id)
    {
        BeforeOpen(id);
        return new PartitionStore(id, Open($"partition-{id}", DatabaseProfile.PartitionStore, id));
    }
}
