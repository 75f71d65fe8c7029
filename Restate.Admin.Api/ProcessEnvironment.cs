using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace Restate.Admin.Api;

/// <summary>
/// Settings that glibc and the .NET runtime read once, before the first line of a program: when they are not set, the program sets them
/// and executes itself anew, which keeps process id, files and control group and costs some 50 ms.
/// </summary>
/// <remarks>
/// <c>mallopt(M_ARENA_MAX)</c> at the first line comes too late: the runtime's own threads have made seven arenas by then, and under load
/// they kept 77 MiB of free memory that no pool accounts for.
/// </remarks>
internal static partial class ProcessEnvironment
{
    /// <summary>Variable of glibc: number of heaps that threads share.</summary>
    private const string ArenaMax = "MALLOC_ARENA_MAX";

    /// <summary>Variable of the runtime, hexadecimal: bytes allocated between two collections of the youngest generation.</summary>
    private const string Gen0Size = "DOTNET_GCgen0size";

    private static readonly (string Name, string Value)[] Wanted =
    [
        (ArenaMax, "2"),

        // 16 MiB: by itself the runtime takes the size of the processor's last cache, and 130 MiB of heap were seen under posts alone.
        (Gen0Size, "1000000"),
    ];

    /// <summary>Makes sure of the settings; does not return when the program is executed anew. What the user set stays.</summary>
    public static void Ensure()
    {
        if (!OperatingSystem.IsLinux() || Wanted.All(setting => Environment.GetEnvironmentVariable(setting.Name) is not null))
            return;
        foreach ((string name, string value) in Wanted)
        {
            if (Environment.GetEnvironmentVariable(name) is null)
                Environment.SetEnvironmentVariable(name, value);
        }

        string[] arguments;
        try
        {
            // Each argument ends with a zero byte, an empty one too.
            arguments = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).Split('\0')[..^1];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No /proc here. The program goes on with more arenas, as when it cannot be executed anew.
            return;
        }

        var environment = new List<string>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            environment.Add($"{entry.Key}={entry.Value}");

        // Returns only when it failed; the program then goes on with more arenas.
        _ = Execute("/proc/self/exe", [.. arguments, null], [.. environment, null]);
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execute(string program, string?[] arguments, string?[] environment);
}
