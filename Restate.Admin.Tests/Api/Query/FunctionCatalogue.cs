using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>A function as DuckDB lists it, all its overloads together.</summary>
/// <param name="Name">Its name in lower case: DuckDB finds it in any.</param>
/// <param name="Kinds">scalar, aggregate or macro; several where overloads differ.</param>
/// <param name="Types">The types of parameters and results of all overloads, as text.</param>
internal sealed record CatalogueFunction(string Name, IReadOnlySet<string> Kinds, string Types);

/// <summary>A macro: a function that is put in its place when a statement is bound.</summary>
/// <param name="Name">Its name in lower case.</param>
/// <param name="Parameters">Names of its parameters.</param>
/// <param name="Body">What it stands for.</param>
internal sealed record MacroFunction(string Name, IReadOnlyList<string> Parameters, string Body);

/// <summary>The functions of the DuckDB that is linked, read from it. Those that stand in FROM are not among them: the gate knows one by name.</summary>
internal static class FunctionCatalogue
{
    private const string Statement = """
        SELECT lower(function_name) || chr(10) || function_type || chr(10)
            || coalesce(array_to_string(parameter_types, ' '), '') || ' ' || coalesce(return_type, '')
        FROM duckdb_functions()
        WHERE function_type IN ('scalar', 'aggregate', 'macro')
        """;

    private const string MacroStatement = """
        SELECT lower(function_name) || chr(10) || array_to_string(parameters, ' ') || chr(10) || replace(macro_definition, chr(10), ' ')
        FROM duckdb_functions()
        WHERE function_type = 'macro'
        """;

    internal static IReadOnlyList<CatalogueFunction> Read() => [.. Ask(Statement)
        .GroupBy(row => row[0], StringComparer.Ordinal)
        .Select(overloads => new CatalogueFunction(
            overloads.Key, overloads.Select(row => row[1]).ToHashSet(StringComparer.Ordinal), string.Join(' ', overloads.Select(row => row[2]))))
        .OrderBy(function => function.Name, StringComparer.Ordinal)];

    internal static IReadOnlyList<MacroFunction> ReadMacros() =>
        [.. Ask(MacroStatement).Select(row => new MacroFunction(row[0], row[1].Split(' '), row[2]))];

    /// <summary>The rows of a statement about functions, those of our own apart; a row is a name and two texts.</summary>
    private static List<string[]> Ask(string statement)
    {
        string folder = Directory.CreateTempSubdirectory("query-test-").FullName;
        try
        {
            var settings = new QueryEngineSettings(64 << 20, Path.Combine(folder, "spill"), 1 << 20, Threads: 1, TimeSpan.FromSeconds(10));
            using DuckDbInstance instance = DuckDbInstance.Open(settings, []);
            using DuckDbConnection connection = instance.Connect();
            return [.. DuckDbInstance.Execute(connection, statement)
                .Select(row => row!.Split('\n', 3))
                .Where(row => !row[0].StartsWith("rs_", StringComparison.Ordinal))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
