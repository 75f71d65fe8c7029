using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>A function as DuckDB lists it, all its overloads together.</summary>
/// <param name="Name">Its name in lower case: DuckDB finds it in any.</param>
/// <param name="Kinds">scalar, aggregate or macro; several where overloads differ.</param>
/// <param name="Types">The types of parameters and results of all overloads, as text.</param>
internal sealed record CatalogueFunction(string Name, IReadOnlySet<string> Kinds, string Types);

/// <summary>The functions of the DuckDB that is linked, read from it. Those that stand in FROM are not among them: the gate knows one by name.</summary>
internal static class FunctionCatalogue
{
    private const string Statement = """
        SELECT lower(function_name) || chr(10) || function_type || chr(10)
            || coalesce(array_to_string(parameter_types, ' '), '') || ' ' || coalesce(return_type, '')
        FROM duckdb_functions()
        WHERE function_type IN ('scalar', 'aggregate', 'macro')
        """;

    internal static IReadOnlyList<CatalogueFunction> Read()
    {
        string folder = Directory.CreateTempSubdirectory("query-test-").FullName;
        try
        {
            var settings = new QueryEngineSettings(64 << 20, Path.Combine(folder, "spill"), 1 << 20, Threads: 1, TimeSpan.FromSeconds(10));
            using DuckDbInstance instance = DuckDbInstance.Open(settings, []);
            using DuckDbConnection connection = instance.Connect();
            return [.. DuckDbInstance.Execute(connection, Statement)
                .Select(row => row!.Split('\n', 3))
                .Where(row => row[0] != instance.Functions.SumName)
                .GroupBy(row => row[0], StringComparer.Ordinal)
                .Select(overloads => new CatalogueFunction(
                    overloads.Key, overloads.Select(row => row[1]).ToHashSet(StringComparer.Ordinal), string.Join(' ', overloads.Select(row => row[2]))))
                .OrderBy(function => function.Name, StringComparer.Ordinal)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
