using System.Diagnostics;
using System.Globalization;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Clients;

/// <summary>Many clients of every manner for a while: the server stays as large as it was, leaks nothing, and answers as documented.</summary>
internal sealed class ClientsScenario(ClientsOptions options, TextWriter output)
{
    private const int Partitions = 24;

    /// <summary>
    /// Limit of the process: it gives the managed heap one of 256 MiB, within which it has to stay however long the run. A leak of some
    /// KiB a query or connection would fill it.
    /// </summary>
    private const string ProcessLimit = "process-total-memory-size=1 GiB";

    /// <summary>
    /// A table more for each partition that was flushed meanwhile, log files that change, tables that a compaction deletes and holds for a
    /// moment, connections that are just closing.
    /// </summary>
    private const int DescriptorAllowance = Partitions + 24;

    /// <summary>The runtime's pool grows and shrinks as it likes; a thread a session or a connection is far above.</summary>
    private const int ThreadAllowance = 24;

    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(20);

    private readonly List<ClientsSample> _samples = [];
    private readonly SortedSet<string> _logged = new(StringComparer.Ordinal);

    /// <exception cref="ScenarioException">The server grew, leaked, answered what it must not, or complained in its log.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        await using ServerProcess server = await ServerProcess.StartOursAsync(
            folder.Path,
            cancellationToken,
            "--default-num-partitions", Partitions.ToString(CultureInfo.InvariantCulture),
            "--set", "admin.query-engine.memory-size=" + options.Query.ToExactString(),
            "--set", "admin.query-engine.tmp-dir-size-limit=256 MiB",
            "--set", "admin.query-engine.query-timeout=15s",
            "--set", "rocksdb-total-memory-size=256 MiB",
            "--set", "bifrost.record-cache-memory-size=64 MiB",
            "--set", ProcessLimit);
        await server.Admin.RegisterAsync(service.Uri, cancellationToken);
        await options.Load.RunAsync(server, options.Load.BuildBodies(), cancellationToken);
        ClientsSample before = await ClientsSample.TakeAsync(server, TimeSpan.Zero, cancellationToken);

        var counts = new ClientCounts();
        using (var crowd = new ClientCrowd(options, server, counts))
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            stop.CancelAfter(options.Duration);
            await Task.WhenAll(crowd.RunAsync(stop.Token), SampleAsync(server, stop.Token));
        }

        cancellationToken.ThrowIfCancellationRequested();
        (ClientsSample settled, string? open) = await SettleAsync(server, before, cancellationToken);
        TimeSpan closing = await CloseAllAsync(server, cancellationToken);
        await ReportAsync(before, settled, counts, closing, cancellationToken);
        string[] failures = [.. Failures(counts, open)];
        ScenarioException.Require(failures.Length == 0, string.Join('\n', failures));
        int code = await server.StopAsync(cancellationToken);
        ScenarioException.Require(code == 0, $"SIGTERM: exit code {code}, expected 0\n{server.Output}");
    }

    private async Task SampleAsync(ServerProcess server, CancellationToken stop)
    {
        long started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(SampleEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                _samples.Add(await ClientsSample.TakeAsync(server, Stopwatch.GetElapsedTime(started), stop));
                ReadLog(server);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end of the run.
        }
    }

    // The last lines only are kept; they are looked at every second.
    private void ReadLog(ServerProcess server)
    {
        foreach (string line in server.Output.Split('\n'))
        {
            if (line.Contains(" ERROR ", StringComparison.Ordinal) || line.Contains(" exception=", StringComparison.Ordinal)
                || line.Contains("Unhandled", StringComparison.Ordinal) || line.StartsWith("   at ", StringComparison.Ordinal))
            {
                _logged.Add(line);
            }
        }
    }

    /// <summary>Waits until what the clients had is back.</summary>
    /// <returns>The last look, and what was not back by then.</returns>
    private static async Task<(ClientsSample Settled, string? Open)> SettleAsync(
        ServerProcess server, ClientsSample before, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            ClientsSample now = await ClientsSample.TakeAsync(server, TimeSpan.Zero, cancellationToken);
            string? open =
                now.Running + now.Queued > 0 ? $"{now.Running} queries run and {now.Queued} wait"
                : now.QueryPool > before.QueryPool + (8 << 20) ? $"queries hold {ProcessMemory.Mebibytes(now.QueryPool)}, {ProcessMemory.Mebibytes(before.QueryPool)} before"
                : now.Descriptors > before.Descriptors + DescriptorAllowance ? $"{now.Descriptors} descriptors are open, {before.Descriptors} before"
                : now.Threads > before.Threads + ThreadAllowance ? $"{now.Threads} threads, {before.Threads} before"
                : now.Memory.Untracked > now.Memory.UntrackedBound ? $"{ProcessMemory.Mebibytes(now.Memory.Untracked)} are untracked, the bound is {ProcessMemory.Mebibytes(now.Memory.UntrackedBound)}"
                : null;
            if (open is null || Stopwatch.GetElapsedTime(started) > SettlePatience)
                return (now, open);
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    // A lease that was not returned holds its partition up: for the 5 s that a close waits before it interrupts, and then for good.
    private static async Task<TimeSpan> CloseAllAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        TimeSpan longest = TimeSpan.Zero;
        for (int partition = 0; partition < Partitions; partition++)
        {
            long started = Stopwatch.GetTimestamp();
            await server.Admin.MovePartitionAsync(partition, open: false, cancellationToken);
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            longest = took > longest ? took : longest;
            await server.Admin.MovePartitionAsync(partition, open: true, cancellationToken);
        }

        return longest;
    }

    private (IReadOnlyList<ClientsSample> First, IReadOnlyList<ClientsSample> Last) Compared() =>
    (
        [.. _samples.Where(sample => sample.At >= options.WarmUp && sample.At < options.WarmUp + options.Window)],
        [.. _samples.Where(sample => sample.At >= options.Duration - options.Window)]
    );

    private IEnumerable<string> Failures(ClientCounts counts, string? open)
    {
        (IReadOnlyList<ClientsSample> first, IReadOnlyList<ClientsSample> last) = Compared();
        if (first.Count == 0 || last.Count == 0)
            yield return "no samples to compare: the server did not tell of its memory";
        else if (ClientsSample.Median(last, s => s.Native) - ClientsSample.Median(first, s => s.Native) is var grown && grown > options.MemoryAllowance.ToInt64())
            yield return $"native memory beside the stores grew by {ProcessMemory.Mebibytes(grown)}, more than {options.MemoryAllowance}";
        if (first.Count > 0 && last.Count > 0
            && ClientsSample.Median(last, s => s.Descriptors) - ClientsSample.Median(first, s => s.Descriptors) is var opened && opened > DescriptorAllowance)
        {
            yield return $"{opened} more descriptors in the last stretch than in the first";
        }

        if (open is not null)
            yield return $"{SettlePatience.TotalSeconds:0} s after the last client: {open}";
        foreach (string unexpected in counts.Unexpected)
            yield return unexpected;
        string posts = counts.Posts.Except(System.Net.HttpStatusCode.Accepted, System.Net.HttpStatusCode.ServiceUnavailable);
        if (posts.Length > 0)
            yield return $"state posts were answered with {posts}";
        if (counts.Whole == 0 || counts.Left == 0 || counts.Killed == 0 || counts.Stalled == 0)
            yield return "not every manner of client was there";
        foreach (string line in _logged)
            yield return $"logged: {line}";
    }

    private async Task ReportAsync(
        ClientsSample before, ClientsSample settled, ClientCounts counts, TimeSpan closing, CancellationToken cancellationToken)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        (IReadOnlyList<ClientsSample> first, IReadOnlyList<ClientsSample> last) = Compared();
        text.WriteLine($"## clients: {options.Clients} for {options.Duration.TotalMinutes:0.##} min, {options.Load.Rows} rows, query memory {options.Query}; medians, MiB");
        text.WriteLine();
        text.WriteLine(ClientsSample.Head);
        text.WriteLine(ClientsSample.Row("before", [before]));
        foreach (IGrouping<int, ClientsSample> minute in _samples.GroupBy(sample => (int)sample.At.TotalMinutes))
            text.WriteLine(ClientsSample.Row((minute.Key + 1).ToString(CultureInfo.InvariantCulture), [.. minute]));
        text.WriteLine(ClientsSample.Row("first compared", first));
        text.WriteLine(ClientsSample.Row("last compared", last));
        text.WriteLine(ClientsSample.Row("settled", [settled]));
        text.WriteLine();
        text.WriteLine($"answers by status: {counts.Statuses}; state posts: {counts.Posts}");
        text.WriteLine($"read whole {counts.Whole}, broken off {counts.Cut}, left {counts.Left}, killed {counts.Killed}, stopped reading {counts.Stalled}");
        text.WriteLine($"longest close of a partition afterwards: {closing.TotalMilliseconds:0} ms; complaints in the log: {_logged.Count}");
        await output.WriteLineAsync(text.ToString().AsMemory(), cancellationToken);
    }
}
