using System.Diagnostics;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Soak;

/// <summary>Our server after the load: whether untracked memory came within its bound, and of what it then consisted.</summary>
/// <param name="Memory">The last look.</param>
/// <param name="Within">When it was within the bound and stayed there; null when it was not at the end.</param>
/// <param name="Consists">What untracked memory consisted of.</param>
internal sealed record SoakSettle(ServerMemory Memory, TimeSpan? Within, string Consists)
{
    /// <summary>How long the server gets.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    /// <summary>Watches the server for <see cref="Patience"/>.</summary>
    /// <exception cref="ScenarioException">It did not answer.</exception>
    public static async Task<SoakSettle> WatchAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        TimeSpan? within = null;
        ServerMemory memory;
        do
        {
            await Task.Delay(Every, cancellationToken);
            memory = await ServerMemory.ReadAsync(server, cancellationToken);
            within = memory.Untracked <= memory.UntrackedBound ? within ?? Stopwatch.GetElapsedTime(started) : null;
        }
        while (Stopwatch.GetElapsedTime(started) < Patience);
        return new SoakSettle(memory, within, memory.Explain(MemoryMap.Read(server.Id)));
    }
}
