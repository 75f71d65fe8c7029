using System.Globalization;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Soak;

/// <summary>Looks every second at what the kernel counts for the server and its cgroup, and at what our server says itself.</summary>
internal sealed class SoakSampler(MemoryCgroup cgroup, bool asksServer, TextWriter? lines)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);
    private readonly Dictionary<int, TimeSpan> _processorTimes = [];
    private readonly List<long> _untracked = [];
    private readonly SortedSet<string> _guardSteps = new(StringComparer.Ordinal);

    /// <summary>Processor time the server has used, all its lives together, up to the last sample.</summary>
    public TimeSpan ProcessorTime => _processorTimes.Values.Aggregate(TimeSpan.Zero, (sum, time) => sum + time);

    /// <summary>Most resident bytes of the process.</summary>
    public long PeakResident { get; private set; }

    /// <summary>Most anonymous resident bytes of the process.</summary>
    public long PeakAnonymous { get; private set; }

    /// <summary>Most bytes charged to the cgroup, page cache included.</summary>
    public long PeakCgroup { get; private set; }

    /// <summary>Most bytes that no pool of the server explains; null before its first answer.</summary>
    public long? PeakUntracked => _untracked.Count == 0 ? null : _untracked.Max();

    /// <summary>Median of the bytes that no pool of the server explains; null before its first answer.</summary>
    public long? MedianUntracked => _untracked.Count == 0 ? null : _untracked.Order().ElementAt(_untracked.Count / 2);

    /// <summary>Samples in which more was untracked than is allowed once the load is over.</summary>
    public int AboveBound { get; private set; }

    /// <summary>Samples the server answered.</summary>
    public int Answered => _untracked.Count;

    /// <summary>Most free bytes in the heaps of the server's allocator, given back or not; null before its first answer.</summary>
    public long? PeakAllocatorFree { get; private set; }

    /// <summary>Most bytes of the managed heap; null before the first answer.</summary>
    public long? PeakGcHeap { get; private set; }

    /// <summary>Samples the server did not answer in time.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Steps of the guard that were seen.</summary>
    public string GuardSteps => _guardSteps.Count == 0 ? "-" : string.Join(", ", _guardSteps);

    /// <summary>Samples until told to stop, or until the process is gone.</summary>
    public async Task RunAsync(ServerProcess server, TimeProvider time, long started, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
                await SampleAsync(server, time.GetElapsedTime(started), stop);
        }
        catch (Exception e) when (e is OperationCanceledException or ScenarioException or IOException or InvalidOperationException)
        {
            // The end of the run, or of the process; the run finds out which.
        }
    }

    private async Task SampleAsync(ServerProcess server, TimeSpan at, CancellationToken stop)
    {
        long resident = ProcessMemory.ResidentBytes(server.Id);
        long anonymous = ProcessMemory.AnonymousBytes(server.Id);
        _processorTimes[server.Id] = server.ProcessorTime;
        long charged = cgroup.UsageBytes;
        PeakResident = Math.Max(PeakResident, resident);
        PeakAnonymous = Math.Max(PeakAnonymous, anonymous);
        PeakCgroup = Math.Max(PeakCgroup, charged);
        string own = asksServer ? await AskAsync(server, stop) : string.Empty;
        if (lines is not null)
        {
            await lines.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{at.TotalSeconds:F1} {server.Name} pid={server.Id} rss={Mib(resident)} anon={Mib(anonymous)} cgroup={Mib(charged)} cgroup-anon={Mib(cgroup.AnonymousBytes)} cgroup-kernel={Mib(cgroup.KernelBytes)}{own}"));
            await lines.FlushAsync(stop);
        }
    }

    private async Task<string> AskAsync(ServerProcess server, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(AnswerPatience);
        try
        {
            ServerMemory memory = await ServerMemory.ReadAsync(server, patience.Token);
            _untracked.Add(memory.Untracked);
            if (memory.Untracked > memory.UntrackedBound)
                AboveBound++;
            PeakAllocatorFree = Math.Max(PeakAllocatorFree ?? 0, memory.AllocatorFree);
            PeakGcHeap = Math.Max(PeakGcHeap ?? 0, memory.GcHeap);
            _guardSteps.Add(memory.GuardStep);
            return " " + memory;
        }
        catch (Exception e) when (!stop.IsCancellationRequested && e is OperationCanceledException or HttpRequestException or ScenarioException)
        {
            Unanswered++;
            return $" unanswered ({e.GetType().Name})";
        }
    }

    private static string Mib(long bytes) => (bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture);
}
