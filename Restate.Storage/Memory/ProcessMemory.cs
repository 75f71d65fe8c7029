using System.Globalization;
using Restate.Storage.Types;

namespace Restate.Storage.Memory;

/// <summary>What the kernel counts for this process.</summary>
public static class ProcessMemory
{
    /// <summary>
    /// Anonymous resident memory in bytes: heaps and stacks, without mapped files, which the kernel takes back by itself.
    /// </summary>
    /// <param name="fileSystemRoot">Folder that stands for <c>/</c>; tests give their own.</param>
    /// <exception cref="StorageException">The kernel's file cannot be read.</exception>
    public static long ReadAnonymousBytes(string fileSystemRoot = "/")
    {
        const string Field = "RssAnon:";
        string path = Path.Combine(fileSystemRoot, "proc/self/status");
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                if (line.StartsWith(Field, StringComparison.Ordinal)
                    && long.TryParse(line[Field.Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture, out long kibibytes))
                {
                    return kibibytes << 10;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"the memory of this process cannot be read: {e.Message}", e);
        }

        throw new StorageException("the memory of this process cannot be read: /proc/self/status has no RssAnon");
    }
}
