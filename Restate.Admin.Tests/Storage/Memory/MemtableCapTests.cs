using Microsoft.Extensions.Logging.Abstractions;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

/// <summary>Real databases under writers that never pause: what the write buffer manager alone lets grow to a multiple.</summary>
public sealed class MemtableCapTests : IDisposable
{
    private const int Partitions = 24;
    private const int BatchesPerWriter = 450;

    private readonly string _directory = Directory.CreateTempSubdirectory("restate-cap-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Saturating_writers_never_see_usage_above_the_capacity()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        MemoryPlan plan = MemoryPlan.Compute(new MemoryPlanInputs(
            new RestateConfiguration { NodeName = "n1", RocksDbTotalMemorySize = ByteSize.FromMiB(256) },
            new ProcessMemoryLimit(1L << 50, "machine"),
            Partitions,
            OtherPoolsBytes: 0));
        using var rocks = new RocksDbManager(plan.TotalBytes, plan.MemtablesBytes, maxOpenFiles: 64);
        using var gate = new WriteAdmission(rocks, TimeProvider.System, NullLogger<WriteAdmission>.Instance);
        List<RocksDatabase> stores = [.. Enumerable.Range(0, Partitions).Select(id => rocks.Open(new DatabaseSpec(
            $"partition-{id}",
            Path.Combine(_directory, $"partition-{id}"),
            DatabaseProfile.PartitionStore,
            MemoryComponent.PartitionStore,
            new PartitionId((ushort)id),

            // Buffers of a database that opened when it was alone: the gate must hold whatever they are.
            new WriteBufferSettings(32 << 20, 1 << 20, 4, 2))))];
        RocksDatabase log = rocks.Open(new DatabaseSpec(
            "log-server", Path.Combine(_directory, "log"), DatabaseProfile.LogStore, MemoryComponent.LogServer, null, plan.SettingsFor(MemoryComponent.LogServer)));
        try
        {
            long highest = 0;
            await Task.WhenAll(
                Task.Run(() => WriteAsync(stores[..8], 1), cancel),
                Task.Run(() => WriteAsync(stores[8..16], 2), cancel),
                Task.Run(() => WriteAsync(stores[16..], 3), cancel),
                Task.Run(() => WriteAsync([log], 4), cancel));

            Assert.InRange(highest, plan.MemtablesBytes / 2, plan.MemtablesBytes);
            Assert.Equal(0, gate.ReservedBytes);

            async Task WriteAsync(List<RocksDatabase> databases, int seed)
            {
                var random = new Random(seed);
                using var batch = new RocksBatch();
                var key = new byte[24];
                var values = new byte[1 << 20];
                random.NextBytes(values);
                for (int i = 0; i < BatchesPerWriter; i++)
                {
                    RocksDatabase database = databases[random.Next(databases.Count)];
                    AdmissionPriority priority = database == log ? AdmissionPriority.Append : AdmissionPriority.Processor;
                    batch.Clear();
                    for (int entry = 0; entry < 200; entry++)
                    {
                        random.NextBytes(key);
                        batch.Put(key, values.AsSpan(random.Next(values.Length / 2), random.Next(20, 4096)));
                    }

                    using (await gate.ReserveAsync(batch.EstimatedMemtableBytes, priority, deadline: null, cancel))
                        database.Write(batch, WriteDurability.Memtable);
                    Max(ref highest, rocks.WriteBufferManagerUsage);
                }
            }
        }
        finally
        {
            log.Dispose();
            foreach (RocksDatabase store in stores)
                store.Dispose();
        }
    }

    private static void Max(ref long highest, long value)
    {
        long seen = Volatile.Read(ref highest);
        while (value > seen)
            seen = Interlocked.CompareExchange(ref highest, value, seen) is var now && now == seen ? value : now;
    }
}
