namespace Restate.Admin.Api;

/// <summary>The node: storage, query engine and admin API in one process.</summary>
public static class RestateNode
{
    /// <summary>Runs a node until it is told to stop and returns the process exit code.</summary>
    public static Task<int> RunAsync(string[] args) => throw new NotImplementedException();
}
