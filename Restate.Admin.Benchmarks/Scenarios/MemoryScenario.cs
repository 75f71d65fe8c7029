using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>
/// Lowers the budget of a server under saturating posts from 2 GiB to 256 MiB and raises it again, then closes and opens half
/// of its partitions: the figures must follow within the ticks promised, memory must come back, and no post be lost.
/// </summary>
internal sealed class MemoryScenario(MemoryOptions options, TextWriter output)
{
    private const string TotalKey = "rocksdb-total-memory-size";
    private const long HighCapacity = 1825361152;
    private const long LowCapacity = 228170144;
    private const int Objects = 96;
    private const int Keys = 500;
    private const int ValueBytes = 200;

    // Full before the budget is lowered: a cache that still grows afterwards would hide in RSS what RocksDB gave back.
    private const string RecordCache = "bifrost.record-cache-memory-size=32 MiB";

    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LoadPatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private TimeSpan Tick => TimeSpan.FromSeconds(options.IntervalSeconds);

    // A tick that has begun takes a moment, and so does the sample that sees it.
    private TimeSpan TwoTicks => (2 * Tick) + TimeSpan.FromSeconds(1);

    /// <exception cref="ScenarioException">A figure did not follow, memory did not come back, or a post was lost.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        await using ServerProcess server = await ServerProcess.StartOursAsync(
            folder.Path,
            cancellationToken,
            "--default-num-partitions",
            options.Partitions.ToString(CultureInfo.InvariantCulture),
            "--set",
            $"worker.storage.rocksdb-rebalance-interval={options.IntervalSeconds}s",
            "--set",
            RecordCache);
        await server.Admin.RegisterAsync(service.Uri, cancellationToken);

        var writers = new GenerationWriters(Objects, Keys, ValueBytes);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = writers.RunAsync(server.Admin, stop.Token);
        MemorySample before = await FillAsync(server, cancellationToken);
        ScenarioException.Require(before.Capacity == HighCapacity, $"capacity is {before.Capacity}, expected {HighCapacity}");

        await LowerAsync(server, before, cancellationToken);
        await PatchAsync(server, "2 GiB", HighCapacity, cancellationToken);
        if (options.MovePartitions)
            await MoveHalfAsync(server, cancellationToken);

        ScenarioException.Require(!writing.IsCompleted, "the writers ended before they were told to");
        await stop.CancelAsync();
        await writing;
        await writers.VerifyAsync(server.Sql, cancellationToken);
        int code = await server.StopAsync(cancellationToken);
        ScenarioException.Require(code == 0, $"SIGTERM: exit code {code}, expected 0\n{server.Output}");
        await output.WriteLineAsync($"memory: {writers.Acknowledged} posts acknowledged meanwhile, none lost");
    }

    private async Task<MemorySample> FillAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        long wanted = options.LoadMebibytes * 1048576L;
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            MemorySample sample = await MemorySample.TakeAsync(server, cancellationToken);
            if (sample.Usage >= wanted)
                return sample;
            ScenarioException.Require(
                Stopwatch.GetElapsedTime(started) < LoadPatience,
                $"write buffers hold {sample.Usage} bytes after {LoadPatience.TotalMinutes} minutes of posts, expected {wanted}");
            await Task.Delay(SampleEvery, cancellationToken);
        }
    }

    private async Task LowerAsync(ServerProcess server, MemorySample before, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        await PatchAsync(server, "256 MiB", LowCapacity, cancellationToken);
        await UntilAsync(started + Ticks(TwoTicks), cancellationToken);

        long highest = 0;
        long lowestResident = long.MaxValue;
        long end = Stopwatch.GetTimestamp() + Ticks(4 * Tick);
        while (Stopwatch.GetTimestamp() < end)
        {
            MemorySample sample = await MemorySample.TakeAsync(server, cancellationToken);
            highest = Math.Max(highest, sample.Usage);
            lowestResident = Math.Min(lowestResident, sample.Resident);
            ScenarioException.Require(
                sample.Usage <= LowCapacity, $"write buffers hold {sample.Usage} bytes after the second tick, capacity {LowCapacity}");
            await Task.Delay(SampleEvery, cancellationToken);
        }

        // Posts go on meanwhile, so not every byte can come back; half of what was above the new capacity must.
        long mostResident = before.Resident - ((before.Usage - LowCapacity) / 2);
        ScenarioException.Require(
            lowestResident <= mostResident, $"RSS {before.Resident} -> {lowestResident} bytes, expected at most {mostResident}");
        await output.WriteLineAsync(
            $"memory: lowered to 256 MiB, write buffers {ProcessMemory.Mebibytes(before.Usage)} -> at most {ProcessMemory.Mebibytes(highest)}, "
            + $"RSS {ProcessMemory.Mebibytes(before.Resident)} -> {ProcessMemory.Mebibytes(lowestResident)}");
    }

    private async Task PatchAsync(ServerProcess server, string total, long capacity, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        JsonElement answer = await server.Admin.PatchMemoryAsync(new Dictionary<string, string> { [TotalKey] = total }, cancellationToken);
        long generation = answer.GetProperty("generation").GetInt64();
        MemorySample sample = await UntilAsync(
            server,
            TwoTicks,
            seen => seen.AppliedGeneration >= generation && seen.Capacity == capacity,
            $"generation {generation} applied, capacity {capacity}",
            cancellationToken);
        RequireShare(sample, options.Partitions);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"memory: {total} applied after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s (tick {options.IntervalSeconds} s), share {sample.PartitionBudget} bytes"));
    }

    private async Task MoveHalfAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        int half = options.Partitions / 2;
        for (int partition = 0; partition < half; partition++)
            await server.Admin.MovePartitionAsync(partition, open: false, cancellationToken);
        MemorySample doubled = await UntilAsync(
            server, Grace + TwoTicks, seen => seen.OpenPartitions == half, $"{half} partitions counted", cancellationToken);
        RequireShare(doubled, half);

        for (int partition = 0; partition < half; partition++)
            await server.Admin.MovePartitionAsync(partition, open: true, cancellationToken);
        MemorySample halved = await UntilAsync(
            server, TwoTicks, seen => seen.OpenPartitions == options.Partitions, $"{options.Partitions} partitions counted", cancellationToken);
        RequireShare(halved, options.Partitions);
        await output.WriteLineAsync(
            $"memory: {half} of {options.Partitions} partitions closed, share {doubled.PartitionBudget} bytes; opened again, {halved.PartitionBudget} bytes");
    }

    private static void RequireShare(MemorySample sample, int partitions)
    {
        ScenarioException.Require(
            sample.OpenPartitions == partitions, $"{sample.OpenPartitions} partitions are counted, expected {partitions}");
        ScenarioException.Require(
            sample.PartitionBudget == sample.StoreBudget / partitions,
            $"the share is {sample.PartitionBudget} bytes, expected {sample.StoreBudget} / {partitions}");
    }

    private static async Task<MemorySample> UntilAsync(
        ServerProcess server,
        TimeSpan patience,
        Func<MemorySample, bool> condition,
        string expected,
        CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            MemorySample sample = await MemorySample.TakeAsync(server, cancellationToken);
            if (condition(sample))
                return sample;
            ScenarioException.Require(
                Stopwatch.GetElapsedTime(started) < patience, $"after {patience.TotalSeconds} s: {sample}, expected {expected}");
            await Task.Delay(SampleEvery, cancellationToken);
        }
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private static async Task UntilAsync(long timestamp, CancellationToken cancellationToken)
    {
        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), timestamp);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, cancellationToken);
    }
}
