using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Api.Query;
using Restate.Admin.Tests.EndToEnd;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary><c>docs/sql.md</c> against the allow-list, its limits against the gate's, and its examples against a node with state.</summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class SqlDocumentTests : IDisposable
{
    internal const string Document = "sql.md";

    private const int LeastExamples = 12;

    /// <summary>The history has its first sample after ten seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static string[] Examples => [.. Example().Matches(GeneratedDocument.Read(Document).Text).Select(block => block.Groups[1].Value.Trim())];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_functions_are_those_of_the_allow_list() => GeneratedDocument.Read(Document)
        .Holds("functions", SqlFunctionsText.Write(FunctionList.All, FunctionCatalogue.Read()));

    [Fact]
    public void The_limits_are_those_of_the_gate() => GeneratedDocument.Read(Document).Holds("limits", SqlLimitsText.Write());

    [Fact]
    public void The_differences_are_those_that_are_compared() =>
        GeneratedDocument.Read(Document).Holds("differences", SqlDifferencesText.Write());

    [Fact]
    public async Task Every_example_gives_rows()
    {
        string[] examples = Examples;
        Assert.True(examples.Length >= LeastExamples, $"docs/{Document} has {examples.Length} examples");
        await using ScriptedEndpoint service = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest);
        await using ServerProcess node = await ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled, "--default-num-partitions", "2");
        await node.Admin.RegisterAsync(new Uri(service.Uri), Cancelled);
        for (int i = 1; i <= 3; i++)
            await node.Admin.PostStateAsync(State(i), Cancelled);
        while (await node.Sql.CountAsync(Cancelled) < 6)
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancelled);
        foreach (string example in examples)
        {
            long started = Stopwatch.GetTimestamp();
            JsonElement[] rows = await node.Sql.RowsAsync(example, Cancelled);
            while (rows.Length == 0 && Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), Cancelled);
                rows = await node.Sql.RowsAsync(example, Cancelled);
            }

            Assert.True(rows.Length > 0, $"docs/{Document}: no rows for\n{example}");
        }
    }

    [Fact]
    public void Every_example_is_a_request_in_the_http_file()
    {
        HashSet<string> sent = [.. HttpFile.Read(Path.Combine(Repository.Root, "http", "query.http")).Requests
            .Where(request => request.Url.EndsWith("/query", StringComparison.Ordinal))
            .Select(request => request.Body)
            .Where(body => body is not null && body.Contains("\"query\"", StringComparison.Ordinal))
            .Select(body => OneLine(JsonDocument.Parse(body!).RootElement.GetProperty("query").GetString()!))];
        Assert.Empty(Examples.Select(OneLine).Except(sent));
    }

    private static byte[] State(int number)
    {
        string order = Bytes($$"""{"total":{{number * 10}},"currency":"EUR"}""");
        return Encoding.UTF8.GetBytes($$"""{"object_key":"obj-{{number}}","new_state":{"count":{{Bytes($"{number}")}},"order":{{order}}} }""");
    }

    private static string Bytes(string text) => $"[{string.Join(',', Encoding.UTF8.GetBytes(text))}]";

    private static string OneLine(string text) => Spaces().Replace(text, " ").Trim();

    [GeneratedRegex("^```sql\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
