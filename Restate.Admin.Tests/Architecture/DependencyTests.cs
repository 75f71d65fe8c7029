using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Restate.Admin.Tests.Architecture;

/// <summary>Holds the one-way rule of the design: a folder may only use the folders listed for it.</summary>
public sealed partial class DependencyTests
{
    private static readonly string Root = FindRoot();

    private static readonly Dictionary<string, string[]> StorageRules = new()
    {
        ["Types"] = [],
        ["Configuration"] = ["Types"],
        ["Encoding"] = ["Types"],
        ["Memory"] = ["Types", "Configuration"],
        ["Rocks"] = ["Types", "Configuration", "Memory"],
        ["Partitions"] = ["Types", "Configuration", "Memory", "Encoding", "Rocks"],
        ["Logs"] = ["Types", "Configuration", "Memory", "Encoding", "Rocks"],
        ["Metadata"] = ["Types", "Configuration", "Memory", "Encoding", "Rocks"],
        ["Processing"] = ["Types", "Configuration", "Memory", "Encoding", "Rocks", "Partitions", "Logs", "Metadata"],
        ["Hosting"] = ["Types", "Configuration", "Memory", "Encoding", "Rocks", "Partitions", "Logs", "Metadata", "Processing"],
    };

    private static readonly Dictionary<string, string[]> ApiRules = new()
    {
        ["Contracts"] = [],
        ["Logging"] = [],
        ["Query"] = ["Contracts"],
        ["SystemTables"] = ["Query"],
        ["Security"] = ["Contracts"],
        ["Endpoints"] = ["Contracts", "Query", "Security"],
        ["Demo"] = ["Contracts"],
        ["OpenApi"] = ["Contracts", "Endpoints", "Security"],
        ["WebConsole"] = ["Contracts", "Security"],
    };

    [Fact]
    public void Storage_folders_depend_one_way() => Check("Restate.Storage", @"Restate\.Storage\.(\w+)", StorageRules);

    [Fact]
    public void Api_folders_depend_one_way() => Check("Restate.Admin.Api", @"Restate\.Admin\.Api\.(\w+)", ApiRules);

    [Theory]
    [InlineData("RocksDbSharp", "Restate.Storage/Rocks/")]
    [InlineData("DuckDB.NET", "Restate.Admin.Api/Query/")]
    [InlineData("Apache.Arrow", "Restate.Admin.Api/Query/Output/")]
    [InlineData("Swashbuckle", "Restate.Admin.Api/OpenApi/")]
    [InlineData("Microsoft.OpenApi", "Restate.Admin.Api/OpenApi/")]
    [InlineData("Tomlyn", "Restate.Storage/Configuration/")]
    [InlineData("Microsoft.AspNetCore", "Restate.Admin.Api/")]
    public void A_package_is_named_in_its_own_folder_only(string package, string folder)
    {
        string[] strangers = [.. Sources("Restate.Storage").Concat(Sources("Restate.Admin.Api"))
            .Where(file => !file.Path.StartsWith(folder, StringComparison.Ordinal))
            .Where(file => Regex.IsMatch(file.Code, $@"(?<![\w.]){Regex.Escape(package)}\b"))
            .Select(file => file.Path)];
        Assert.Empty(strangers);
    }

    [Fact]
    public void The_query_engine_knows_no_http() =>
        Assert.DoesNotContain(
            Sources("Restate.Admin.Api/Query"), file => file.Code.Contains("Microsoft.AspNetCore", StringComparison.Ordinal));

    [Fact]
    public void Files_end_at_400_lines() =>
        Assert.Empty(new[] { "Restate.Storage", "Restate.Admin.Api", "Restate.Admin.Tests", "Restate.Admin.Benchmarks" }
            .SelectMany(Sources)
            .Where(file => file.Code.AsSpan().Count('\n') > 400)
            .Select(file => file.Path));

    private static void Check(string project, string pattern, Dictionary<string, string[]> rules)
    {
        var violations = new List<string>();
        foreach (SourceFile file in Sources(project))
        {
            string folder = file.Path[(project.Length + 1)..].Split('/')[0];
            if (folder.EndsWith(".cs", StringComparison.Ordinal))
                continue;
            if (!rules.TryGetValue(folder, out string[]? allowed))
            {
                violations.Add($"{folder}: no rule for this folder ({file.Path})");
                continue;
            }

            IEnumerable<string> used = Regex.Matches(file.Code, pattern).Select(match => match.Groups[1].Value)
                .Concat(HalfQualified().Matches(file.Code).Select(match => match.Groups[1].Value));
            violations.AddRange(used.Distinct()
                .Where(target => rules.ContainsKey(target) && target != folder && !allowed.Contains(target))
                .Select(target => $"{folder} -> {target}: {file.Path}"));
        }

        Assert.Empty(violations);
    }

    private static IEnumerable<SourceFile> Sources(string project) =>
        Directory.EnumerateFiles(Path.Combine(Root, project), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Select(path => new SourceFile(path, Comments().Replace(File.ReadAllText(Path.Combine(Root, path)), string.Empty)));

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [GeneratedRegex(@"(?<![\w.])(Configuration|Encoding(?=\.Key)|Memory|Rocks|Partitions|Logs|Metadata|Processing|Hosting|Endpoints|Query|Demo)\.[A-Z]\w*\.\w")]
    private static partial Regex HalfQualified();

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comments();

    private sealed record SourceFile(string Path, string Code);
}
