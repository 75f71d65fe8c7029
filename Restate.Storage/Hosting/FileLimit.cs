using System.Globalization;
using Restate.Storage.Types;

namespace Restate.Storage.Hosting;

/// <summary>Divides the process's file descriptors over the databases.</summary>
internal static class FileLimit
{
    /// <summary>Kept for sockets, write-ahead logs, spill files and the runtime.</summary>
    private const int Reserved = 384;

    /// <summary>Files of a database that RocksDB does not count: lock, log, manifest, write-ahead log and directories; 7 were seen.</summary>
    private const int Uncounted = 8;

    /// <summary>Of the files that a database may open, RocksDB keeps this many for others than tables.</summary>
    private const int NotTables = 10;
    private const int Fewest = 20;
    private const int Most = 1024;

    /// <summary>Most open files of one database, as RocksDB counts them.</summary>
    /// <param name="databases">Number of databases, 1 or more.</param>
    public static int PerDatabase(int databases) => PerDatabase(ReadLimit(), databases);

    /// <summary>Most open files of one database, as RocksDB counts them, for a given limit.</summary>
    /// <param name="limit">Files that the process may open.</param>
    /// <param name="databases">Number of databases, 1 or more.</param>
    public static int PerDatabase(int limit, int databases) =>
        Math.Clamp(((limit - Reserved) / databases) - Uncounted + NotTables, Fewest, Most);

    /// <summary>What is wrong with the limit for so many databases, and what to do; null when it is enough.</summary>
    /// <param name="databases">Number of databases, 1 or more.</param>
    public static string? Shortage(int databases) => Shortage(ReadLimit(), databases);

    /// <summary>What is wrong with a given limit for so many databases, and what to do; null when it is enough.</summary>
    /// <param name="limit">Files that the process may open.</param>
    /// <param name="databases">Number of databases, 1 or more.</param>
    public static string? Shortage(int limit, int databases)
    {
        long needed = Reserved + ((long)databases * (Uncounted + Fewest - NotTables));
        return limit >= needed
            ? null
            : $"the process may open {limit} files, and {databases} databases may need {needed}: raise the limit (ulimit -n, LimitNOFILE, --ulimit nofile) or use fewer partitions";
    }

    private static int ReadLimit()
    {
        const string Name = "Max open files";
        foreach (string line in File.ReadLines("/proc/self/limits"))
        {
            if (!line.StartsWith(Name, StringComparison.Ordinal))
                continue;
            string soft = line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return int.TryParse(soft, CultureInfo.InvariantCulture, out int limit) ? limit : int.MaxValue;
        }

        throw new StorageException("/proc/self/limits names no limit of open files");
    }
}
