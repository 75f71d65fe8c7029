using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.EndToEnd;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary>Every command of README and <c>docs/</c>: those of a document in their order, as a shell runs them, against the node it starts.</summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class CommandTests : IDisposable
{
    /// <summary>Languages of blocks that are not commands; a block without one is what the commands above it print.</summary>
    private static readonly string[] OtherLanguages = ["", "json", "mermaid", "sql", "text", "toml", "yaml"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Documents => [.. MarkdownFile.Names.Where(name => MarkdownFile.Read(name).Blocks.Any(RunsHere))];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_command_succeeds_and_prints_what_the_document_shows(string document)
    {
        MarkdownBlock[] blocks = [.. MarkdownFile.Read(document).Blocks.Where(RunsHere)];
        if (blocks.Any(block => NamesCli().IsMatch(block.Text)))
            Installed.RequireCli();
        if (blocks.Any(block => block.Text.Contains("| jq ", StringComparison.Ordinal)))
            Installed.RequireJq();
        await using var shell = new DocumentShell(_folder.Path);
        foreach (MarkdownBlock block in blocks)
        {
            (string? failure, string printed) = await shell.RunAsync(block, Cancelled);
            failure ??= block.Output is null ? null : OutputShape.Difference(block.Output, printed);
            Assert.True(failure is null, $"{block}: {failure}\n{block.Text}\nprinted\n{printed}");
        }
    }

    [Fact]
    public void A_block_is_commands_or_what_they_print_or_says_what_else_it_is()
    {
        List<string> strangers = [];
        foreach (MarkdownFile file in MarkdownFile.Names.Select(MarkdownFile.Read))
        {
            HashSet<MarkdownBlock> outputs = [.. file.Blocks.Select(block => block.Output).OfType<MarkdownBlock>()];
            strangers.AddRange(file.Blocks
                .Where(block => !block.IsCommands && (!OtherLanguages.Contains(block.Language) || (block.Language.Length == 0 && !outputs.Contains(block))))
                .Select(block => $"{block}: language '{block.Language}'"));
        }

        Assert.Empty(strangers);
    }

    [Fact]
    public void What_runs_elsewhere_is_named_once_and_the_tests_that_run_it_exist()
    {
        MarkdownBlock[] blocks = [.. MarkdownFile.Names.SelectMany(name => MarkdownFile.Read(name).Blocks).Where(block => block.IsCommands)];
        Assert.All(RunElsewhere.All, elsewhere => Assert.True(
            blocks.Any(elsewhere.Covers), $"no document has commands that {elsewhere.First} stands for"));
        Assert.All(blocks, block => Assert.InRange(RunElsewhere.All.Count(elsewhere => elsewhere.Covers(block)), 0, 1));
    }

    private static bool RunsHere(MarkdownBlock block) => block.IsCommands && !RunElsewhere.All.Any(elsewhere => elsewhere.Covers(block));

    [GeneratedRegex(@"(^|\s)(restate|npx) ")]
    private static partial Regex NamesCli();
}
