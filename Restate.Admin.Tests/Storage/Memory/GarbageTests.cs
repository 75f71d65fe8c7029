using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

/// <summary>Garbage that the runtime would let lie, far from any limit.</summary>
[Collection(ProcessWideCounters.Name)]
public sealed class GarbageTests
{
    /// <summary>More than a heap that many tests have used has free.</summary>
    private const int Bytes = 256 << 20;

    [Fact]
    public async Task Growth_of_the_managed_heap_is_collected_once_and_not_again_while_it_is_in_use()
    {
        ProcessWideCounters.Collect();
        var time = new FakeTimeProvider();
        var memory = new ScriptedMemory();
        var limit = new ProcessMemoryLimit(8L << 30, "machine");
        var configuration = new ConfigurationStore(
            new RestateConfiguration { NodeName = "n1", RocksDbTotalMemorySize = ByteSize.FromMiB(512) }, () => limit.Bytes);
        using var admission = new WriteAdmission(memory, TimeProvider.System, NullLogger<WriteAdmission>.Instance);
        using var controller = new MemoryController(
            memory, new PartitionCensus(time), () => configuration.Current, () => limit, () => 0, time, NullLogger<MemoryController>.Instance);
        using var guard = new MemoryGuard(
            memory, controller, admission, () => limit, () => new ResidentMemory(0, 0), () => 0, time, NullLogger<MemoryGuard>.Instance);

        Look(guard, time);
        WeakReference garbage = Old(Bytes);
        long full = GcHeap.UsedBytes;
        Look(guard, time);
        Assert.False(garbage.IsAlive);
        Assert.InRange(GcHeap.UsedBytes, 0, full - (Bytes / 2));

        // The same again, but in use: one look at it, and no more after that.
        byte[][] held = Blocks(Bytes);
        Look(guard, time);
        int before = GC.CollectionCount(GC.MaxGeneration);
        for (int i = 0; i < 5; i++)
            Look(guard, time);
        Assert.Equal(before, GC.CollectionCount(GC.MaxGeneration));
        GC.KeepAlive(held);
        await controller.StopAsync(CancellationToken.None);
    }

    private static void Look(MemoryGuard guard, FakeTimeProvider time)
    {
        // The pools are read at every tenth look.
        for (int i = 0; i < 10; i++)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            guard.Look();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Old(int bytes) => new(Blocks(bytes));

    private static byte[][] Blocks(int bytes) => [.. Enumerable.Range(0, bytes >> 20).Select(_ => new byte[1 << 20])];
}
