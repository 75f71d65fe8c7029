using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Hostile;

/// <summary>One thing that a stranger may try.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Expected">Outcomes that are right, after blanks.</param>
/// <param name="RunAsync">Tries it; returns the outcome, and after a blank what else is worth a note.</param>
internal sealed record HostileAttempt(string Name, string Expected, Func<HostileTarget, CancellationToken, Task<string>> RunAsync)
{
    /// <summary>Most time that another client may wait meanwhile; null: there is none that could be promised.</summary>
    public TimeSpan? OthersWithin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>True for one that waits for the same time limit as another does.</summary>
    public bool IsSlow { get; init; }
}

/// <summary>The server under attack.</summary>
/// <param name="Server">The server.</param>
/// <param name="ReadToken">A token that may read and nothing else.</param>
/// <param name="AdminToken">A token that may do everything: what is refused with it is refused for what it is.</param>
internal sealed record HostileTarget(ServerProcess Server, string ReadToken, string AdminToken)
{
    public Uri Admin => Server.Admin.AdminUri;

    public Uri Node => Server.Admin.NodeUri;
}
