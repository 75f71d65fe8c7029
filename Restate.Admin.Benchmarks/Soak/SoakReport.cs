using System.Globalization;
using System.Net;

namespace Restate.Admin.Benchmarks.Soak;

/// <summary>Prints what the servers did as markdown, and judges ours.</summary>
internal static class SoakReport
{
    /// <summary>Prints a table with a column for each server, and their ratio where there are two.</summary>
    public static void Print(TextWriter output, SoakOptions options, IReadOnlyList<SoakResult> results)
    {
        output.WriteLine($"## soak: {options.Limit}, {options.Partitions} partitions, {options.Duration.TotalMinutes:0} min{(options.Peer && options.PeerDuration != options.Duration ? $", peer {options.PeerDuration.TotalMinutes:0} min" : "")}");
        output.WriteLine();
        output.WriteLine($"| figure | {string.Join(" | ", results.Select(result => result.Name))} |{(results.Count == 2 ? " ratio |" : "")}");
        output.WriteLine($"|---|{string.Concat(results.Select(_ => "---:|"))}{(results.Count == 2 ? "---:|" : "")}");
        Number("posts/s", result => result.PostsPerSecond);
        Number("successful queries/s", result => result.QueriesPerSecond);
        Number("OOM kills", result => result.OomKills);
        Number("restarts", result => result.Restarts);
        Number("budget changes", result => result.BudgetChanges);
        Number("budget changes failed", result => result.BudgetChangesFailed);
        Number("processor seconds", result => result.Memory.ProcessorTime.TotalSeconds);
        Number("peak RSS, MiB", result => result.Memory.PeakResident / 1048576.0);
        Number("peak anonymous RSS, MiB", result => result.Memory.PeakAnonymous / 1048576.0);
        Number("peak cgroup, MiB", result => result.Memory.PeakCgroup / 1048576.0);
        Text("untracked under load: median, MiB", result => Mib(result.Memory.MedianUntracked));
        Text("untracked under load: peak, MiB", result => Mib(result.Memory.PeakUntracked));
        Text("samples above the bound of a settled node", result => result.Memory.Answered == 0 ? "-" : $"{result.Memory.AboveBound} of {result.Memory.Answered}");
        Text("untracked after settle, MiB", result => Mib(result.Settle?.Memory.Untracked));
        Text("its bound, MiB", result => Mib(result.Settle?.Memory.UntrackedBound));
        Text("within it after, s", result => result.Settle is not { } settle ? "-" : settle.Within is { } time ? Format(time.TotalSeconds) : "NOT");
        Text("peak free in allocator heaps, MiB", result => Mib(result.Memory.PeakAllocatorFree));
        Text("peak GC heap, MiB", result => Mib(result.Memory.PeakGcHeap));
        Text("guard steps", result => result.Memory.GuardSteps);
        Text("memory samples unanswered", result => Format(result.Memory.Unanswered));
        Text("posts by status", result => result.PostStatuses.ToString());
        Text("queries by status", result => result.QueryStatuses.ToString());
        Text("acknowledged and lost", result => result.Lost is null ? "none" : "SEE BELOW");
        output.WriteLine();
        foreach (SoakResult result in results)
        {
            if (result.Settle is { } settle)
                output.WriteLine($"{result.Name}: after settle {settle.Memory}; untracked: {settle.Consists} (MiB)");
            if (result.Lost is { } lost)
                output.WriteLine($"{result.Name}: {lost}");
            if (result.LastQueryError.Length > 0)
                output.WriteLine($"{result.Name}: last query error: {result.LastQueryError}");
        }

        void Number(string name, Func<SoakResult, double> figure)
        {
            string ratio = results.Count == 2 ? $" {Format(figure(results[0]) / figure(results[1]))} |" : "";
            output.WriteLine($"| {name} | {string.Join(" | ", results.Select(result => Format(figure(result))))} |{ratio}");
        }

        void Text(string name, Func<SoakResult, string> text) =>
            output.WriteLine($"| {name} | {string.Join(" | ", results.Select(text))} |{(results.Count == 2 ? " |" : "")}");
    }

    /// <summary>What our server must not have done, one line each; empty when all is well.</summary>
    public static IEnumerable<string> Failures(SoakResult? ours, SoakResult? peer)
    {
        if (ours is null)
            yield break;
        if (ours.OomKills > 0)
            yield return $"ours was killed for lack of memory {ours.OomKills} times";
        if (ours.Restarts > ours.OomKills)
            yield return $"ours ended {ours.Restarts - ours.OomKills} times of its own";
        if (ours.BudgetChangesFailed > 0)
            yield return $"{ours.BudgetChangesFailed} budget changes of ours failed";
        if (ours.Settle is { Within: null } settle)
        {
            yield return $"{Mib(settle.Memory.Untracked)} MiB of ours were untracked {SoakSettle.Patience.TotalSeconds} s after the load, "
                + $"more than {Mib(settle.Memory.UntrackedBound)}";
        }

        if (ours.Lost is not null)
            yield return "ours lost something, or did not stop or start";
        string posts = ours.PostStatuses.Except(HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable);
        if (posts.Length > 0)
            yield return $"posts to ours were answered with {posts}; only 202 and 503 are expected";
        string queries = ours.QueryStatuses.Except(
            HttpStatusCode.OK,
            HttpStatusCode.RequestTimeout,
            HttpStatusCode.TooManyRequests,
            HttpStatusCode.ServiceUnavailable,
            HttpStatusCode.InsufficientStorage);
        if (queries.Length > 0)
            yield return $"queries of ours were answered with {queries}; only 200, 408, 429, 503 and 507 are expected";
        if (peer is not null && ours.PostsPerSecond < peer.PostsPerSecond)
            yield return "ours acknowledged fewer posts than the peer";
        if (peer is not null && ours.QueriesPerSecond < peer.QueriesPerSecond)
            yield return "ours answered fewer queries than the peer";
    }

    private static string Mib(long? bytes) => bytes is { } known ? Format(known / 1048576.0) : "-";

    private static string Format(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
