using System.Globalization;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary>The routes of <c>docs/rest.md</c> are those of the API's document.</summary>
public sealed class RestDocumentTests
{
    private const string Document = "rest.md";

    [Fact]
    public void The_routes_are_those_of_the_document() => GeneratedDocument.Read(Document).Holds("routes", Routes());

    private static string Routes()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "openapi", "admin.json")));
        ILookup<string, string> rows = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject(), (path, operation) => (
                Tag: operation.Value.GetProperty("tags")[0].GetString()!,
                Row: $"| `{operation.Name.ToUpperInvariant()} {path.Name}` | {operation.Value.GetProperty("summary").GetString()} | {Parameters(operation.Value)} |"))
            .ToLookup(route => route.Tag, route => route.Row);
        var text = new StringBuilder("| Route | What it does | Parameters |\n|---|---|---|\n");
        foreach (JsonElement tag in document.RootElement.GetProperty("tags").EnumerateArray())
        {
            string name = tag.GetProperty("name").GetString()!;
            text.Append(CultureInfo.InvariantCulture, $"| **{name}** | {tag.GetProperty("description").GetString()} | |\n");
            foreach (string row in rows[name])
                text.Append(row).Append('\n');
        }

        return text.ToString();
    }

    // Those of the path are in the path.
    private static string Parameters(JsonElement operation) => !operation.TryGetProperty("parameters", out JsonElement parameters)
        ? string.Empty
        : string.Join(", ", parameters.EnumerateArray()
            .Where(parameter => parameter.GetProperty("in").GetString() != "path")
            .Select(parameter => $"`{parameter.GetProperty("name").GetString()}`"));
}
