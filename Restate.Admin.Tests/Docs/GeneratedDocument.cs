using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary>A document of <c>docs/</c> with parts that a test computes: between <c>&lt;!-- generated: name --&gt;</c> and <c>&lt;!-- end --&gt;</c>.</summary>
internal sealed partial class GeneratedDocument
{
    private const string UpdateVariable = "UPDATE_DOCS";

    private readonly string _path;

    private GeneratedDocument(string path, string text)
    {
        _path = path;
        Text = text;
    }

    /// <summary>The whole text.</summary>
    public string Text { get; private set; }

    /// <summary>Names of the generated parts.</summary>
    public IEnumerable<string> Parts => Part().Matches(Text).Select(match => match.Groups["name"].Value);

    public static GeneratedDocument Read(string name)
    {
        string path = Path.Combine(Repository.Root, "docs", name);
        return new GeneratedDocument(path, File.ReadAllText(path).ReplaceLineEndings("\n"));
    }

    /// <summary>Fails unless a part is exactly what it is computed to be. With the variable UPDATE_DOCS=1 it is written instead.</summary>
    public void Holds(string part, string content)
    {
        Match match = Part().Matches(Text).SingleOrDefault(match => match.Groups["name"].Value == part)
            ?? throw new InvalidDataException($"{_path} has no part <!-- generated: {part} -->");
        string wanted = content.Trim('\n');
        if (match.Groups["content"].Value.Trim('\n') == wanted)
            return;
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Text = string.Concat(Text.AsSpan(0, match.Groups["content"].Index), "\n" + wanted + "\n", Text.AsSpan(match.Groups["content"].Index + match.Groups["content"].Length));
            File.WriteAllText(_path, Text);
            return;
        }

        string[] written = match.Groups["content"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] computed = wanted.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Fail(
            $"docs/{Path.GetFileName(_path)}, part '{part}', is not what the program says. Lines that should not be there:\n"
            + string.Join('\n', written.Except(computed)) + "\nLines that should:\n" + string.Join('\n', computed.Except(written))
            + $"\nWrite it anew: {UpdateVariable}=1 dotnet test --project Restate.Admin.Tests -- --filter-namespace \"*Tests.Docs\"");
    }

    /// <summary>The rows of the tables below a heading of the second level, without the lines of their heads.</summary>
    public IReadOnlyList<string[]> Rows(string heading)
    {
        string[] lines = [.. Text.Split('\n').SkipWhile(line => line != "## " + heading).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))];
        return [.. lines.Where((line, index) => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal)
                && (index + 1 == lines.Length || !lines[index + 1].StartsWith("|---", StringComparison.Ordinal)))
            .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries))];
    }

    [GeneratedRegex(@"<!-- generated: (?<name>[a-z0-9-]+) -->(?<content>.*?)<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Part();
}
