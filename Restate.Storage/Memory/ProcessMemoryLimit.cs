using System.Globalization;
using System.Text;
using Restate.Storage.Types;

namespace Restate.Storage.Memory;

/// <summary>How much memory this process may use, and who says so.</summary>
/// <param name="Bytes">The limit in bytes.</param>
/// <param name="Source"><c>config</c>, <c>cgroup v1 &lt;path&gt;</c>, <c>cgroup v2 &lt;path&gt;</c> or <c>machine</c>.</param>
public readonly record struct ProcessMemoryLimit(long Bytes, string Source)
{
    /// <summary>Limits from here on (4 EiB) stand for "none": cgroup v1 writes 2^63 rounded down to a page.</summary>
    private const long NoLimit = 1L << 62;

    /// <summary>
    /// Finds the limit: the configured one; else the smallest of the control groups this process is in (its own and all
    /// their ancestors, both versions) and the machine's memory.
    /// </summary>
    /// <param name="configured"><c>process-total-memory-size</c>; null when it is not set.</param>
    /// <param name="fileSystemRoot">Folder that stands for <c>/</c>; tests give their own.</param>
    /// <exception cref="StorageException">Nothing is configured and the kernel's files cannot be read.</exception>
    public static ProcessMemoryLimit Detect(ByteSize? configured, string fileSystemRoot = "/")
    {
        if (configured is { } size)
            return new ProcessMemoryLimit(size.ToInt64(), "config");
        try
        {
            var best = new ProcessMemoryLimit(ReadMachineBytes(fileSystemRoot), "machine");
            foreach (ProcessMemoryLimit limit in ReadGroups(fileSystemRoot))
            {
                if (limit.Bytes < best.Bytes)
                    best = limit;
            }

            return best;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"the memory limit of this process cannot be read ({e.Message}); set process-total-memory-size to a size such as \"4 GiB\"", e);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{MemoryText.Size(Bytes)} ({Source})";

    private static IEnumerable<ProcessMemoryLimit> ReadGroups(string root)
    {
        string groupsFile = Under(root, "/proc/self/cgroup");
        string mountsFile = Under(root, "/proc/self/mountinfo");
        if (!File.Exists(groupsFile) || !File.Exists(mountsFile))
            yield break;

        var mounts = File.ReadLines(mountsFile).Select(Mount.Parse).OfType<Mount>().ToList();
        foreach (string line in File.ReadLines(groupsFile))
        {
            // hierarchy-id : controllers : path. The path may hold colons of its own.
            string[] fields = line.Split(':', 3);
            if (fields.Length < 3)
                continue;
            bool unified = fields[0] == "0" && fields[1].Length == 0;
            if (!unified && !fields[1].Split(',').Contains("memory"))
                continue;
            foreach (Mount mount in mounts.Where(mount => mount.Unified == unified))
            {
                foreach (ProcessMemoryLimit limit in ReadGroupAndAncestors(root, mount, fields[2]))
                    yield return limit;
            }
        }
    }

    private static IEnumerable<ProcessMemoryLimit> ReadGroupAndAncestors(string root, Mount mount, string group)
    {
        string file = mount.Unified ? "memory.max" : "memory.limit_in_bytes";
        string version = mount.Unified ? "v2" : "v1";
        string directory = mount.Resolve(group);

        // In a container the path is the host's, or lies above the mount: then the mount itself is the group.
        if (!Directory.Exists(Under(root, directory)))
            directory = mount.Point;
        while (true)
        {
            if (ReadLimit(Under(root, directory + "/" + file)) is { } bytes)
                yield return new ProcessMemoryLimit(bytes, $"cgroup {version} {directory}");
            if (directory.Length <= mount.Point.Length)
                yield break;
            directory = directory[..directory.LastIndexOf('/')];
        }
    }

    private static long? ReadLimit(string path)
    {
        if (!File.Exists(path))
            return null;
        string text = File.ReadAllText(path).Trim();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) && bytes is > 0 and < NoLimit
            ? bytes
            : null;
    }

    private static long ReadMachineBytes(string root)
    {
        const string Field = "MemTotal:";
        foreach (string line in File.ReadLines(Under(root, "/proc/meminfo")))
        {
            if (!line.StartsWith(Field, StringComparison.Ordinal))
                continue;
            string number = line[Field.Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim();
            if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes))
                return kibibytes << 10;
        }

        throw new IOException("/proc/meminfo has no MemTotal");
    }

    private static string Under(string root, string path) => root == "/" ? path : root.TrimEnd('/') + path;

    /// <summary>A mounted cgroup hierarchy that may limit memory.</summary>
    /// <param name="Root">The group that is visible at the mount point, as the kernel of the mounting namespace names it.</param>
    /// <param name="Point">Where it is mounted, without a slash at the end.</param>
    /// <param name="Unified">True for version 2.</param>
    private sealed record Mount(string Root, string Point, bool Unified)
    {
        /// <summary>Reads a line of mountinfo (proc(5)); null when it is not such a mount.</summary>
        public static Mount? Parse(string line)
        {
            int separator = line.IndexOf(" - ", StringComparison.Ordinal);
            if (separator < 0)
                return null;
            string[] mount = line[..separator].Split(' ');
            string[] type = line[(separator + 3)..].Split(' ');
            if (mount.Length < 5 || type.Length < 3)
                return null;
            bool unified = type[0] == "cgroup2";
            if (!unified && !(type[0] == "cgroup" && type[2].Split(',').Contains("memory")))
                return null;
            return new Mount(Unescape(mount[3]), Unescape(mount[4]).TrimEnd('/'), unified);
        }

        /// <summary>The directory of a group below this mount.</summary>
        public string Resolve(string group)
        {
            if (group.Split('/').Contains(".."))
                return Point;
            if (Root == "/")
                return Point + group.TrimEnd('/');
            bool below = group == Root || group.StartsWith(Root + "/", StringComparison.Ordinal);
            return below ? Point + group[Root.Length..].TrimEnd('/') : Point;
        }

        /// <summary>mountinfo writes blank, tab, newline and backslash as three octal digits.</summary>
        private static string Unescape(string text)
        {
            if (!text.Contains('\\', StringComparison.Ordinal))
                return text;
            var result = new StringBuilder(text.Length);
            for (int i = 0; i < text.Length; i++)
            {
                if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
                {
                    result.Append((char)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                    i += 3;
                }
                else
                {
                    result.Append(text[i]);
                }
            }

            return result.ToString();
        }
    }
}
