using System.Diagnostics;
using System.Globalization;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>
/// The write path at a small budget: the same state written over and over, and what becomes of throughput, files, levels, write
/// amplification, stalls, memtable memory and disk, for partition stores and for the log.
/// </summary>
internal sealed class WritePathScenario(WritePathOptions options, TextWriter output)
{
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SettlePatience = TimeSpan.FromMinutes(2);

    /// <exception cref="ScenarioException">A post was refused, or the node did not come to rest.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        string node = Path.Combine(folder.Path, "n1");
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        List<string> arguments =
        [
            "--default-num-partitions", options.Partitions.ToString(CultureInfo.InvariantCulture),
            "--set", $"rocksdb-total-memory-size={options.Total.Bytes}",
        ];
        if (options.Ratio is { } ratio)
            arguments.AddRange(["--set", $"rocksdb-total-memtables-ratio={ratio}"]);
        await using ServerProcess server = await ServerProcess.StartOursAsync(folder.Path, cancellationToken, [.. arguments]);
        await server.Admin.RegisterAsync(service.Uri, cancellationToken);
        await server.ServesPartitionsAsync(cancellationToken);

        var load = new WritePathLoad((long)options.Data.Bytes, options.PostBytes);
        var peaks = new Peaks();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task sampling = SampleAsync(server, node, peaks, stop.Token);
        await output.WriteLineAsync(
            $"writepath: total {options.Total}, ratio {options.Ratio ?? "default"}, {options.Partitions} partitions, "
            + $"{load.Posts} posts of {options.PostBytes} bytes a round, live data {MiB(load.StateBytes)} MiB");
        await output.WriteLineAsync(
            "| round | posts/s | MB/s | refused | files a partition min/median/max | file KiB min/median/max | files | partitions MiB | ÷ live | log files | log MiB | WAL MiB |\n"
            + "|---|---:|---:|---:|---|---|---:|---:|---:|---:|---:|---:|");
        for (int round = 1; round <= options.Rounds; round++)
        {
            long started = Stopwatch.GetTimestamp();
            int refused = await load.WriteAsync(server.Admin, round, cancellationToken);
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            await WriteRowAsync(round.ToString(CultureInfo.InvariantCulture), load, took, refused, WritePathDisk.Read(node));
        }

        WritePathDisk settled = await SettleAsync(server, node, cancellationToken);
        await stop.CancelAsync();
        await sampling;
        await WriteRowAsync("settled", load, took: null, refused: 0, settled);
        await WriteSummaryAsync(await MetricsAsync(server, cancellationToken), peaks);
        int code = await server.StopAsync(cancellationToken);
        ScenarioException.Require(code == 0, $"SIGTERM: exit code {code}, expected 0\n{server.Output}");
    }

    private static async Task<WritePathMetrics> MetricsAsync(ServerProcess server, CancellationToken cancellationToken) =>
        new(await server.Admin.Http.GetStringAsync(new Uri(server.Admin.NodeUri, "/metrics"), cancellationToken));

    private static async Task SampleAsync(ServerProcess server, string node, Peaks peaks, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                peaks.Add(await MetricsAsync(server, stop), WritePathDisk.Read(node));
                await Task.Delay(SampleEvery, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>Flushes every partition, so that the logs are trimmed, and waits until files stay as they are.</summary>
    private async Task<WritePathDisk> SettleAsync(ServerProcess server, string node, CancellationToken cancellationToken)
    {
        for (int partition = 0; partition < options.Partitions; partition++)
            await server.Admin.PostAsync($"/partitions/{partition}/flush", cancellationToken);
        long started = Stopwatch.GetTimestamp();
        (long, long, int) before = default;
        int unchanged = 0;
        while (unchanged < 6)
        {
            ScenarioException.Require(Stopwatch.GetElapsedTime(started) < SettlePatience, "the files did not come to rest");
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            WritePathDisk disk = WritePathDisk.Read(node);
            (long, long, int) now = (disk.PartitionBytes, disk.LogBytes, disk.LogFiles.Length);
            unchanged = now == before ? unchanged + 1 : 0;
            before = now;
        }

        return WritePathDisk.Read(node);
    }

    private async Task WriteRowAsync(string round, WritePathLoad load, TimeSpan? took, int refused, WritePathDisk disk)
    {
        long[] counts = [.. disk.PartitionFiles.Select(files => (long)files.Length)];
        long[] sizes = [.. disk.PartitionFiles.SelectMany(files => files).Select(size => size >> 10)];
        string rate = took is { } time
            ? string.Create(CultureInfo.InvariantCulture, $"{load.Posts / time.TotalSeconds:F0} | {load.StateBytes / 1e6 / time.TotalSeconds:F1}")
            : "– | –";
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"| {round} | {rate} | {refused} | {Spread(counts)} | {Spread(sizes)} | {sizes.Length} | {MiB(disk.PartitionBytes)} | {(double)disk.PartitionBytes / load.StateBytes:F2} | {disk.LogFiles.Length} | {MiB(disk.LogBytes)} | {MiB(disk.WalBytes)} |"));
    }

    private async Task WriteSummaryAsync(WritePathMetrics metrics, Peaks peaks)
    {
        foreach (string database in new[] { "db", "log-server" })
        {
            long flushed = metrics.Sum("restate_rocksdb_flush_write_bytes_total", database);
            long compacted = metrics.Sum("restate_rocksdb_compact_write_bytes_total", database);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{database}: flushed {MiB(flushed)} MiB, compacted {MiB(compacted)} MiB, compaction ÷ flush {(double)compacted / Math.Max(1, flushed):F2}, stalled {metrics.Sum("restate_rocksdb_stall_micros_total", database) / 1000} ms, level-0 files at most {(database == "db" ? peaks.PartitionLevel0 : peaks.LogLevel0)}"));
        }

        long capacity = metrics.Sum("restate_rocksdb_memory_write_buffer_manager_capacity_bytes");
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"memtables peak {MiB(peaks.Memtables)} of {MiB(capacity)} MiB; peak disk: partitions {MiB(peaks.PartitionBytes)}, log {MiB(peaks.LogBytes)}, WAL {MiB(peaks.WalBytes)} MiB; most files {peaks.Files}"));
        await output.WriteLineAsync(
            $"admission: {metrics.Sum("restate_memory_admission_waits_total")} waits, {metrics.Sum("restate_memory_admission_rejections_total")} rejections, "
            + $"{metrics.Sum("restate_memory_admission_flushes_total")} flushes; reclaiming flushes {metrics.Sum("restate_partition_store_reclaim_flush_total")}");
    }

    private static string Spread(long[] values)
    {
        if (values.Length == 0)
            return "–";
        Array.Sort(values);
        return $"{values[0]}/{values[values.Length / 2]}/{values[^1]}";
    }

    private static long MiB(long bytes) => bytes >> 20;

    /// <summary>The highest figures seen.</summary>
    private sealed class Peaks
    {
        public long Memtables { get; private set; }

        public long PartitionLevel0 { get; private set; }

        public long LogLevel0 { get; private set; }

        public long PartitionBytes { get; private set; }

        public long LogBytes { get; private set; }

        public long WalBytes { get; private set; }

        public int Files { get; private set; }

        public void Add(WritePathMetrics metrics, WritePathDisk disk)
        {
            Memtables = Math.Max(Memtables, metrics.Sum("restate_rocksdb_memory_write_buffer_manager_usage_bytes"));
            PartitionLevel0 = Math.Max(PartitionLevel0, metrics.Max("restate_rocksdb_num_files_at_level0", "db"));
            LogLevel0 = Math.Max(LogLevel0, metrics.Max("restate_rocksdb_num_files_at_level0", "log-server"));
            PartitionBytes = Math.Max(PartitionBytes, disk.PartitionBytes);
            LogBytes = Math.Max(LogBytes, disk.LogBytes);
            WalBytes = Math.Max(WalBytes, disk.WalBytes);
            Files = Math.Max(Files, disk.PartitionFiles.Sum(files => files.Length) + disk.LogFiles.Length);
        }
    }
}
