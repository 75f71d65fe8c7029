using System.Globalization;
using System.Text.Json;
using Restate.Admin.Api.Query.Interop;
using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>
/// Finds what an explained plan says about each mention of a partitioned table. Only filters that stand directly above a scan
/// count, and of them only plain comparisons of a stored column with literals; the rest is left to the filter itself.
/// </summary>
internal sealed class PlanReader
{
    private readonly string _prefix;
    private readonly Dictionary<string, string> _columns;
    private readonly Dictionary<int, KeyCondition> _mentions = [];

    private PlanReader(TableFunctions functions, SqlTable table)
    {
        _prefix = functions.FunctionName(table) + "_";
        _columns = table.Columns.ToDictionary(functions.ColumnName, column => column.Name, StringComparer.Ordinal);
    }

    /// <summary>Reads a plan.</summary>
    /// <param name="plan">Output of <c>EXPLAIN (FORMAT JSON)</c>.</param>
    /// <param name="functions">Gives the names in it.</param>
    /// <param name="table">The table whose mentions are wanted.</param>
    /// <returns>For every mention in the plan what its rows must meet.</returns>
    internal static IReadOnlyDictionary<int, KeyCondition> Read(string plan, TableFunctions functions, SqlTable table)
    {
        var reader = new PlanReader(functions, table);
        using JsonDocument document = JsonDocument.Parse(plan, new JsonDocumentOptions { MaxDepth = 10_000 });
        reader.Walk(document.RootElement, filters: []);
        return reader._mentions;
    }

    private void Walk(JsonElement element, IReadOnlyList<JsonElement> filters)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                Walk(item, filters);
            return;
        }

        string name = (element.GetProperty("name").GetString() ?? "").Trim();
        if (name.StartsWith(_prefix, StringComparison.OrdinalIgnoreCase)
            && int.TryParse(name.AsSpan(_prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int mention))
        {
            // A mention that is in the plan twice was copied, and what holds for one copy need not hold for the other.
            bool isUnique = mention < TableFunctions.MaxMentions - 1 && !_mentions.ContainsKey(mention);
            _mentions[mention] = isUnique ? ConditionParser.Parse(filters.SelectMany(Expressions), _columns) : KeyCondition.None;
        }

        bool isFilter = name == "FILTER";
        if (element.TryGetProperty("children", out JsonElement children))
            Walk(children, isFilter ? [.. filters, element] : []);
    }

    private static IEnumerable<string> Expressions(JsonElement filter)
    {
        if (!filter.TryGetProperty("extra_info", out JsonElement info))
            yield break;
        foreach (JsonProperty property in info.EnumerateObject())
        {
            if (property.Name is not ("Expression" or "Expressions" or "__expression__"))
                continue;
            if (property.Value.ValueKind == JsonValueKind.String)
            {
                yield return property.Value.GetString()!;
            }
            else if (property.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in property.Value.EnumerateArray())
                {
                    if (item.ValueKind == JsonValueKind.String)
                        yield return item.GetString()!;
                }
            }
        }
    }
}
