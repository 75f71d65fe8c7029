using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary><c>docs/architecture.md</c> knows every folder and every scenario.</summary>
public sealed partial class ArchitectureDocumentTests
{
    private const string Document = "architecture.md";

    [Theory]
    [InlineData("Restate.Storage")]
    [InlineData("Restate.Admin.Api")]
    public void Every_folder_is_described(string project)
    {
        string[] described = [.. GeneratedDocument.Read(Document).Rows("Folders").Select(row => row[0].Trim('`'))];
        IEnumerable<string> folders = Directory.GetDirectories(Path.Combine(Repository.Root, project)).Select(path => Path.GetFileName(path))
            .Where(folder => folder is not ("bin" or "obj") && Directory.GetFiles(Path.Combine(Repository.Root, project, folder), "*.cs", SearchOption.AllDirectories).Length > 0);
        Assert.Empty(folders.Except(described));
    }

    [Fact]
    public void The_scenarios_are_those_of_the_program() => Assert.Equal(
        Case().Matches(File.ReadAllText(Path.Combine(Repository.Root, "Restate.Admin.Benchmarks", "Program.cs"))).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal),
        GeneratedDocument.Read(Document).Rows("Scenarios").Select(row => row[0].Trim('`')).Order(StringComparer.Ordinal));

    [GeneratedRegex("case \"(\\w+)\":")]
    private static partial Regex Case();
}
