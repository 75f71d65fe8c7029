using System.Globalization;
using Restate.Admin.Benchmarks.Soak;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Clients;

/// <summary>What the server holds at one moment.</summary>
/// <param name="At">Since the clients began.</param>
/// <param name="Resident">Resident bytes.</param>
/// <param name="Anonymous">Anonymous resident bytes.</param>
/// <param name="Descriptors">Open file descriptors, without the table files of its databases, which come and go with compactions.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Running">Queries that run.</param>
/// <param name="Queued">Queries that wait.</param>
/// <param name="Memory">What it says of its memory.</param>
internal sealed record ClientsSample(
    TimeSpan At, long Resident, long Anonymous, int Descriptors, int Threads, long Running, long Queued, ServerMemory Memory)
{
    /// <summary>Bytes queries hold.</summary>
    public long QueryPool => Memory.Pools["query-engine"].Usage;

    /// <summary>
    /// Native memory beside the stores: anonymous memory without that of databases and caches, which fill up to their budgets as state is
    /// posted, and without the managed heap, which the runtime lets grow towards its limit before it tidies it up.
    /// </summary>
    public long Native => Anonymous - Memory.Pools
        .Where(pool => pool.Key is "rocksdb" or "rocksdb-overhead" or "bifrost-record-cache" or "gc-heap")
        .Sum(pool => pool.Value.Usage);

    /// <exception cref="ScenarioException">The server did not tell, or has ended.</exception>
    public static async Task<ClientsSample> TakeAsync(ServerProcess server, TimeSpan at, CancellationToken cancellationToken) => new(
        at,
        ProcessMemory.ResidentBytes(server.Id),
        ProcessMemory.AnonymousBytes(server.Id),
        ProcessMemory.Descriptors(server.Id),
        ProcessMemory.Threads(server.Id),
        await MetricAsync(server, "restate_queries_running", cancellationToken),
        await MetricAsync(server, "restate_queries_queued", cancellationToken),
        await ServerMemory.ReadAsync(server, cancellationToken));

    /// <summary>A row of the table of minutes: medians, and the peak of resident memory.</summary>
    public static string Row(string name, IReadOnlyList<ClientsSample> samples) => samples.Count == 0 ? $"| {name} | no sample |" : string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Mib(Median(samples, s => s.Resident))} / {Mib(samples.Max(s => s.Resident))} | {Mib(Median(samples, s => s.Anonymous))} | {Mib(Median(samples, s => s.Native))} | {Mib(Median(samples, s => s.Memory.Untracked))} / {Mib(samples.Max(s => s.Memory.Untracked))} | {Mib(Median(samples, s => s.QueryPool))} / {Mib(samples.Max(s => s.QueryPool))} | {Mib(Median(samples, s => s.Memory.GcHeap))} | {Median(samples, s => s.Descriptors)} | {Median(samples, s => s.Threads)} | {Median(samples, s => s.Running)} | {Median(samples, s => s.Queued)} |");

    /// <summary>The columns of <see cref="Row"/>.</summary>
    public static string Head { get; } =
        "| minute | RSS / peak | anonymous | native | untracked / peak | query pool / peak | GC heap | descriptors | threads | running | queued |"
        + Environment.NewLine + "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|";

    /// <summary>The median of a figure.</summary>
    public static long Median(IReadOnlyList<ClientsSample> samples, Func<ClientsSample, long> figure) =>
        samples.Select(figure).Order().ElementAt(samples.Count / 2);

    private static async Task<long> MetricAsync(ServerProcess server, string name, CancellationToken cancellationToken) =>
        await server.Admin.MetricAsync(name, cancellationToken) ?? throw new ScenarioException($"the server has no metric {name}");

    private static string Mib(long bytes) => (bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture);
}
