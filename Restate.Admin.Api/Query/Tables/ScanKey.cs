namespace Restate.Admin.Api.Query.Tables;

/// <summary>Kinds of conditions that can narrow what a scan reads.</summary>
[Flags]
internal enum ScanConditions
{
    /// <summary><c>=</c> with a literal, and <c>IN</c> with a list of literals.</summary>
    Equality = 1,

    /// <summary>The beginning of a text: <c>LIKE 'a%'</c>, <c>starts_with</c>.</summary>
    Prefix = 2,

    /// <summary><c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>, <c>BETWEEN</c>.</summary>
    Range = 4,
}

/// <summary>A column whose conditions narrow what a scan of its table reads, as opposed to dropping rows after they were read.</summary>
/// <param name="Column">The column.</param>
/// <param name="Conditions">Conditions on it that do.</param>
/// <param name="With">Columns that must have a condition of <see cref="ScanConditions.Equality"/> too: the key is stored in this order.</param>
internal sealed record ScanKey(string Column, ScanConditions Conditions, params IReadOnlyList<string> With);
