using System.Globalization;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>Options of <c>attempts</c>.</summary>
/// <param name="Load">State that is there first.</param>
/// <param name="Pool">Memory of all queries, <c>admin.query-engine.memory-size</c>.</param>
/// <param name="Timeout"><c>admin.query-engine.query-timeout</c>.</param>
/// <param name="Concurrency">Attempts at once.</param>
/// <param name="Rate">State posts per second meanwhile.</param>
/// <param name="QuietSeconds">Seconds of posts without attempts, to compare with.</param>
/// <param name="Kind">Only attempts whose kind or name holds this; null: all.</param>
/// <param name="Ours">Runs against our server.</param>
/// <param name="Peer">Runs against the peer.</param>
/// <param name="PeerDirectory">Where the peer is installed.</param>
internal sealed record AttemptsOptions(
    PostLoad Load, ByteSize Pool, TimeSpan Timeout, int Concurrency, int Rate, int QuietSeconds, string? Kind, bool Ours, bool Peer, string? PeerDirectory)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static AttemptsOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(
            args, "posts", "keys", "pool", "timeout-seconds", "concurrency", "rate", "quiet-seconds", "kind", "server", "peer-dir");
        string server = options.Text("server") ?? "ours";
        if (server is not ("ours" or "peer" or "both"))
            throw new ArgumentException($"--server is '{server}', expected ours, peer or both");
        return new AttemptsOptions(
            new PostLoad(options.Number("posts", 2000), options.Number("keys", 500)),
            options.Size("pool", ByteSize.FromMiB(256)),
            TimeSpan.FromSeconds(options.Number("timeout-seconds", 10)),
            options.Number("concurrency", Math.Max(2, Environment.ProcessorCount)),
            options.Number("rate", 100),
            options.Number("quiet-seconds", 30),
            options.Text("kind"),
            Ours: server != "peer",
            Peer: server != "ours",
            options.Text("peer-dir"));
    }

    /// <summary>The attempts to make.</summary>
    internal IReadOnlyList<Attempt> Attempts() => Kind is null
        ? AttemptList.All
        : [.. AttemptList.All.Where(attempt => attempt.ToString().Contains(Kind, StringComparison.OrdinalIgnoreCase))];

    /// <summary>The time limit as the configuration spells it.</summary>
    internal string TimeoutText => string.Create(CultureInfo.InvariantCulture, $"{Timeout.TotalMilliseconds:0}ms");
}
