using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Api.Query.Interop;
using Restate.Admin.Api.Query.Pushdown;
using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.Query;

/// <content>Answers to EXPLAIN.</content>
internal sealed partial class QueryEngine
{
    private static readonly string[] PlanColumns = ["plan_type", "plan"];

    private static readonly ColumnOrigin[] PlanOrigins = [ColumnOrigin.TextLiteral, ColumnOrigin.TextLiteral];

    /// <summary>
    /// Explains a statement the gate has passed and whose scans are planned; with ANALYZE it runs for that. The plan is the one that the
    /// statement itself has: scans say how much they will read, and the order of joins goes by that.
    /// </summary>
    /// <returns>A statement whose rows are the answer.</returns>
    private string Explain(QueryResult result, string sql, ExplainKind kind, StateTable? state)
    {
        QueryScope scope = result.Scope;
        string plan;
        TableFunctions.BindFor(scope);
        try
        {
            plan = result.Session.Explain(sql, isRun: kind == ExplainKind.Analyze);
        }
        finally
        {
            TableFunctions.BindFor(null);
        }

        string text = ExplainedPlan.Write(
            plan,
            _instance.Functions,
            state is null ? null : $"{_instance.Functions.FunctionName(state)}_",
            mention => ScanText.Of(scope.PlanOf(mention), state!.Source.PartitionCount));
        return kind == ExplainKind.Analyze
            ? $"SELECT 'Plan with Metrics' AS plan_type, {Literal(text)} AS plan"
            : $"SELECT unnest(['statement', 'physical_plan']) AS plan_type, unnest([{Literal(_instance.Functions.Visible(sql))}, {Literal(text)}]) AS plan";
    }

    private static string Literal(string text) =>
        $"'{text.Replace("'", "''", StringComparison.Ordinal).Replace('\0', '\uFFFD')}'";
}
