using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Tests.Api.Query;

namespace Restate.Admin.Tests.Docs;

/// <summary>The functions of <c>docs/sql.md</c>, made of the allow-list; what a function works on is what DuckDB says of its types.</summary>
internal static partial class SqlFunctionsText
{
    private const string Other = "Other";

    /// <summary>The first whose pattern a name, or else the types of a function, match is its group.</summary>
    private static readonly (string Heading, Regex? Name, Regex? Types)[] Groups =
    [
        ("JSON", JsonName(), null),
        ("Patterns", PatternName(), null),
        ("Hashes, ids and the rest", OtherName(), null),
        ("Numbers", NumberName(), null),
        ("Text and bytes", TextName(), null),
        ("Time", TimeName(), TimeType()),
        ("Lists, structs and maps", ListName(), ListType()),
        ("Text and bytes", null, TextType()),
        ("Numbers", null, NumberType()),
    ];

    private static readonly string[] Headings =
        [.. Groups.Select(group => group.Heading).Distinct().Order(StringComparer.Ordinal), Other, "Aggregates", "Aggregates that collect", "Window functions"];

    public static string Write(IEnumerable<KeyValuePair<string, FunctionRule>> functions, IReadOnlyList<CatalogueFunction> catalogue)
    {
        Dictionary<string, string> types = catalogue.ToDictionary(function => function.Name, function => function.Types);
        ILookup<string, KeyValuePair<string, FunctionRule>> groups = functions.ToLookup(function => HeadingOf(function.Key, function.Value, types));
        var text = new StringBuilder();
        foreach (string heading in Headings.Where(groups.Contains))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {heading}\n\n");
            foreach (IGrouping<string, string> bound in groups[heading].OrderBy(function => function.Value.Growth).ThenBy(function => function.Value.Factor)
                .GroupBy(function => BoundOf(function.Value), function => function.Key))
            {
                text.Append(CultureInfo.InvariantCulture, $"- {bound.Key}: {string.Join(", ", bound.Order(StringComparer.Ordinal).Select(Code))}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>A function in the words of a person who asks how large its answer may become.</summary>
    internal static string BoundOf(FunctionRule rule)
    {
        string growth = rule.Growth switch
        {
            Growth.Fixed => "small results",
            Growth.Same => "no larger than the largest argument",
            Growth.Sum when rule.Factor == 1 => "as large as all arguments together",
            Growth.Sum => string.Create(CultureInfo.InvariantCulture, $"up to {rule.Factor} times all arguments together"),
            Growth.Product => "up to the product of the arguments' sizes",
            Growth.Lists => "small results, and of lists both together",
            Growth.Collected => "of any size, so that nothing that grows may be made of it",
            _ => throw new InvalidOperationException($"{rule.Growth} has no words"),
        };
        string arguments = rule.MaxArguments == int.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $"; {rule.MaxArguments} argument{(rule.MaxArguments == 1 ? "" : "s")} at most");
        string cost = rule.Cost switch
        {
            FunctionCost.Linear => "",
            FunctionCost.Pattern => "; the pattern is a literal that can be matched without going back",
            FunctionCost.Regexp => "; the pattern is a literal",
            FunctionCost.Path => "; the path is a literal, a list of literals, or made of a column, and `*` in it counts 17 times",
            FunctionCost.Search => "; not a large value in a large one",
            _ => throw new InvalidOperationException($"{rule.Cost} has no words"),
        };
        return growth + arguments + cost;
    }

    private static string HeadingOf(string name, FunctionRule rule, Dictionary<string, string> types)
    {
        if (rule.Use == FunctionUse.Window)
            return "Window functions";
        if (rule.Use.HasFlag(FunctionUse.Aggregate))
            return rule.Use.HasFlag(FunctionUse.Window) ? "Aggregates" : "Aggregates that collect";
        string signature = types.GetValueOrDefault(name, "");
        return Groups.Where(group => (group.Name?.IsMatch(name) ?? false) || (group.Types?.IsMatch(signature) ?? false))
            .Select(group => group.Heading).FirstOrDefault() ?? Other;
    }

    // A bar ends a cell of a table even within code; here it is none, but a reader may make one of it.
    private static string Code(string name) => name.Contains('`', StringComparison.Ordinal) ? $"`` {name} ``" : $"`{name}`";

    [GeneratedRegex("json|^->>?$")]
    private static partial Regex JsonName();

    [GeneratedRegex("^regexp_|like|~|regex|glob|similar")]
    private static partial Regex PatternName();

    [GeneratedRegex("^(md5|sha|hash$|uuid|gen_random_uuid|random$|typeof$|pg_typeof$|version$)")]
    private static partial Regex OtherName();

    [GeneratedRegex("^(to_(centuries|days|decades|hours|microseconds|millennia|milliseconds|minutes|months|quarters|seconds|weeks|years)|epoch|today|now|current_|ago$|date_add$|days_in_month$)")]
    private static partial Regex TimeName();

    [GeneratedRegex("^(list_|array_|struct_|map|unnest$|flatten$|row$|cardinality$|@>$|<@$|&&$|<->$|<=>$)")]
    private static partial Regex ListName();

    [GeneratedRegex(@"^([-+*/%&|@!^]|//|\*\*|<<|>>|greatest|least|nullif|add|subtract|multiply|divide|mod|fdiv|fmod|bit_count|is(finite|inf|nan)|round.*|format.*size|format_bytes|parse_formatted_bytes)$")]
    private static partial Regex NumberName();

    [GeneratedRegex(@"^(\|\||concat|concat_ws|contains|length|len|char(acter)?_length|reverse|split|str_split|string_split|string_to_array|split_part)$")]
    private static partial Regex TextName();

    [GeneratedRegex("DATE|TIME|INTERVAL")]
    private static partial Regex TimeType();

    [GeneratedRegex(@"\[\]|STRUCT|MAP|LIST")]
    private static partial Regex ListType();

    [GeneratedRegex("VARCHAR|BLOB")]
    private static partial Regex TextType();

    [GeneratedRegex("INT|DOUBLE|FLOAT|DECIMAL")]
    private static partial Regex NumberType();
}
