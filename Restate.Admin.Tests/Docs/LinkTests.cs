using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary>Links of the documents lead somewhere, and so do those to the runbook from everywhere else.</summary>
public sealed partial class LinkTests
{
    /// <summary>Where files may name a part of the runbook: rules of alerts, dashboards, sources.</summary>
    private static readonly string[] Folders = ["deploy", "dashboards", "docs", "Restate.Admin.Api", "Restate.Storage"];

    private static readonly string[] TextFiles = [".md", ".yml", ".yaml", ".json", ".cs", ".ts", ".js", ".html"];

    public static TheoryData<string> Documents => [.. MarkdownFile.Names];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_leads_to_a_file_and_a_heading(string document)
    {
        List<string> broken = [];
        foreach (MarkdownLink link in MarkdownFile.Read(document).Links.Where(link => !link.Target.Contains("://", StringComparison.Ordinal)))
        {
            string[] parts = link.Target.Split('#', 2);
            string target = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0]);
            target = Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, target)));
            string path = Path.Combine(Repository.Root, target);
            if (target.StartsWith("..", StringComparison.Ordinal) || !Path.Exists(path))
                broken.Add($"{document}:{link.Line}: {link.Target}: no such file");
            else if (parts.Length == 2 && !MarkdownFile.Read(target).Anchors.Contains(parts[1]))
                broken.Add($"{document}:{link.Line}: {link.Target}: no such heading");
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_page_is_reached_from_the_README()
    {
        HashSet<string> reached = [];
        var next = new Queue<string>(["README.md"]);
        while (next.TryDequeue(out string? name))
        {
            if (!reached.Add(name))
                continue;
            foreach (string target in MarkdownFile.Read(name).Links.Select(link => link.Target.Split('#')[0]).Where(target => target.EndsWith(".md", StringComparison.Ordinal) && !target.Contains(':')))
                next.Enqueue(Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(name)!, target))));
        }

        Assert.Empty(MarkdownFile.Names.Except(reached));
    }

    [Fact]
    public void Whatever_names_a_part_of_the_runbook_names_one_that_exists()
    {
        IReadOnlySet<string> anchors = MarkdownFile.Read("docs/runbook.md").Anchors;
        IEnumerable<string> files = Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories))
            .Where(path => TextFiles.Contains(Path.GetExtension(path)) && !BuildFolder().IsMatch(path));
        Assert.Empty(files.SelectMany(path => RunbookLink().Matches(File.ReadAllText(path))
            .Select(match => match.Groups["anchor"].Value)
            .Where(anchor => !anchors.Contains(anchor))
            .Select(anchor => $"{Path.GetRelativePath(Repository.Root, path)}: runbook.md#{anchor}")));
    }

    [GeneratedRegex(@"runbook\.md#(?<anchor>[a-z0-9-]+)")]
    private static partial Regex RunbookLink();

    [GeneratedRegex(@"[/\\](bin|obj|node_modules)[/\\]")]
    private static partial Regex BuildFolder();
}
