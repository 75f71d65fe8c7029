using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Benchmarks.Storage;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Logs;
using Restate.Storage.Memory;
using Restate.Storage.Partitions;
using Restate.Storage.Processing;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using ProcessMemory = Restate.Admin.Benchmarks.Support.ProcessMemory;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>replay</c>.</summary>
/// <param name="Mebibytes">Log to replay.</param>
/// <param name="Entries">State entries of each record; 26 bytes each.</param>
/// <param name="Logs">Logs the records are spread over; each is replayed by a processor of its own, one after the other.</param>
/// <param name="Rounds">Replays with and without the cache, in turn.</param>
internal sealed record ReplayOptions(int Mebibytes, int Entries, int Logs, int Rounds)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static ReplayOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "mib", "entries", "logs", "rounds");
        return new ReplayOptions(
            options.Number("mib", 256), options.Number("entries", 3400), options.Number("logs", 4), options.Number("rounds", 5));
    }
}

/// <summary>
/// How fast processors read and replay logs with the record cache and without it: the same records in a real log store, applied to
/// new partition stores; "disk" is the log store with no page of it in the kernel's cache. Reading alone is given too, since most of a
/// replay is applying.
/// </summary>
internal sealed class ReplayScenario(ReplayOptions options, TextWriter output)
{
    /// <summary>As a processor reads.</summary>
    private const long ReadBytes = 1 << 20;

    /// <exception cref="ScenarioException">A replay read from elsewhere than it should.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new StorageFolder();
        RocksDatabase database = folder.Open("logs", DatabaseProfile.LogStore);
        using var store = new LogStore("replicated", database, NullLogger.Instance);
        using var bifrost = new Bifrost(
            Enumerable.Range(0, options.Logs).ToDictionary(log => new LogId((uint)log), ILogletProvider (_) => store), long.MaxValue);
        BifrostLog[] logs = [.. Enumerable.Range(0, options.Logs).Select(log => bifrost[new LogId((uint)log)])];
        (long records, long bytes) = await FillAsync(logs, cancellationToken);
        database.FlushAndWait();
        string logFolder = Path.Combine(folder.Path, "logs");

        // The same processor, once reading through the cache and once through a Bifrost that has none.
        using var without = new Bifrost(
            Enumerable.Range(0, options.Logs).ToDictionary(log => new LogId((uint)log), ILogletProvider (_) => new SameLoglets(store)), 0);
        BifrostLog[] uncached = [.. Enumerable.Range(0, options.Logs).Select(log => without[new LogId((uint)log)])];
        var times = new Dictionary<string, List<TimeSpan>>();
        for (int round = 0; round < options.Rounds; round++)
        {
            Measure("read, cache", () => ReadAll(logs));
            Measure("read, log store", () => ReadAll(uncached));
            PageCache.Drop(logFolder);
            Measure("read, disk", () => ReadAll(uncached));
            await MeasureAsync("replay, cache", () => ReplayAsync(folder, logs, round * 3, cancellationToken));
            await MeasureAsync("replay, log store", () => ReplayAsync(folder, uncached, (round * 3) + 1, cancellationToken));
            PageCache.Drop(logFolder);
            await MeasureAsync("replay, disk", () => ReplayAsync(folder, uncached, (round * 3) + 2, cancellationToken));
        }

        ScenarioException.Require(bifrost.Cache.Misses == 0, $"{bifrost.Cache.Misses} records were read past the cache that holds all");
        ScenarioException.Require(without.Cache.Hits == 0, $"{without.Cache.Hits} records came from a cache that is off");
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{records} records, {ProcessMemory.Mebibytes(bytes)}, {options.Logs} logs, medians of {options.Rounds}:"));
        foreach ((string name, List<TimeSpan> measured) in times)
        {
            measured.Sort();
            double seconds = measured[measured.Count / 2].TotalSeconds;
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"  {name,-18} {records / seconds,10:F0} records/s {bytes / seconds / 1048576,8:F0} MiB/s   {seconds * 1000,8:F0} ms"));
        }

        void Measure(string name, Action action)
        {
            long started = Stopwatch.GetTimestamp();
            action();
            Add(name, Stopwatch.GetElapsedTime(started));
        }

        async Task MeasureAsync(string name, Func<Task<TimeSpan>> action) => Add(name, await action());

        void Add(string name, TimeSpan elapsed)
        {
            if (!times.TryGetValue(name, out List<TimeSpan>? list))
                times.Add(name, list = []);
            list.Add(elapsed);
        }
    }

    private async Task<(long Records, long Bytes)> FillAsync(BifrostLog[] logs, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        var appends = new List<Task>();
        long bytes = 0;
        int number = 0;
        for (; bytes < (long)options.Mebibytes << 20; number++)
        {
            RecordBuffer record = StatePayload.Record(number, options.Entries, random);
            bytes += record.Length;
            appends.Add(logs[number % logs.Length].AppendAsync(record));
            record.Release();
            if (appends.Count == 64)
            {
                await Task.WhenAll(appends).WaitAsync(cancellationToken);
                appends.Clear();
            }
        }

        await Task.WhenAll(appends);
        return (number, bytes);
    }

    private static void ReadAll(BifrostLog[] logs)
    {
        var entries = new List<LogEntry>();
        foreach (BifrostLog log in logs)
        {
            for (Lsn from = Lsn.First; from <= log.Tail;)
            {
                log.Read(from, ReadBytes, entries);
                from = entries[^1].Lsn.Next;
                entries.ForEach(entry => entry.Record.Release());
                entries.Clear();
            }
        }
    }

    /// <summary>Only the replay is timed, not opening and removing the stores.</summary>
    private static async Task<TimeSpan> ReplayAsync(StorageFolder folder, BifrostLog[] logs, int round, CancellationToken cancellationToken)
    {
        using var admission = new WriteAdmission(folder.Manager, TimeProvider.System, NullLogger<WriteAdmission>.Instance);
        TimeSpan elapsed = TimeSpan.Zero;
        foreach (BifrostLog log in logs)
        {
            using var store = new PartitionStore(
                new PartitionId(0), folder.Open($"partition-{round}-{log.Id}", DatabaseProfile.PartitionStore));
            using var processor = new PartitionProcessor(store, log, admission, TimeProvider.System);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            long started = Stopwatch.GetTimestamp();
            Task running = processor.RunAsync(stop.Token);
            while (processor.Applied < log.Tail)
            {
                Task progress = processor.Progress.Next;
                if (processor.Applied < log.Tail && await Task.WhenAny(progress, running) == running)
                    await running;
            }

            elapsed += Stopwatch.GetElapsedTime(started);
            await stop.CancelAsync();
            try
            {
                await running;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
            }
        }

        return elapsed;
    }

    /// <summary>The loglets of a store whose appends go to another Bifrost's cache.</summary>
    private sealed class SameLoglets(LogStore store) : ILogletProvider
    {
        public string Name => store.Name;

        public ILoglet Open(LogId log) => store.Open(log);
    }
}
