using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Query;

/// <summary>What the engine needs of the configuration.</summary>
/// <param name="MemoryBytes">Bytes for all queries together, 0 or more.</param>
/// <param name="SpillFolder">Private folder for spilled data. Everything in it is deleted at start.</param>
/// <param name="SpillBytes">Most bytes of spilled data.</param>
/// <param name="Threads">Threads of one query, 1 or more.</param>
/// <param name="Timeout">Longest time of a query, waiting included.</param>
internal sealed record QueryEngineSettings(long MemoryBytes, string SpillFolder, long SpillBytes, int Threads, TimeSpan Timeout)
{
    private const string SpillFolderName = "query-tmp";

    /// <summary>The settings in <paramref name="configuration"/>.</summary>
    internal static QueryEngineSettings From(RestateConfiguration configuration)
    {
        QueryEngineOptions options = configuration.Admin.QueryEngine;

        // A configured folder may hold other things (it may be /tmp): ours is a subfolder that no other node shares.
        string spill = options.TmpDir is { } folder
            ? Path.Combine(folder, $"restate-{configuration.NodeName}-{SpillFolderName}")
            : Path.Combine(configuration.BaseDir, configuration.NodeName, SpillFolderName);
        return new QueryEngineSettings(
            options.MemorySize.ToInt64(),
            Path.GetFullPath(spill),
            options.TmpDirSizeLimit.ToInt64(),
            options.QueryParallelism ?? Environment.ProcessorCount,
            options.QueryTimeout);
    }
}
