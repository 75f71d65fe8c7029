using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.Architecture;

/// <summary>Figures of the whole process mean something only while no other test runs: who uses them is in a collection that runs alone.</summary>
public sealed partial class ProcessFiguresTests
{
    [Fact]
    public void Tests_that_use_figures_of_the_process_run_alone()
    {
        string folder = Path.Combine(Repository.Root, "Restate.Admin.Tests");
        (string Path, string Text)[] users = [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: Path.GetRelativePath(folder, path).Replace('\\', '/'), Text: File.ReadAllText(path)))
            .Where(file => !file.Path.StartsWith("obj/", StringComparison.Ordinal) && !file.Path.StartsWith("bin/", StringComparison.Ordinal))
            .Where(file => Tests().IsMatch(file.Text) && Figures().IsMatch(file.Text))];
        Assert.NotEmpty(users);
        Assert.Empty(users.Where(file => !Alone().IsMatch(file.Text)).Select(file => file.Path));
    }

    [GeneratedRegex(@"\[(Fact|Theory)\b")]
    private static partial Regex Tests();

    // With their escapes these expressions do not match themselves.
    [GeneratedRegex(
        @"\bAllocatorMemory\.Read\b|\bRecordBuffer\.TotalBytes\b|\bLiveHandles\(\)|\bGcHeap\.UsedBytes\b|\bMemoryUsageBytes\b"
        + @"|\bRestateNode\.StartAsync\b|\bnew EngineUnderTest\(|\bnew FuzzInstance\(")]
    private static partial Regex Figures();

    [GeneratedRegex(@"^\[Collection\((QueryEngineCollection|ProcessWideCounters|EndToEndCollection|ContainerCollection)\.Name\)\]\r?$", RegexOptions.Multiline)]
    private static partial Regex Alone();
}
