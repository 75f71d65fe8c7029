using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Options of <c>memory</c>.</summary>
/// <param name="IntervalSeconds">Seconds between ticks of the controller.</param>
/// <param name="LoadMebibytes">Write buffer bytes to reach before the budget is lowered.</param>
/// <param name="Partitions">Partitions of the server; even.</param>
/// <param name="MovePartitions">Whether half of the partitions are closed and opened again, which takes the grace period of half a minute.</param>
internal sealed record MemoryOptions(int IntervalSeconds, int LoadMebibytes, int Partitions, bool MovePartitions)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static MemoryOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new Arguments(args, "interval", "load-mib", "partitions", "move-partitions");
        string move = options.Text("move-partitions") ?? "yes";
        if (move is not ("yes" or "no"))
            throw new ArgumentException($"--move-partitions is '{move}', expected yes or no");
        int partitions = options.Number("partitions", 24, minimum: 2);
        if (partitions % 2 != 0)
            throw new ArgumentException($"--partitions is {partitions}, expected an even number");
        return new MemoryOptions(options.Number("interval", 5), options.Number("load-mib", 320, minimum: 300), partitions, move == "yes");
    }
}
