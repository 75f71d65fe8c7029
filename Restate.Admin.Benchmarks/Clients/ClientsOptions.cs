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
internal sealed record ClientsOptions(
    int Clients, TimeSpan Duration, TimeSpan WarmUp, TimeSpan Window, PostLoad Load, ByteSize Query, int Seed)
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
            options.Number("seed", 1));
    }
}
