using System.Globalization;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Soak;

/// <summary>What our server says of its memory (<c>GET /memory</c>), in bytes.</summary>
internal sealed record ServerMemory(
    long Resident, long Untracked, long UntrackedBound, long GcHeap, long AllocatorHeap, long AllocatorFree, long AllocatorMapped, string GuardStep,
    IReadOnlyDictionary<string, (long Usage, long Capacity)> Pools)
{
    /// <exception cref="ScenarioException">The answer was not a success.</exception>
    public static async Task<ServerMemory> ReadAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        JsonElement memory = await server.Admin.GetAsync("/memory", cancellationToken);
        JsonElement process = memory.GetProperty("process");
        return new ServerMemory(
            Bytes("rss_bytes"),
            Bytes("untracked_bytes"),
            Bytes("untracked_bound_bytes"),
            Bytes("gc_heap_bytes"),
            Bytes("allocator_heap_bytes"),
            Bytes("allocator_free_bytes"),
            Bytes("allocator_mapped_bytes"),
            memory.GetProperty("guard").GetProperty("step").GetString()!,
            memory.GetProperty("pools").EnumerateArray().ToDictionary(
                pool => pool.GetProperty("name").GetString()!,
                pool => (pool.GetProperty("usage_bytes").GetInt64(), pool.GetProperty("capacity_bytes").GetInt64())));

        // Null where the C library does not tell.
        long Bytes(string name) => process.GetProperty(name) is { ValueKind: JsonValueKind.Number } bytes ? bytes.GetInt64() : 0;
    }

    /// <summary>What untracked memory consists of, in words and MiB: the figures add up to it.</summary>
    /// <param name="map">The kernel's view of the same moment.</param>
    public string Explain(MemoryMap map)
    {
        long used = AllocatorHeap - AllocatorFree;
        long freeResident = Math.Max(0, map.AllocatorHeaps - used);
        long native = Usage("rocksdb") + Usage("rocksdb-overhead") + Usage("bifrost-record-cache");
        long beyondPools = used + AllocatorMapped - native;
        long rest = Untracked - freeResident - beyondPools - map.Stacks - map.Libraries;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"free and resident in allocator heaps {Mib(freeResident)}, allocated beyond pools {Mib(beyondPools)}, stacks {Mib(map.Stacks)}, library data {Mib(map.Libraries)}, runtime's code and types and DuckDB beyond its figure {Mib(rest)}");
    }

    /// <summary>Everything on one line.</summary>
    public override string ToString() =>
        $"untracked={Mib(Untracked)}/{Mib(UntrackedBound)} guard={GuardStep} allocator={Mib(AllocatorHeap)} free={Mib(AllocatorFree)} mapped={Mib(AllocatorMapped)} "
        + string.Join(' ', Pools.Select(pool => $"{pool.Key}={Mib(pool.Value.Usage)}/{Mib(pool.Value.Capacity)}"));

    private long Usage(string pool) => Pools.TryGetValue(pool, out (long Usage, long Capacity) found) ? found.Usage : 0;

    private static string Mib(long bytes) => (bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture);
}
