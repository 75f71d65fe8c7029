using System.Globalization;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>What came of all attempts against one server.</summary>
/// <param name="server">The server's name.</param>
/// <param name="timeout">The time limit of a query.</param>
/// <param name="pool">Memory of all queries.</param>
/// <param name="isTimed">True where ending late and holding too much memory are faults and not only reported.</param>
/// <param name="output">Where faults are told at once: the next one may end everything.</param>
internal sealed class AttemptsReport(string server, TimeSpan timeout, long pool, bool isTimed, TextWriter output)
{
    /// <summary>How far past its time limit an attempt may end.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>How far past the pool memory may grow.</summary>
    private const long OvershootBytes = 64L << 20;

    private const long NoiseBytes = 16L << 20;

    private const double WorstRatio = 2;

    private readonly Lock _lock = new();
    private readonly List<Row> _rows = [];
    private readonly List<string> _faults = [];
    private int _deaths;

    /// <summary>What must not have happened.</summary>
    internal IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock)
                return [.. _faults];
        }
    }

    /// <summary>Times of posts without attempts, sorted.</summary>
    internal double[] QuietPosts { get; set; } = [];

    /// <summary>Times of posts while attempts ran, sorted.</summary>
    internal double[] BusyPosts { get; set; } = [];

    /// <summary>Posts that were refused.</summary>
    internal int RefusedPosts { get; set; }

    /// <summary>Notes an attempt.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="fault">What is wrong with that; null: nothing.</param>
    /// <param name="overBaseline">Most bytes over the baseline while it ran.</param>
    /// <param name="grown">Most bytes over what there was when it began.</param>
    internal void Note(string name, AttemptResult result, string? fault, long overBaseline, long grown)
    {
        lock (_lock)
        {
            _rows.Add(new Row(name, result, overBaseline, grown));
            if (fault is not null)
                Fault($"{name}: {fault}");
            if (isTimed && result.Elapsed > timeout + Grace)
                Fault(string.Create(CultureInfo.InvariantCulture, $"{name}: ended {(result.Elapsed - timeout).TotalSeconds:F1} s after its time limit"));

            // What came before and has not been given back yet counts at the attempt that took it.
            if (isTimed && overBaseline > pool + OvershootBytes && grown > NoiseBytes)
                Fault($"{name}: memory {ProcessMemory.Mebibytes(overBaseline)} over the baseline");
        }
    }

    /// <summary>Notes anything else that must not happen.</summary>
    internal void Fault(string fault)
    {
        lock (_lock)
        {
            _faults.Add(fault);
            output.WriteLine($"  FAULT {fault}");
        }
    }

    /// <summary>Notes that the server ended.</summary>
    internal void Death(string during)
    {
        lock (_lock)
        {
            _deaths++;
            Fault($"the server ended during: {during}");
        }
    }

    /// <summary>Writes the tables.</summary>
    internal async Task WriteAsync()
    {
        await output.WriteLineAsync($"{server}: {_rows.Count} attempts, {_deaths} deaths, {_faults.Count} faults");
        await output.WriteLineAsync("  by status: " + string.Join(", ", _rows.GroupBy(row => row.Result.Status).OrderBy(group => group.Key)
            .Select(group => $"{group.Key}: {group.Count()}")) + $"; busy and tried again: {_rows.Sum(row => row.Result.Busy)}");
        await TableAsync("latest after its time limit", _rows.OrderByDescending(row => row.Result.Elapsed));
        await TableAsync("most memory over the baseline", _rows.OrderByDescending(row => row.OverBaseline));
        double quiet = Percentile(QuietPosts);
        double busy = Percentile(BusyPosts);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  posts p99: {quiet:F1} ms without attempts, {busy:F1} ms with ({BusyPosts.Length} posts, {RefusedPosts} refused), ratio {busy / quiet:F2} (wanted: at most {WorstRatio})"));
    }

    private async Task TableAsync(string title, IEnumerable<Row> rows)
    {
        await output.WriteLineAsync($"  {title}:");
        foreach (Row row in rows.Take(12))
        {
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"    {row.Result.Status} {row.Result.Elapsed.TotalSeconds,6:F2} s ({(row.Result.Elapsed - timeout).TotalSeconds:+0.00;-0.00} s) {ProcessMemory.Mebibytes(row.OverBaseline),11} (+{ProcessMemory.Mebibytes(row.Grown)})  {row.Name}"));
        }
    }

    private static double Percentile(double[] sorted) => sorted.Length == 0 ? double.NaN : sorted[(int)((sorted.Length - 1) * 0.99)];

    private sealed record Row(string Name, AttemptResult Result, long OverBaseline, long Grown);
}
