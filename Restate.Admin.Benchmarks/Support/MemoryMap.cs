using System.Globalization;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>Anonymous resident bytes of a process by the kind of mapping they lie in, as the kernel lists them in <c>smaps</c>.</summary>
/// <param name="AllocatorHeaps">Heaps (arenas) of glibc's allocator: the first one and those that lie at multiples of 64 MiB.</param>
/// <param name="Stacks">Stacks of threads.</param>
/// <param name="Libraries">Data of libraries and of mapped files.</param>
/// <param name="Other">Everything else: managed heap, compiled code and types, large blocks of the allocator, DuckDB's own allocator.</param>
internal readonly record struct MemoryMap(long AllocatorHeaps, long Stacks, long Libraries, long Other)
{
    private const ulong GlibcHeapBytes = 64UL << 20;

    // glibc's default stack and the runtime's own, each behind one guard page.
    private static readonly ulong[] StackSizes = [8UL << 20, 1536UL << 10, 2UL << 20, 1UL << 20, 256UL << 10];

    /// <summary>Reads the map; takes as long as the kernel needs to count the pages, a second on a busy machine.</summary>
    /// <exception cref="ScenarioException">There is no such process, or it has ended.</exception>
    public static MemoryMap Read(int pid)
    {
        try
        {
            return Classify(Parse(File.ReadLines($"/proc/{pid}/smaps")));
        }
        catch (IOException e)
        {
            throw new ScenarioException($"process {pid} has no memory map: {e.Message}", e);
        }
    }

    private static MemoryMap Classify(List<Mapping> mappings)
    {
        var map = default(MemoryMap);
        for (int i = 0; i < mappings.Count; i++)
        {
            Mapping own = mappings[i];
            Mapping? before = i > 0 ? mappings[i - 1] : null;
            Mapping? after = i + 1 < mappings.Count ? mappings[i + 1] : null;
            if (own.Name == "[heap]" || IsGlibcHeap(own, after))
                map = map with { AllocatorHeaps = map.AllocatorHeaps + own.Anonymous };
            else if (own.Name == "[stack]" || IsStack(own, before))
                map = map with { Stacks = map.Stacks + own.Anonymous };
            else if (own.Name.Length > 0)
                map = map with { Libraries = map.Libraries + own.Anonymous };
            else
                map = map with { Other = map.Other + own.Anonymous };
        }

        return map;
    }

    // The part in use and the rest of the 64 MiB, which may not be touched yet.
    private static bool IsGlibcHeap(Mapping own, Mapping? after) =>
        own.Name.Length == 0 && own.Start % GlibcHeapBytes == 0
        && (own.End - own.Start == GlibcHeapBytes
            || (after is { IsReserved: true } rest && rest.Start == own.End && rest.End - own.Start == GlibcHeapBytes));

    private static bool IsStack(Mapping own, Mapping? before) =>
        own.Name.Length == 0 && before is { IsReserved: true } guard && guard.End == own.Start && guard.End - guard.Start <= 16384
        && StackSizes.Any(size => size - (own.End - own.Start) is 0 or 4096);

    private static List<Mapping> Parse(IEnumerable<string> lines)
    {
        var mappings = new List<Mapping>();
        foreach (string line in lines)
        {
            const string Anonymous = "Anonymous:";
            if (line.StartsWith(Anonymous, StringComparison.Ordinal))
            {
                long bytes = long.Parse(line.AsSpan(Anonymous.Length).Trim(" kB"), CultureInfo.InvariantCulture) << 10;
                mappings[^1] = mappings[^1] with { Anonymous = bytes };
            }
            else if (line[0] is not (>= 'A' and <= 'Z'))
            {
                // 7f00-7f10 rw-p 00000000 00:00 0   [name]
                string[] parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
                string[] range = parts[0].Split('-');
                mappings.Add(new Mapping(
                    ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    parts[1].StartsWith("---", StringComparison.Ordinal),
                    parts.Length == 6 ? parts[5].Trim() : string.Empty,
                    Anonymous: 0));
            }
        }

        return mappings;
    }

    private sealed record Mapping(ulong Start, ulong End, bool IsReserved, string Name, long Anonymous);
}
