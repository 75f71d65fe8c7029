using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.SideBySide;

/// <summary>Options of <c>sidebyside</c>.</summary>
/// <param name="PeerDirectory">Folder of the peer's npm install; null for the usual one.</param>
/// <param name="Load">What is loaded.</param>
/// <param name="Rounds">Measured rounds of each query after one warm-up.</param>
/// <param name="PeerOnBothSides">Runs the peer against itself: what then differs from 1.0 is noise.</param>
internal sealed record SideBySideOptions(string? PeerDirectory, PostLoad Load, int Rounds, bool PeerOnBothSides)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static SideBySideOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "peer-dir", "posts", "keys", "rounds", "ours");
        string ours = options.Text("ours") ?? "ours";
        if (ours is not ("ours" or "peer"))
            throw new ArgumentException($"--ours is '{ours}', expected ours or peer");
        return new SideBySideOptions(
            options.Text("peer-dir"),
            new PostLoad(options.Number("posts", 2000), options.Number("keys", 500)),
            options.Number("rounds", 5),
            ours == "peer");
    }
}
