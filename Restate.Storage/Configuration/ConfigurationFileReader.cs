using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Restate.Storage.Configuration;

/// <summary>Reads the files of the configuration. However wrong the file, no more than <see cref="MaxBytes"/> are read.</summary>
internal static partial class ConfigurationFileReader
{
    /// <summary>Configuration is a page or two; a larger file is a mistake, and reading it every second would be another.</summary>
    internal const int MaxBytes = 1 << 20;

    private const int ReadOnlyCloseOnExecNonBlocking = 0x80800; // O_RDONLY | O_CLOEXEC | O_NONBLOCK on Linux.
    private const int NoEntry = 2; // ENOENT.
    private const int NoAccess = 13; // EACCES.

    /// <summary>Reads a file at the start, when it may be a pipe such as a shell's <c>&lt;(…)</c>.</summary>
    /// <exception cref="IOException">It cannot be read or is too large.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    internal static byte[] Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return Read(stream);
    }

    /// <summary>
    /// Reads a file while the node runs. It never waits: opening a pipe the usual way waits for a writer, who may never come, and whoever
    /// reads holds up changes of the configuration.
    /// </summary>
    /// <exception cref="IOException">It cannot be read, is a pipe or the like, or too large.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    internal static byte[] ReadWithoutWaiting(string path)
    {
        if (!OperatingSystem.IsLinux())
            return Read(path);
        using SafeFileHandle handle = Open(path, ReadOnlyCloseOnExecNonBlocking);
        if (handle.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            throw error switch
            {
                NoEntry => new FileNotFoundException($"Could not find file '{path}'.", path),
                NoAccess => new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
                _ => new IOException($"{new Win32Exception(error).Message}: '{path}'"),
            };
        }

        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        return stream.CanSeek ? Read(stream) : throw new IOException($"'{path}' is a pipe or the like; while the node runs only files are read");
    }

    // To the end and not for the length that the system tells: pipes and files of /proc have none.
    private static byte[] Read(FileStream stream)
    {
        var content = new MemoryStream();
        var buffer = new byte[16 << 10];
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            if (content.Length + read > MaxBytes)
                throw new IOException($"the file is too large; the largest that is read has {MaxBytes} bytes");
            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);
}
