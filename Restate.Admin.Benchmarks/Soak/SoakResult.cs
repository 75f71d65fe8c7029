using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Soak;

/// <summary>What one server did.</summary>
internal sealed record SoakResult(string Name, TimeSpan Elapsed)
{
    public required long Posts { get; init; }

    public required StatusCounts PostStatuses { get; init; }

    public required long Queries { get; init; }

    public required StatusCounts QueryStatuses { get; init; }

    public required string LastQueryError { get; init; }

    public required long BudgetChanges { get; init; }

    public required long BudgetChangesFailed { get; init; }

    public required long OomKills { get; init; }

    public required int Restarts { get; init; }

    public required SoakSampler Memory { get; init; }

    /// <summary>Our server after the load; null for the peer, or when it did not live to the end.</summary>
    public required SoakSettle? Settle { get; init; }

    /// <summary>What was wrong after the load: something lost, or a stop or start that failed; null when nothing was.</summary>
    public required string? Lost { get; init; }

    public double PostsPerSecond => Posts / Elapsed.TotalSeconds;

    public double QueriesPerSecond => Queries / Elapsed.TotalSeconds;
}
