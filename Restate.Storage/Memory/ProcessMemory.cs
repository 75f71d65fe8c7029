using System.Globalization;
using Restate.Storage.Types;

namespace Restate.Storage.Memory;

/// <summary>What the kernel counts for this process.</summary>
public static class ProcessMemory
{
    /// <summary>Anonymous resident memory in bytes; see <see cref="ResidentMemory.AnonymousBytes"/>.</summary>
    /// <param name="fileSystemRoot">Folder that stands for <c>/</c>; tests give their own.</param>
    /// <exception cref="StorageException">The kernel's file cannot be read.</exception>
    public static long ReadAnonymousBytes(string fileSystemRoot = "/") => Read(fileSystemRoot).AnonymousBytes;

    /// <summary>Resident memory.</summary>
    /// <param name="fileSystemRoot">Folder that stands for <c>/</c>; tests give their own.</param>
    /// <exception cref="StorageException">The kernel's file cannot be read.</exception>
    public static ResidentMemory Read(string fileSystemRoot = "/")
    {
        string path = Path.Combine(fileSystemRoot, "proc/self/status");
        try
        {
            long? anonymous = null;
            long? file = null;
            foreach (string line in File.ReadLines(path))
            {
                anonymous ??= Field(line, "RssAnon:");
                file ??= Field(line, "RssFile:");
                if (anonymous is { } anonymousBytes && file is { } fileBytes)
                    return new ResidentMemory(anonymousBytes, fileBytes);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"the memory of this process cannot be read: {e.Message}", e);
        }

        throw new StorageException("the memory of this process cannot be read: /proc/self/status has no RssAnon and RssFile");
    }

    private static long? Field(string line, string name) =>
        line.StartsWith(name, StringComparison.Ordinal)
        && long.TryParse(line.AsSpan(name.Length).Trim(" \tkB"), NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes)
            ? kibibytes << 10
            : null;
}

/// <summary>Resident memory of the process.</summary>
/// <param name="AnonymousBytes">Heaps and stacks. The kernel cannot take them back.</param>
/// <param name="FileBytes">
/// Mapped files: mostly the code that runs. The kernel can take them back, but then every call reads its code from the disk again: a
/// process without room for them stands still before it is killed.
/// </param>
public readonly record struct ResidentMemory(long AnonymousBytes, long FileBytes);
