using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Restate.Storage.Configuration;

/// <summary>Keeps the runtime layer over a restart, in a file of the node's folder that is replaced as a whole or not at all.</summary>
internal static partial class RuntimeOverridesFile
{
    /// <summary>Name of the file in the node's folder.</summary>
    public const string FileName = "runtime-overrides.toml";

    private const string Header =
        "# Options changed while the node ran and kept over restarts; they beat file, environment and flags.\n"
        + "# Written by the node. Start with --ignore-runtime-overrides to leave them out.\n\n";

    private const int ReadOnlyCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC on Linux.

    /// <summary>Reads the layer; empty when there is no file.</summary>
    /// <exception cref="ConfigurationLoadException">The file cannot be read, is not TOML, or holds what cannot be changed at run time.</exception>
    public static ConfigurationLayer Read(string nodeDirectory)
    {
        string path = Path.Combine(nodeDirectory, FileName);
        if (!File.Exists(path))
            return ConfigurationLayer.EmptyRuntime;
        Dictionary<string, RawValue> values;
        try
        {
            values = TomlDocument.ReadFile(path, "runtime overrides file");
        }
        catch (ConfigurationLoadException e)
        {
            throw new ConfigurationLoadException([.. e.Errors.Select(WithAdvice)]);
        }

        string[] errors = [.. values
            .Where(entry => ConfigurationOptions.Find(entry.Key) is not { Live: true })
            .Select(entry => WithAdvice(ConfigurationResolver.Error(
                $"invalid value {entry.Value.Describe()}, expected only options that can be changed at run time", entry.Key, entry.Value)))];
        return errors.Length == 0 ? new ConfigurationLayer(ConfigurationSource.Runtime, values) : throw new ConfigurationLoadException(errors);
    }

    /// <summary>An error in the file, with the way around it.</summary>
    public static string WithAdvice(string error) => error + "; repair or delete the file, or start with --ignore-runtime-overrides";

    /// <summary>Replaces the file: after a crash it holds the old layer or the new one, whole.</summary>
    /// <exception cref="IOException">It cannot be written, or not made durable.</exception>
    public static void Write(string nodeDirectory, ConfigurationLayer layer)
    {
        string text = Header + TomlText.Write(layer.Values
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => new TomlEntry(entry.Key, TomlText.Literal(entry.Value), null)));
        string path = Path.Combine(nodeDirectory, FileName);
        string temporary = path + ".tmp";
        try
        {
            Directory.CreateDirectory(nodeDirectory);
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(System.Text.Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            // Opened first: when that fails, nothing has changed yet.
            using SafeFileHandle? folder = OpenFolder(nodeDirectory);
            File.Move(temporary, path, overwrite: true);
            if (folder is not null)
                RandomAccess.FlushToDisk(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot keep the change over a restart: {path} cannot be written: {e.Message}", e);
        }
    }

    // A rename is durable once the folder that holds the name is; .NET opens files only.
    private static SafeFileHandle? OpenFolder(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        SafeFileHandle handle = Open(folder, ReadOnlyCloseOnExec);
        if (!handle.IsInvalid)
            return handle;
        int error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw new IOException(new Win32Exception(error).Message);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);
}
