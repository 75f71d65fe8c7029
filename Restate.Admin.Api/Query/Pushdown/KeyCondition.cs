namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>
/// Values that columns of one table mention must have, as found in its plan; null where nothing is known. A row outside is
/// dropped by the plan's own filter, so these only ever narrow what is read.
/// </summary>
internal sealed record KeyCondition
{
    internal static KeyCondition None { get; } = new();

    internal IReadOnlySet<ulong>? PartitionKeys { get; init; }

    internal IReadOnlySet<string>? ServiceNames { get; init; }

    internal IReadOnlySet<string>? ServiceKeys { get; init; }

    internal IReadOnlySet<string>? StateKeys { get; init; }
}
