using System.Globalization;
using System.Text;
using System.Text.Json;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>Writes an explained plan for people: an operator a line, those it reads from below it, and what each scan of state visits.</summary>
internal sealed class ExplainedPlan
{
    private const int MaxDepth = 10_000;

    /// <summary>Deeper operators are not indented further, or a plan's text would grow with the square of its depth.</summary>
    private const int MaxIndent = 40;

    /// <summary>What DuckDB says beside the name; the rest (a function's name again, threads) says nothing to whoever wrote the query.</summary>
    private static readonly string[] Shown =
    [
        "Expression", "Projections", "Expressions", "__expression__", "Join Type", "Conditions", "Groups", "Aggregates", "Order By", "Top",
        "Limit", "Offset", "CTE Name", "__projections__",
    ];

    private readonly TableFunctions _functions;
    private readonly string? _scanPrefix;
    private readonly Func<int, string> _scan;
    private readonly StringBuilder _text = new();

    private ExplainedPlan(TableFunctions functions, string? scanPrefix, Func<int, string> scan)
    {
        _functions = functions;
        _scanPrefix = scanPrefix;
        _scan = scan;
    }

    /// <summary>Writes a plan.</summary>
    /// <param name="plan">Output of <c>EXPLAIN (FORMAT JSON)</c>, or with ANALYZE.</param>
    /// <param name="functions">Gives the names in it.</param>
    /// <param name="scanPrefix">How names of scans of state start, before the number of the mention; null: there are none.</param>
    /// <param name="scan">What a mention visits.</param>
    internal static string Write(string plan, TableFunctions functions, string? scanPrefix, Func<int, string> scan)
    {
        using JsonDocument document = JsonDocument.Parse(plan, new JsonDocumentOptions { MaxDepth = MaxDepth });
        var writer = new ExplainedPlan(functions, scanPrefix, scan);
        writer.Operator(document.RootElement, depth: 0);
        return writer._text.ToString();
    }

    private void Operator(JsonElement element, int depth)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                Operator(item, depth);
            return;
        }

        // With ANALYZE there is a head without a name, and the EXPLAIN itself as an operator.
        string name = Name(element);
        bool isShown = name.Length > 0 && name != "EXPLAIN_ANALYZE";
        if (isShown)
        {
            _text.Append(' ', 2 * Math.Min(depth, MaxIndent));
            bool isScan = Mention(name) is { } mention && Append($"state: {_scan(mention)}");
            if (!isScan)
                Append(_functions.IsInner(name) ? _functions.Visible(name).ToLowerInvariant() : name);
            if (element.TryGetProperty("extra_info", out JsonElement info) && info.ValueKind == JsonValueKind.Object)
                Details(info, isScan);
            Figures(element);
            _text.Append('\n');
        }

        if (element.TryGetProperty("children", out JsonElement children))
            Operator(children, isShown ? depth + 1 : depth);
    }

    private void Details(JsonElement info, bool isScan)
    {
        string separator = isScan ? "; columns " : ": ";
        foreach (JsonProperty property in info.EnumerateObject())
        {
            if (!Shown.Contains(property.Name) || Values(property.Value) is not { Length: > 0 } text)
                continue;
            Append($"{separator}{_functions.Visible(text)}");
            separator = "; ";
        }
    }

    private void Figures(JsonElement element)
    {
        if (!element.TryGetProperty("operator_cardinality", out JsonElement rows) || !element.TryGetProperty("operator_timing", out JsonElement seconds))
            return;
        Append(string.Create(CultureInfo.InvariantCulture, $" [rows {rows.GetInt64()}, {seconds.GetDouble() * 1000:0.###} ms]"));
    }

    private int? Mention(string name) =>
        _scanPrefix is not null && name.StartsWith(_scanPrefix, StringComparison.OrdinalIgnoreCase)
        && int.TryParse(name.AsSpan(_scanPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int mention)
            ? mention
            : null;

    private bool Append(string text)
    {
        _text.Append(text);
        return true;
    }

    private static string Name(JsonElement element)
    {
        foreach (string property in (ReadOnlySpan<string>)["name", "operator_name"])
        {
            if (element.TryGetProperty(property, out JsonElement name) && name.ValueKind == JsonValueKind.String)
                return name.GetString()!.Trim();
        }

        return "";
    }

    private static string Values(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Values)),
        _ => value.GetRawText(),
    };
}
