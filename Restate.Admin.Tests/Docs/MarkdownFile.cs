using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Tests.Docs;

/// <summary>A block between fences.</summary>
/// <param name="File">The file it is in.</param>
/// <param name="Line">Line of its first fence, from 1.</param>
/// <param name="Language">The word behind the first fence; empty where there is none.</param>
/// <param name="Text">Its lines without the indentation of the fence, each with its end.</param>
internal sealed record MarkdownBlock(string File, int Line, string Language, string Text)
{
    /// <summary>For a block of commands: what the document says they print, or null.</summary>
    public MarkdownBlock? Output { get; init; }

    /// <summary>True for commands of a shell.</summary>
    public bool IsCommands => Language == "sh";

    public override string ToString() => $"{File}:{Line}";
}

/// <summary>A link or a picture.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Target">What it leads to.</param>
internal sealed record MarkdownLink(int Line, string Target);

/// <summary>A document for people, taken apart.</summary>
internal sealed partial class MarkdownFile
{
    /// <summary>A block without a language, or of JSON, is what the commands before it print.</summary>
    private static readonly string[] OutputLanguages = [string.Empty, "json"];

    private MarkdownFile(string name, string text)
    {
        Name = name;
        Text = text;
        string[] lines = text.Split('\n');
        bool[] inBlock = new bool[lines.Length];
        Blocks = WithOutputs(ReadBlocks(name, lines, inBlock), lines);
        (int Number, string Text)[] prose = [.. lines.Select((line, index) => (index + 1, line)).Where(line => !inBlock[line.Item1 - 1])];
        Anchors = ReadAnchors(prose.Select(line => line.Text));
        Links = [.. prose.SelectMany(line => Link().Matches(InlineCode().Replace(line.Text, string.Empty))
            .Select(match => new MarkdownLink(line.Number, match.Groups["target"].Value)))];
    }

    /// <summary>Path from the root of the repository.</summary>
    public string Name { get; }

    public string Text { get; }

    public IReadOnlyList<MarkdownBlock> Blocks { get; }

    /// <summary>What can stand behind <c>#</c> in a link to this file.</summary>
    public IReadOnlySet<string> Anchors { get; }

    public IReadOnlyList<MarkdownLink> Links { get; }

    /// <summary>README and every page of <c>docs/</c>.</summary>
    public static IEnumerable<string> Names =>
    [
        "README.md",
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(path => "docs/" + Path.GetFileName(path)).Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads a file of the repository.</summary>
    public static MarkdownFile Read(string name) => Parse(name, File.ReadAllText(Path.Combine(Repository.Root, name)));

    /// <summary>Takes a text apart.</summary>
    /// <exception cref="FormatException">A fence is not closed.</exception>
    public static MarkdownFile Parse(string name, string text) => new(name, text.ReplaceLineEndings("\n"));

    private static List<MarkdownBlock> ReadBlocks(string name, string[] lines, bool[] inBlock)
    {
        List<MarkdownBlock> blocks = [];
        for (int i = 0; i < lines.Length; i++)
        {
            Match fence = Fence().Match(lines[i]);
            if (!fence.Success)
                continue;
            int start = i;
            string indent = fence.Groups["indent"].Value;
            string text = string.Empty;
            inBlock[i] = true;
            for (i++; i < lines.Length && lines[i].Trim() != "```"; i++)
            {
                inBlock[i] = true;
                text += (lines[i].StartsWith(indent, StringComparison.Ordinal) ? lines[i][indent.Length..] : lines[i]) + "\n";
            }

            if (i == lines.Length)
                throw new FormatException($"{name}:{start + 1}: the fence is not closed");
            inBlock[i] = true;
            var block = new MarkdownBlock(name, start + 1, fence.Groups["language"].Value, text);
            blocks.Add(block.Language == "console" ? OfConsole(block) : block);
        }

        return blocks;
    }

    // Commands behind a prompt, and what they print below them.
    private static MarkdownBlock OfConsole(MarkdownBlock block)
    {
        (string commands, string output) = (string.Empty, string.Empty);
        bool continued = false;
        foreach (string line in block.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            bool prompted = line.StartsWith("$ ", StringComparison.Ordinal);
            if (continued || prompted)
                commands += (prompted ? line[2..] : line) + "\n";
            else
                output += line + "\n";
            continued = (continued || prompted) && line.EndsWith('\\');
        }

        return block with { Language = "sh", Text = commands, Output = output.Length == 0 ? null : block with { Language = string.Empty, Text = output } };
    }

    // Between commands and their output there is no heading and no other block.
    private static List<MarkdownBlock> WithOutputs(List<MarkdownBlock> blocks, string[] lines)
    {
        for (int i = 1; i < blocks.Count; i++)
        {
            (MarkdownBlock commands, MarkdownBlock output) = (blocks[i - 1], blocks[i]);
            bool sameSection = !lines[commands.Line..(output.Line - 1)].Skip(commands.Text.Count(character => character == '\n') + 1)
                .Any(line => line.StartsWith('#'));
            if (commands.IsCommands && commands.Output is null && sameSection && OutputLanguages.Contains(output.Language))
                blocks[i - 1] = commands with { Output = output };
        }

        return blocks;
    }

    // As GitHub makes them: lower case, without signs, hyphens for spaces, numbered where they repeat.
    private static HashSet<string> ReadAnchors(IEnumerable<string> prose)
    {
        HashSet<string> anchors = [];
        foreach (string line in prose)
        {
            if (Heading().Match(line) is { Success: true } heading)
            {
                string slug = NotInSlug().Replace(heading.Groups["title"].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-');
                string anchor = slug;
                for (int repeat = 1; !anchors.Add(anchor); repeat++)
                    anchor = $"{slug}-{repeat}";
            }

            foreach (Match id in AnchorTag().Matches(line))
                anchors.Add(id.Groups["id"].Value);
        }

        return anchors;
    }

    [GeneratedRegex("^(?<indent> *)```(?<language>[a-z]*)$")]
    private static partial Regex Fence();

    [GeneratedRegex("^#{1,6} (?<title>.*)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInSlug();

    [GeneratedRegex("<a id=\"(?<id>[^\"]+)\">")]
    private static partial Regex AnchorTag();

    [GeneratedRegex("`+[^`]*`+")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
