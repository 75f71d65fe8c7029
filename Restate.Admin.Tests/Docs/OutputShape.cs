using System.Text.Json;
using System.Text.RegularExpressions;

namespace Restate.Admin.Tests.Docs;

/// <summary>Compares what a document shows with what a command printed: figures, times and ids differ from run to run, the rest may not.</summary>
internal static partial class OutputShape
{
    /// <summary>Stands in a document for whatever is there.</summary>
    private const char Elision = '…';

    /// <summary>Why the two have different shapes, or null.</summary>
    /// <param name="shown">The block of the document.</param>
    /// <param name="printed">What was printed.</param>
    public static string? Difference(MarkdownBlock shown, string printed)
    {
        if (shown.Language == "json")
        {
            using JsonDocument wanted = JsonDocument.Parse(shown.Text);
            using JsonDocument actual = JsonDocument.Parse(printed);
            return Difference(wanted.RootElement, actual.RootElement, "$");
        }

        // The lines shown are lines that were printed, in their order; a line of an elision alone stands for any number of them.
        string[] lines = printed.Split('\n');
        int next = 0;
        foreach (string line in shown.Text.Split('\n').Where(line => line.Trim(' ', Elision).Length > 0))
        {
            var wanted = new Regex("^" + string.Join(".*", Normalize(line).Split(Elision).Select(Regex.Escape)) + "$");
            int found = Array.FindIndex(lines, next, printedLine => wanted.IsMatch(Normalize(printedLine)));
            if (found < 0)
                return $"no line like '{line.Trim()}' in what follows\n{string.Join('\n', lines.Skip(next))}";
            next = found + 1;
        }

        return null;
    }

    // What the document shows must be there with the same type; it may leave members out, and shows one element of a list for all.
    private static string? Difference(JsonElement wanted, JsonElement actual, string path)
    {
        if (wanted.ValueKind == JsonValueKind.Null || actual.ValueKind == JsonValueKind.Null)
            return null;
        if (KindOf(wanted) != KindOf(actual))
            return $"{path} is {KindOf(actual)}, the document shows {KindOf(wanted)}";
        switch (wanted.ValueKind)
        {
            case JsonValueKind.Object:
                return wanted.EnumerateObject()
                    .Select(member => actual.TryGetProperty(member.Name, out JsonElement value)
                        ? Difference(member.Value, value, $"{path}.{member.Name}")
                        : $"{path} has no member {member.Name}")
                    .FirstOrDefault(difference => difference is not null);
            case JsonValueKind.Array when wanted.GetArrayLength() > 0:
                string[] differences = [.. actual.EnumerateArray().Select(element => Difference(wanted[0], element, path + "[]") ?? string.Empty)];
                return differences.Contains(string.Empty) ? null : differences.FirstOrDefault() ?? $"{path} is empty";
            default:
                return null;
        }
    }

    private static JsonValueKind KindOf(JsonElement element) => element.ValueKind == JsonValueKind.False ? JsonValueKind.True : element.ValueKind;

    private static string Normalize(string line) => Spaces().Replace(Rule().Replace(Size().Replace(Number().Replace(Id().Replace(line, "ID"), "0"), "0"), "-"), " ").Trim();

    [GeneratedRegex(@"\b(dp|inv|sub|prot)_[0-9A-Za-z]+|\brst_[0-9a-z…]+|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b|\b\d{4}-\d\d-\d\d[T ][\d:.]+Z?\b")]
    private static partial Regex Id();

    [GeneratedRegex(@"-?\d[\d.,:]*")]
    private static partial Regex Number();

    [GeneratedRegex(@"0 ([KMGT]i)?B\b|\b0\s?(µs|ms|s|m|h)\b")]
    private static partial Regex Size();

    [GeneratedRegex("[-─]{2,}")]
    private static partial Regex Rule();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
