using System.Globalization;
using System.Text;
using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Tests.Docs;

/// <summary>The tables of <c>docs/sql.md</c>, made of the definitions that a node registers.</summary>
internal static class SqlTablesText
{
    private static readonly (ScanConditions Condition, string Text)[] Conditions =
    [
        (ScanConditions.Equality, "`=`, `IN`"), (ScanConditions.Prefix, "a prefix"), (ScanConditions.Range, "a range"),
    ];

    public static string Write(IReadOnlyList<SqlTable> tables)
    {
        var text = new StringBuilder();
        foreach (SqlTable table in tables)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {table.Name}\n\n{table.Description}.");
            if (table.WhyEmpty is { } why)
                text.Append(CultureInfo.InvariantCulture, $" Empty {why}.");
            if (table is SqlView)
                text.Append(" A view.");
            text.Append("\n\n| Column | Type | Null | Meaning |\n|---|---|---|---|\n");
            foreach (SqlColumn column in table.Columns)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| `{column.Name}` | {column.Type.DataType()} | {(column.IsRequired ? "no" : "yes")} | {column.Description.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
            }

            if (table.Keys.Count == 0)
                continue;
            text.Append("\nThese conditions narrow what is read; all others are checked on every row that is:\n\n");
            foreach (ScanKey key in table.Keys)
            {
                string conditions = string.Join(", ", Conditions.Where(condition => key.Conditions.HasFlag(condition.Condition)).Select(condition => condition.Text));
                string with = key.With.Count == 0 ? "" : $", where {string.Join(" and ", key.With.Select(column => $"`{column}`"))} {(key.With.Count == 1 ? "has" : "have")} `=` or `IN` too";
                text.Append(CultureInfo.InvariantCulture, $"- `{key.Column}`: {conditions}{with}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>Names with what a row is: the list before the tables.</summary>
    public static string Contents(IReadOnlyList<SqlTable> tables)
    {
        var text = new StringBuilder("| Table | One row is | Rows here |\n|---|---|---|\n");
        foreach (SqlTable table in tables)
        {
            string anchor = table.Name.Replace(".", "", StringComparison.Ordinal);
            string rows = table.WhyEmpty is null ? "yes" : table.WhyEmpty.StartsWith("always", StringComparison.Ordinal) ? "never" : $"none {table.WhyEmpty}";
            text.Append(CultureInfo.InvariantCulture, $"| [`{table.Name}`](#{anchor}) | {char.ToLowerInvariant(table.Description[0])}{table.Description[1..]} | {rows} |\n");
        }

        return text.ToString();
    }
}
