using System.Globalization;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>What the kernel says a process holds.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident bytes of the process (<c>VmRSS</c> of <c>/proc/[pid]/status</c>).</summary>
    /// <exception cref="ScenarioException">There is no such process, or it is a zombie.</exception>
    public static long ResidentBytes(int pid) => Status(pid, "VmRSS:");

    /// <summary>Anonymous resident bytes (<c>RssAnon</c>): what the kernel cannot take back.</summary>
    /// <exception cref="ScenarioException">There is no such process, or it is a zombie.</exception>
    public static long AnonymousBytes(int pid) => Status(pid, "RssAnon:");

    /// <summary>
    /// Files and folders the process holds open, without sockets and without the table files of its databases: those come and go
    /// with compactions, unless they are deleted and still held.
    /// </summary>
    public static int HeldFiles(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd")
        .Select(entry => File.ResolveLinkTarget(entry, returnFinalTarget: false)?.FullName ?? string.Empty)
        .Count(target => target.Length > 0
            && !target.Contains("socket:", StringComparison.Ordinal)
            && !target.EndsWith(".sst", StringComparison.Ordinal));

    /// <summary>Everything the process holds open, sockets too, without the table files of its databases.</summary>
    public static int Descriptors(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd")
        .Count(entry => Target(entry) is { } target && !target.EndsWith(".sst", StringComparison.Ordinal));

    /// <summary>Threads of the process.</summary>
    public static int Threads(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/task").Length;

    /// <summary>Bytes as mebibytes with one decimal.</summary>
    public static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");

    // Null for one that was closed since it was listed.
    private static string? Target(string entry)
    {
        try
        {
            return File.ResolveLinkTarget(entry, returnFinalTarget: false)?.FullName;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long Status(int pid, string field)
    {
        string path = $"/proc/{pid}/status";
        if (File.Exists(path))
        {
            foreach (string line in File.ReadLines(path))
            {
                if (line.StartsWith(field, StringComparison.Ordinal))
                    return long.Parse(line.AsSpan(field.Length).Trim(" \tkB"), CultureInfo.InvariantCulture) * 1024;
            }
        }

        throw new ScenarioException($"process {pid} has no resident memory: it has ended");
    }
}
