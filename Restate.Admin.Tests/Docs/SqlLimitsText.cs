using System.Globalization;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Gate;

namespace Restate.Admin.Tests.Docs;

/// <summary>The limits of <c>docs/sql.md</c>, made of the gate's constants.</summary>
internal static class SqlLimitsText
{
    public static string Write() => string.Create(CultureInfo.InvariantCulture, $"""
        | What | Most | Past it |
        |---|---|---|
        | Text of the statement | {SqlText.MaxBytes >> 10} KiB | 413 |
        | Tokens (words, numbers, literals, signs) | {SqlText.MaxTokens:N0} | 413 |
        | One literal or name | {SqlText.MaxLiteralBytes >> 10} KiB | 413 |
        | Brackets in brackets | {SqlText.MaxNesting} | 400 |
        | Calls and operators in calls | {ExpressionGate.MaxCallDepth} | 400 |
        | Tables mentioned, those of common table expressions at every use | {StatementGate.MaxTables} | 400 |
        | Tables joined at once | {StatementGate.MaxJoined} | 400 |
        | Aggregates over aggregates, in subqueries | {StatementGate.MaxAggregateDepth} | 400 |
        | Offset of `lead` and `lag`, a literal | {ExpressionGate.MaxRowOffset:N0} | 400 |
        | Columns of any part | {StatementGate.MaxColumns:N0} | 400 |
        | Expressions, once aliases and subqueries are put in their places | {StatementGate.MaxCost:N0} | 400 |
        | One value that a function makes of several | {ExpressionGate.MaxValueBytes >> 20} MiB, as estimated | 400 |
        | Queries that wait for a slot | {QueryAdmission.MaxWaiting}, each {QueryAdmission.MaxWait.TotalSeconds} s | 429 |
        """);
}
