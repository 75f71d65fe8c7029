using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Clients;

/// <summary>Options of <c>clients</c>.</summary>
/// <param name="Clients">Clients at once.</param>
/// <param name="Duration">How long they ask, warm-up included.</param>
/// <param name="WarmUp">What comes before the first figures that are compared.</param>
/// <param name="Window">Length of the first and of the last stretch that are compared.</param>
/// <param name="Load">State that is there, and that is posted over and over meanwhile.</param>
/// <param name="Query">The query engine's pool.</param>
/// <param name="Seed">Makes a run's choices repeatable.</param>
/// <param name="MemoryAllowance">
/// What native memory beside the stores may grow from the first stretch to the last. Medians of a minute under random load differ by the
/// 32 MiB of the long run either way (DuckDB's and glibc's arenas keep pages of the largest query they have seen); 10,000 and more
/// queries a run make a leak of 4 KiB a query visible all the same. Shorter stretches differ by more.
/// </param>
internal sealed record ClientsOptions(
    int Clients, TimeSpan Duration, TimeSpan WarmUp, TimeSpan Window, PostLoad Load, ByteSize Query, int Seed, ByteSize MemoryAllowance)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static ClientsOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "clients", "minutes", "posts", "keys", "query-memory", "seed");
        return new ClientsOptions(
            options.Number("clients", 100, minimum: 10),
            TimeSpan.FromMinutes(options.Number("minutes", 10, minimum: 3)),
            WarmUp: TimeSpan.FromMinutes(1),
            Window: TimeSpan.FromMinutes(1),
            new PostLoad(options.Number("posts", 400), options.Number("keys", 250)),
            options.Size("query-memory", ByteSize.FromMiB(128)),
            options.Number("seed", 1),
            MemoryAllowance: ByteSize.FromMiB(32));
    }
}
