namespace Restate.Admin.Api.Query;

/// <summary>The private folder DuckDB spills into.</summary>
internal static class SpillFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Bytes of the files in the folder. Those that vanish meanwhile do not count.</summary>
    internal static long Measure(string path)
    {
        long bytes = 0;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories))
                bytes += file.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // DuckDB deletes its files whenever it likes; the next look counts what is left.
        }

        return bytes;
    }

    /// <summary>Makes the folder, readable by this user only, and deletes what an earlier run left in it.</summary>
    /// <exception cref="IOException">The path is a link or a file, or cannot be made.</exception>
    internal static void Prepare(string path)
    {
        var folder = new DirectoryInfo(path);

        // Someone who can write to a shared tmp-dir could plant a link there and have us empty a folder of his choice.
        if (folder.LinkTarget is not null)
            throw new IOException($"admin.query-engine.tmp-dir: {path} is a link; a plain folder is needed");
        if (OperatingSystem.IsWindows())
            folder.Create();
        else if (!folder.Exists)
            Directory.CreateDirectory(path, OwnerOnly);
        else
            File.SetUnixFileMode(path, OwnerOnly);
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } directory)
                directory.Delete(recursive: true);
            else
                entry.Delete();
        }
    }
}
