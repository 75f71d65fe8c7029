using System.Text.RegularExpressions;

namespace Restate.Admin.Tests.Dashboards;

/// <summary>What a PromQL expression asks for.</summary>
/// <param name="Metrics">Names of metrics, each with the labels its matchers name.</param>
/// <param name="Labels">Labels of <c>by</c>, <c>without</c>, <c>on</c> and <c>ignoring</c>.</param>
internal sealed record PromQl(IReadOnlyList<(string Metric, IReadOnlyList<string> Labels)> Metrics, IReadOnlyList<string> Labels)
{
    private static readonly string[] Words = ["and", "or", "unless", "bool", "offset"];
    private static readonly string[] Groupings = ["by", "without", "on", "ignoring", "group_left", "group_right"];

    private static readonly Regex Token = new(
        """"(?<space>\s+)|(?<string>"(\\.|[^"\\])*")|(?<range>\[[^\]]*\])|(?<name>[a-zA-Z_:][\w:]*)|(?<number>\d[\d.]*(e[+-]?\d+)?)|(?<sign>=~|!~|!=|==|>=|<=|[-+*/%^<>=(){},])"""",
        RegexOptions.ExplicitCapture);

    /// <summary>Takes an expression apart.</summary>
    /// <exception cref="FormatException">It has a character that PromQL has not.</exception>
    public static PromQl Parse(string expression)
    {
        List<(string Kind, string Text)> tokens = Tokens(expression);
        var metrics = new List<(string, IReadOnlyList<string>)>();
        var labels = new List<string>();
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind != "name" || Words.Contains(tokens[i].Text))
                continue;
            string next = i + 1 < tokens.Count ? tokens[i + 1].Text : string.Empty;
            if (Groupings.Contains(tokens[i].Text))
                labels.AddRange(NamesUpTo(")", tokens, ref i));
            else if (next == "{")
                metrics.Add((tokens[i].Text, NamesUpTo("}", tokens, ref i)));
            else if (next != "(" && !(next is "by" or "without"))
                metrics.Add((tokens[i].Text, []));
        }

        return new PromQl(metrics, labels);
    }

    private static string[] NamesUpTo(string end, List<(string Kind, string Text)> tokens, ref int index)
    {
        int first = index + 1;
        int last = tokens.FindIndex(first, token => token.Text == end);
        if (last < 0)
            throw new FormatException($"no '{end}' after '{tokens[index].Text}'");
        index = last;
        return [.. tokens[first..last].Where(token => token.Kind == "name").Select(token => token.Text)];
    }

    private static List<(string Kind, string Text)> Tokens(string expression)
    {
        var tokens = new List<(string, string)>();
        for (int at = 0; at < expression.Length;)
        {
            Match match = Token.Match(expression, at);
            if (!match.Success || match.Index != at)
                throw new FormatException($"'{expression}' is not PromQL at position {at}");
            at += match.Length;
            Group group = match.Groups.Values.Skip(1).Single(group => group.Success);
            if (group.Name != "space")
                tokens.Add((group.Name, match.Value));
        }

        return tokens;
    }
}
