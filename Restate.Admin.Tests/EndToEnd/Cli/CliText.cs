using System.Text.RegularExpressions;

namespace Restate.Admin.Tests.EndToEnd.Cli;

/// <summary>Takes out of the client's output what differs between two servers of the same kind: addresses, ids, times, hash order.</summary>
internal static partial class CliText
{
    /// <summary>Deeper than any heading: lines that start here go on with the last column of the row above.</summary>
    private const int ContinuationIndent = 40;

    /// <summary>The text without what is different by nature.</summary>
    /// <param name="text">Output or error.</param>
    /// <param name="labels">Texts of this server, and what to call them; ids and addresses.</param>
    /// <param name="unordered">True brings lists into an order.</param>
    public static string Normalize(string text, IReadOnlyDictionary<string, string> labels, bool unordered)
    {
        foreach ((string own, string label) in labels)
            text = text.Replace(own, label, StringComparison.Ordinal);
        text = DeploymentId().Replace(text, "<another deployment>");
        text = Time().Replace(text, "<time>");
        text = Duration().Replace(text, "$1<duration>");
        return unordered ? Sorted(text) : text;
    }

    /// <summary>Sorts every list: rows under their heading, blocks with what is indented under them, words in brackets, cells of more than one line.</summary>
    private static string Sorted(string text)
    {
        var root = new Node(-1, string.Empty);
        var path = new Stack<Node>([root]);
        text = Mark().Replace(WordList().Replace(text, SortedWords), "$1  $3 $2");
        foreach (string line in Gathered(text.Split('\n')))
        {
            int indent = line.Length - line.TrimStart().Length;
            while (path.Peek().Indent >= indent)
                path.Pop();
            var node = new Node(indent, line);
            path.Peek().Children.Add(node);
            path.Push(node);
        }

        return root.Text();
    }

    /// <summary>Lines that are not blank; a cell of more than one line is made one, in order.</summary>
    private static List<string> Gathered(string[] lines)
    {
        var gathered = new List<string>();
        var cells = new List<string>();
        foreach (string line in lines.Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            if (gathered.Count > 0 && line.Length - line.TrimStart().Length >= ContinuationIndent)
            {
                cells.Add(line.Trim());
                continue;
            }

            Close();
            gathered.Add(line);
        }

        Close();
        return gathered;

        void Close()
        {
            if (cells.Count > 0 && LastCell().Match(gathered[^1]) is { Success: true } row)
                gathered[^1] = row.Groups[1].Value + string.Join(", ", cells.Append(row.Groups[2].Value).Order(StringComparer.Ordinal));
            cells.Clear();
        }
    }

    private static string SortedWords(Match list) =>
        $"[{string.Join(", ", list.Groups[1].Value.Split(", ").Order(StringComparer.Ordinal))}]";

    [GeneratedRegex("dp_1[0-9a-zA-Z]{22}")]
    private static partial Regex DeploymentId();

    [GeneratedRegex(@"\w{3} \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+00:00|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")]
    private static partial Regex Time();

    [GeneratedRegex(@"(Query took )[\d.]+(ns|µs|ms|s)")]
    private static partial Regex Duration();

    [GeneratedRegex(@"\[([^\[\]\n]+, [^\[\]\n]+)\]")]
    private static partial Regex WordList();

    /// <summary>The mark of a row that comes or goes stands before it; behind it, it does not look like a heading.</summary>
    [GeneratedRegex(@"^( *)(\+\+|--)(  .*)$", RegexOptions.Multiline)]
    private static partial Regex Mark();

    [GeneratedRegex(@"^(.*\S\s{2,})(\S.*)$")]
    private static partial Regex LastCell();

    private sealed record Node(int Indent, string Line)
    {
        public List<Node> Children { get; } = [];

        /// <summary>The lines below, in order.</summary>
        public string Text() => string.Join(
            '\n', Children.Select(child => child.Children.Count == 0 ? child.Line : child.Line + '\n' + child.Text()).Order(StringComparer.Ordinal));
    }
}
