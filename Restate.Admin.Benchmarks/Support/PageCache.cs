using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>The kernel's cache of file pages.</summary>
internal static partial class PageCache
{
    /// <summary><c>POSIX_FADV_DONTNEED</c>.</summary>
    private const int DoNotNeed = 4;

    /// <summary>Drops all pages of the files in a folder, so that the next reader waits for the disk.</summary>
    /// <exception cref="ScenarioException">The kernel refused it.</exception>
    public static void Drop(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

            // Pages that are not written yet stay.
            RandomAccess.FlushToDisk(file);
            int error = PosixFadvise((int)file.DangerousGetHandle(), 0, 0, DoNotNeed);
            ScenarioException.Require(error == 0, $"posix_fadvise of {path}: error {error}");
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int PosixFadvise(int file, long offset, long length, int advice);
}
