using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Restate.Admin.Api.WebConsole;
using Xunit;

namespace Restate.Admin.Tests.Api.WebConsole;

/// <summary>The files of the console, as they are in the assembly.</summary>
public sealed partial class ConsoleFilesTests
{
    private const int MaxLines = 400;

    /// <summary>SHA-256 of what the npm package uplot 1.6.32 holds.</summary>
    [Theory]
    [InlineData("vendor/uPlot.esm.js", "5dd9b3281aa64b461b42d9945f6adb2649d346502b12281a9ae0d46599a80eba")]
    [InlineData("vendor/uPlot.min.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04")]
    [InlineData("vendor/uPlot.LICENSE.txt", "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd")]
    public void The_chart_library_is_what_was_published(string name, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(ConsoleFiles.Find(name)!.Bytes.Span)));

    [Fact]
    public void Every_file_that_another_names_is_there()
    {
        var missing = new List<string>();
        foreach ((string name, string text) in Own())
        {
            foreach (string target in Imports().Matches(text).Concat(References().Matches(text)).Select(match => match.Groups[1].Value))
            {
                string folder = Path.GetDirectoryName(name)!;
                string wanted = Path.GetRelativePath("/", Path.GetFullPath(Path.Combine("/", folder, target))).Replace('\\', '/');
                if (ConsoleFiles.Find(wanted) is null)
                    missing.Add($"{name} -> {wanted}");
            }
        }

        Assert.Empty(missing);
        Assert.Contains("app.js", ConsoleFiles.Names);
    }

    /// <summary>What the server sends is text of strangers: state keys, names, errors. It must never be read as HTML or as code.</summary>
    [Fact]
    public void Nothing_parses_html_or_code()
    {
        string[] ways = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "createContextualFragment", "eval(", "new Function"];
        Assert.Empty(Own().SelectMany(file => ways.Where(way => file.Text.Contains(way, StringComparison.Ordinal)).Select(way => $"{file.Name}: {way}")));
    }

    [Fact]
    public void Nothing_is_loaded_from_elsewhere() =>
        Assert.Empty(Own().Where(file => !file.Name.EndsWith(".svg", StringComparison.Ordinal) && Elsewhere().IsMatch(file.Text)).Select(file => file.Name));

    [Fact]
    public void Files_end_at_400_lines() =>
        Assert.Empty(Own().Where(file => file.Text.AsSpan().Count('\n') > MaxLines).Select(file => file.Name));

    [Fact]
    public void The_page_finds_its_files_from_any_depth()
    {
        string plain = Encoding.UTF8.GetString(ConsoleFiles.Index(0).Bytes.Span);
        string deep = Encoding.UTF8.GetString(ConsoleFiles.Index(2).Bytes.Span);
        Assert.Contains("src=\"./app.js\"", plain, StringComparison.Ordinal);
        Assert.Contains("src=\"../../app.js\"", deep, StringComparison.Ordinal);
        Assert.DoesNotContain("\"./", deep, StringComparison.Ordinal);
        Assert.NotEqual(ConsoleFiles.Index(0).ETag, ConsoleFiles.Index(2).ETag);
    }

    private static IEnumerable<(string Name, string Text)> Own() => ConsoleFiles.Names
        .Where(name => !name.StartsWith("vendor/", StringComparison.Ordinal))
        .Select(name => (name, Encoding.UTF8.GetString(ConsoleFiles.Find(name)!.Bytes.Span)));

    [GeneratedRegex(@"^import (?:.* from )?'([^']+)';", RegexOptions.Multiline)]
    private static partial Regex Imports();

    [GeneratedRegex("(?:href|src)=\"(\\./[^\"]+)\"")]
    private static partial Regex References();

    /// <summary>An address of somebody else; the example in a form is of this machine.</summary>
    [GeneratedRegex("https?://(?!localhost)|[\"']//")]
    private static partial Regex Elsewhere();
}
