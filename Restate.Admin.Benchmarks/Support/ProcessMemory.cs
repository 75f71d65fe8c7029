using System.Globalization;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>What the kernel says a process holds.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident bytes of the process (<c>VmRSS</c> of <c>/proc/[pid]/status</c>).</summary>
    /// <exception cref="ScenarioException">There is no such process, or it is a zombie.</exception>
    public static long ResidentBytes(int pid)
    {
        foreach (string line in File.ReadLines($"/proc/{pid}/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan("VmRSS:".Length).Trim(" \tkB"), CultureInfo.InvariantCulture) * 1024;
        }

        throw new ScenarioException($"process {pid} has no resident memory: it has ended");
    }

    /// <summary>
    /// Files and folders the process holds open, without sockets and without the table files of its databases: those come and go
    /// with compactions, unless they are deleted and still held.
    /// </summary>
    public static int HeldFiles(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd")
        .Select(entry => File.ResolveLinkTarget(entry, returnFinalTarget: false)?.FullName ?? string.Empty)
        .Count(target => target.Length > 0
            && !target.Contains("socket:", StringComparison.Ordinal)
            && !target.EndsWith(".sst", StringComparison.Ordinal));

    /// <summary>Bytes as mebibytes with one decimal.</summary>
    public static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");
}
