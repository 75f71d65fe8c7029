using System.Text;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Fuzz;

/// <summary>An engine beside the node's, asked for what a statement may not ask: the names of all functions, and parsed forms.</summary>
internal sealed class FuzzInstance : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DuckDbInstance _instance;
    private readonly QuerySession _session;

    /// <summary>Opens it.</summary>
    internal FuzzInstance()
    {
        _instance = DuckDbInstance.Open(
            new QueryEngineSettings(64 << 20, _folder.Inside("spill"), 64 << 20, Threads: 1, TimeSpan.FromMinutes(1)), []);
        _session = new QuerySession(_instance);
        Functions = [.. DuckDbInstance.Execute(_session.Connection, "SELECT DISTINCT function_name FROM duckdb_functions() ORDER BY 1").OfType<string>()];
    }

    /// <summary>Every function DuckDB knows.</summary>
    internal IReadOnlyList<string> Functions { get; }

    /// <summary>Our own name of <c>sum</c> here.</summary>
    internal string SumName => _instance.Functions.SumName;

    /// <summary>Functions that statements may call.</summary>
    internal static IReadOnlyList<string> Allowed { get; } = [.. FunctionList.All.Select(rule => rule.Key).Order(StringComparer.Ordinal)];

    /// <summary>The parsed form of a text.</summary>
    internal string Serialize(string sql)
    {
        try
        {
            return _session.Serialize(Encoding.UTF8.GetBytes(sql));
        }
        catch (DuckDbException e)
        {
            // As where the engine maps it.
            throw new QueryException(QueryFailure.Invalid, e.Message, e);
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _instance.Dispose();
        _folder.Dispose();
    }
}
