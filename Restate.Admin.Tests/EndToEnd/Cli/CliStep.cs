namespace Restate.Admin.Tests.EndToEnd.Cli;

/// <summary>
/// One command of a script. <c>{base}</c> and the like in an argument stand for the address of an SDK endpoint, <c>{id:base}</c> for the id
/// under which the server at hand has it.
/// </summary>
/// <param name="Arguments">The arguments of the client.</param>
internal sealed record CliStep(params string[] Arguments)
{
    /// <summary>The exit code of both.</summary>
    public int Exit { get; init; }

    /// <summary>What the output or error of both must hold: without it, two equal failures would pass.</summary>
    public string? Shows { get; init; }

    /// <summary>True for lists in the order of a hash table, which is another at every call.</summary>
    public bool Unordered { get; init; }

    /// <summary>True for reads after a change that takes effect soon after its answer: run again until it shows.</summary>
    public bool Eventually { get; init; }

    /// <summary>Why each says it in words of its own; exit code and <see cref="Shows"/> still hold for both. Null where the words must be the same.</summary>
    public string? OwnWords { get; init; }

    /// <summary>Where ours differs from the peer on purpose.</summary>
    public IntendedDifference[] Differences { get; init; } = [];

    public override string ToString() => "restate " + string.Join(' ', Arguments.Select(word => word.Contains(' ', StringComparison.Ordinal) ? $"'{word}'" : word));
}

/// <summary>A difference that is meant to be.</summary>
/// <param name="Peer">What the peer says, as a regular expression; it must occur.</param>
/// <param name="Ours">What ours says there, as a replacement.</param>
/// <param name="Reason">Why.</param>
internal sealed record IntendedDifference(string Peer, string Ours, string Reason);
