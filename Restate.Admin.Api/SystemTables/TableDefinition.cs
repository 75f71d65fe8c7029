using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.SystemTables;

/// <summary>What a table looks like, apart from where its rows come from.</summary>
/// <param name="Name">Name in SQL.</param>
/// <param name="Description">What a row is: a phrase without a full stop.</param>
/// <param name="Columns">Columns in order.</param>
internal sealed record TableDefinition(string Name, string Description, IReadOnlyList<SqlColumn> Columns)
{
    /// <summary>Of tables over invocations and what they leave behind.</summary>
    internal const string NoInvocations = "always: this node runs no invocations";

    /// <summary>Of tables over limit rules and their use.</summary>
    internal const string NoLimits = "always: this node runs no invocations and so has no limit rules";

    /// <summary>When it has no rows, and why; null where that needs no word.</summary>
    internal string? WhyEmpty { get; init; }

    /// <summary>The table over rows that are made when a query asks for them.</summary>
    internal MemoryTable Over(Func<IReadOnlyList<object?[]>> rows) =>
        new(Name, Columns, rows) { Description = Description, WhyEmpty = WhyEmpty };

    /// <summary>The table over a partition store that holds nothing of its kind.</summary>
    /// <exception cref="InvalidOperationException">The definition does not say why.</exception>
    internal MemoryTable OverNothing() => WhyEmpty is null
        ? throw new InvalidOperationException($"{Name} has no rows and does not say why")
        : Over(() => []);
}
