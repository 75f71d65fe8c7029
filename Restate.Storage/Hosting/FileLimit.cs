using System.Globalization;
using Restate.Storage.Types;

namespace Restate.Storage.Hosting;

/// <summary>Divides the process's file descriptors over the databases.</summary>
internal static class FileLimit
{
    /// <summary>Kept for sockets, write-ahead logs, spill files and the runtime.</summary>
    private const int Reserved = 384;
    private const int Fewest = 20;
    private const int Most = 1024;

    /// <summary>Most open files of one database.</summary>
    /// <param name="databases">Number of databases, 1 or more.</param>
    public static int PerDatabase(int databases) => Math.Clamp((ReadLimit() - Reserved) / databases, Fewest, Most);

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
