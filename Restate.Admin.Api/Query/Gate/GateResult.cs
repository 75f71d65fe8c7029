using Restate.Admin.Api.Query.Pushdown;

namespace Restate.Admin.Api.Query.Gate;

/// <summary>What a result column is made of, where its type in the output depends on that and not on its SQL type alone.</summary>
internal enum ColumnOrigin
{
    /// <summary>Anything else.</summary>
    Expression,

    /// <summary>A text literal.</summary>
    TextLiteral,

    /// <summary>A whole-number literal.</summary>
    IntegerLiteral,

    /// <summary>A count, which is never null.</summary>
    Count,
}

/// <summary>What the gate learned of a statement it lets through.</summary>
/// <param name="Tables">Names of our tables it reads, lower case.</param>
/// <param name="HasCondition">True when it holds a condition that could narrow a scan: a comparison, IN, a prefix, or a join.</param>
/// <param name="Columns">Origin of each result column; null where a star makes their number unknown.</param>
/// <param name="Condition">What rows of the one table it reads must meet; null where only a plan can tell.</param>
/// <param name="FrameBytesPerRow">
/// Bytes that its windows will take for every row, all at once when the last has been read; 0 where they take none or little.
/// </param>
internal sealed record GateResult(
    IReadOnlySet<string> Tables,
    bool HasCondition,
    IReadOnlyList<ColumnOrigin>? Columns,
    KeyCondition? Condition,
    long FrameBytesPerRow);
