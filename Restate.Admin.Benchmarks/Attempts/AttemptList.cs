namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>Every attempt: what the tests run in short and the <c>attempts</c> scenario runs under load.</summary>
internal static class AttemptList
{
    /// <summary>All statements.</summary>
    internal static IReadOnlyList<Attempt> All { get; } =
    [
        .. FileAttempts.All, .. InstanceAttempts.All, .. TextAttempts.All, .. NestingAttempts.All, .. PlannerAttempts.All,
        .. GrowthAttempts.All, .. WorkAttempts.All,
    ];
}
