using System.Globalization;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>A memory cgroup (v1 or v2) of our own with a hard limit and no swap; removed when disposed.</summary>
internal sealed class MemoryCgroup : IAsyncDisposable
{
    private const string V1Mount = "/sys/fs/cgroup/memory";
    private const string V2Mount = "/sys/fs/cgroup";
    private const string ProcsFile = "cgroup.procs";
    private const int RemoveAttempts = 100;

    private readonly string _path;
    private readonly bool _unified;

    private MemoryCgroup(string path, bool unified)
    {
        _path = path;
        _unified = unified;
    }

    /// <summary>Bytes charged now: anonymous memory, page cache and kernel memory.</summary>
    public long UsageBytes => ReadNumber(_unified ? "memory.current" : "memory.usage_in_bytes");

    /// <summary>Anonymous bytes charged now, which the kernel cannot take back without swap.</summary>
    public long AnonymousBytes => ReadField("memory.stat", _unified ? "anon" : "rss");

    /// <summary>Kernel memory charged now, such as socket buffers and directory entries.</summary>
    public long KernelBytes => _unified ? ReadField("memory.stat", "kernel") : ReadNumber("memory.kmem.usage_in_bytes");

    /// <summary>Processes the kernel has killed in it for lack of memory.</summary>
    public long OomKills => ReadField(_unified ? "memory.events" : "memory.oom_control", "oom_kill");

    /// <summary>Makes a group and limits it.</summary>
    /// <param name="limitBytes">The hard limit.</param>
    /// <exception cref="ScenarioException">No group can be made here; the message says what was tried.</exception>
    public static MemoryCgroup Create(long limitBytes)
    {
        bool unified = !File.Exists(Path.Combine(V1Mount, "memory.limit_in_bytes"));
        var refused = new List<string>();
        foreach (string parent in unified ? V2Parents() : [V1Mount])
        {
            string path = Path.Combine(parent, $"restate-admin-soak-{Environment.ProcessId}-{Guid.NewGuid():N}");
            var group = new MemoryCgroup(path, unified);
            try
            {
                Directory.CreateDirectory(path);
                group.Limit(limitBytes);
                return group;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                refused.Add($"{parent}: {e.Message}");
                if (Directory.Exists(path))
                    Directory.Delete(path);
            }
        }

        throw new ScenarioException(
            "no memory cgroup can be made here; this scenario needs root or a delegated cgroup with the memory controller\n"
            + string.Join('\n', refused));
    }

    /// <summary>The command that runs a program inside: a shell joins the group and becomes the program, so the process id stays.</summary>
    public (string Program, IEnumerable<string> Arguments) Wrap(string program, IEnumerable<string> arguments) =>
        ("/bin/sh", ["-c", $"echo $$ > '{Path.Combine(_path, ProcsFile)}' && exec \"$0\" \"$@\"", program, .. arguments]);

    public async ValueTask DisposeAsync()
    {
        // A process that was just killed stays in its group for a moment.
        for (int attempt = 0; Directory.Exists(_path); attempt++)
        {
            try
            {
                // Not recursive: the files are the kernel's and go with the folder.
                Directory.Delete(_path);
            }
            catch (IOException) when (attempt < RemoveAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    // Our own group and its ancestors: a group with processes in it cannot have limited children, so usually it is the parent.
    private static IEnumerable<string> V2Parents()
    {
        string own = File.ReadLines("/proc/self/cgroup").FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..] ?? "/";
        for (string? group = V2Mount + own.TrimEnd('/'); group is not null && group.StartsWith(V2Mount, StringComparison.Ordinal); group = Path.GetDirectoryName(group))
        {
            if (!Directory.Exists(group))
                continue;
            string control = Path.Combine(group, "cgroup.subtree_control");
            try
            {
                if (File.Exists(control) && !File.ReadAllText(control).Split(' ', '\n').Contains("memory"))
                    File.WriteAllText(control, "+memory");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Then no limit can be set below it, which the caller reports for this parent.
            }

            yield return group;
        }
    }

    /// <summary>Sets the limit, of a group in use too.</summary>
    /// <exception cref="IOException">The kernel does not take it: what is in use cannot be brought below it, or a limit around it is smaller.</exception>
    public void Limit(long bytes)
    {
        string text = bytes.ToString(CultureInfo.InvariantCulture);
        string memory = _unified ? "memory.max" : "memory.limit_in_bytes";
        string swap = _unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
        bool hasSwap = File.Exists(Path.Combine(_path, swap));

        // Version 1 bounds the sum of both, which may never be the smaller one: it is raised first and lowered last.
        if (hasSwap && !_unified && ReadNumber(swap) < bytes)
            Write(swap, text);
        Write(memory, text);
        if (hasSwap)
            Write(swap, _unified ? "0" : text);
    }

    private void Write(string file, string text)
    {
        string path = Path.Combine(_path, file);
        if (!File.Exists(path))
            throw new IOException($"there is no {file} in a new group: the memory controller is not enabled");
        File.WriteAllText(path, text);
    }

    private long ReadNumber(string file) => long.Parse(File.ReadAllText(Path.Combine(_path, file)).Trim(), CultureInfo.InvariantCulture);

    private long ReadField(string file, string field)
    {
        foreach (string line in File.ReadLines(Path.Combine(_path, file)))
        {
            string[] parts = line.Split(' ');
            if (parts.Length == 2 && parts[0] == field)
                return long.Parse(parts[1], CultureInfo.InvariantCulture);
        }

        return 0;
    }
}
