using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Benchmarks.Fuzz;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>Statements made at random: the gate refuses or passes and nothing else, and what it passes is harmless.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class FuzzTests
{
    /// <summary>Bounds the class on a slow machine; a fast one reaches the numbers below sooner.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    /// <summary>The same statements at every run, so that a failure is one of the change under test; the <c>fuzz</c> scenario draws others.</summary>
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("FUZZ_SEED") ?? "1", CultureInfo.InvariantCulture);

    private static readonly QueryFailure[] Expected =
        [QueryFailure.Invalid, QueryFailure.Deadline, QueryFailure.TooLarge, QueryFailure.OutOfMemory];

    [Fact]
    public void What_the_gate_passes_names_nothing_but_listed_functions_and_known_tables()
    {
        int seed = Seed;
        using var instance = new FuzzInstance();
        var tables = new Dictionary<string, int> { ["state"] = 9, ["sys_service"] = 5, ["sys_queries"] = 10 };
        var generator = new StatementGenerator(seed, instance.Functions, FuzzInstance.Allowed);
        long started = Stopwatch.GetTimestamp();
        int passed = 0;
        for (int number = 0; number < 3000 && Stopwatch.GetElapsedTime(started) < Patience; number++)
        {
            string sql = generator.Next();
            try
            {
                SqlText.Check(sql);
                string parsed = instance.Serialize(sql);
                StatementGate.Check(parsed, tables, 64 << 10, instance.SumName);
                passed++;
                AssertListed(parsed, tables.Keys, instance.SumName);
            }
            catch (QueryException)
            {
                // Refused: always allowed.
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, statement {number}: {sql}\n{e}");
            }
        }

        // A gate that passed nothing would tell nothing.
        Assert.True(passed > 20, $"seed {seed}: only {passed} statements were passed");
    }

    [Fact]
    public async Task Whatever_is_sent_ends_as_documented()
    {
        int seed = Seed;
        using var instance = new FuzzInstance();
        await using var under = new EngineUnderTest(
            new FakeStateSource(4).Fill(40, 10), memory: 64 << 20, timeout: TimeSpan.FromSeconds(2));
        var generator = new StatementGenerator(seed, instance.Functions, FuzzInstance.Allowed);
        long started = Stopwatch.GetTimestamp();
        for (int number = 0; number < 3000 && Stopwatch.GetElapsedTime(started) < Patience; number++)
        {
            string sql = generator.Next();
            try
            {
                await under.JsonAsync(sql);
            }
            catch (QueryException e) when (Array.IndexOf(Expected, e.Failure) >= 0)
            {
                // As documented.
            }
            catch (OverflowException)
            {
                // A value out of the range of its type in the answer: 400 at the port.
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, statement {number}: {sql}\n{e}");
            }
        }

        under.AssertIdle();
        Assert.Equal("""{"c":400}""", await under.RowsAsync("select count(*) c from state"));
    }

    /// <summary>Every function and table in the parsed form, however it is held: the gate walks the same tree by its own rules.</summary>
    private static void AssertListed(string parsed, IEnumerable<string> tables, string sumName)
    {
        using JsonDocument document = JsonDocument.Parse(parsed, new JsonDocumentOptions { MaxDepth = 4000 });
        var known = new HashSet<string>(tables, StringComparer.OrdinalIgnoreCase);
        Collect(document.RootElement, element =>
        {
            if (element.TryGetProperty("cte_map", out JsonElement map))
            {
                foreach (JsonElement entry in map.GetProperty("map").EnumerateArray())
                    known.Add(entry.GetProperty("key").GetString()!);
            }

            if (element.TryGetProperty("cte_name", out JsonElement name))
                known.Add(name.GetString()!);
        });
        Collect(document.RootElement, element =>
        {
            if (element.TryGetProperty("function_name", out JsonElement function))
            {
                string name = function.GetString()!.ToLowerInvariant();

                // Names of ours are the dialect's to write; the engine refuses a statement that came with one before the gate sees it.
                bool isOurs = name.StartsWith(sumName[..^"sum".Length], StringComparison.Ordinal);
                Assert.True(isOurs || FunctionList.Find(name) is not null, $"function {name}");
            }

            if (element.TryGetProperty("table_name", out JsonElement table) && element.TryGetProperty("schema_name", out _))
                Assert.Contains(table.GetString()!, known);
        });
    }

    private static void Collect(JsonElement element, Action<JsonElement> visit)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            visit(element);
            foreach (JsonProperty property in element.EnumerateObject())
                Collect(property.Value, visit);
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                Collect(item, visit);
        }
    }
}
