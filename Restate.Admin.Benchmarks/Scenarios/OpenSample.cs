using System.Globalization;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>What a server with all partitions open holds; sizes in bytes.</summary>
/// <param name="Resident">Resident memory of the process.</param>
/// <param name="Anonymous">Anonymous part of it.</param>
/// <param name="Planned">What its ledger plans for.</param>
/// <param name="Untracked">Anonymous memory that no pool of the ledger explains.</param>
/// <param name="Overhead">What the ledger counts for open databases, besides memtables and cache.</param>
/// <param name="Databases">Open databases.</param>
/// <param name="Files">File descriptors.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Warnings">Codes of the ledger's warnings.</param>
internal sealed record OpenSample(
    long Resident, long Anonymous, long Planned, long Untracked, long Overhead, int Databases, int Files, int Threads, string Warnings)
{
    /// <summary>Databases of a node besides those of its partitions.</summary>
    private const int NodeDatabases = 2;

    /// <summary>Most untracked memory that is not a defect of the ledger: 15 % of what its pools use, and 64 MiB.</summary>
    public long UntrackedAllowed => (long)(0.15 * (Anonymous - Untracked)) + (64 << 20);

    /// <summary>True when the ledger explains what the process holds, and plans for it.</summary>
    public bool IsWithinLedger => Untracked <= UntrackedAllowed && Anonymous <= Planned;

    /// <exception cref="ScenarioException">A figure is absent.</exception>
    public static async Task<OpenSample> TakeAsync(ServerProcess server, int partitions, CancellationToken cancellationToken)
    {
        JsonElement memory = await server.Admin.GetAsync("/memory", cancellationToken);
        return new OpenSample(
            ProcessMemory.ResidentBytes(server.Id),
            ProcessMemory.AnonymousBytes(server.Id),
            memory.GetProperty("planned_bytes").GetInt64(),
            memory.GetProperty("process").GetProperty("untracked_bytes").GetInt64(),
            memory.GetProperty("pools").EnumerateArray()
                .Single(pool => pool.GetProperty("name").GetString() == "rocksdb-overhead").GetProperty("capacity_bytes").GetInt64(),
            partitions + NodeDatabases,
            Directory.GetFileSystemEntries($"/proc/{server.Id}/fd").Length,
            Directory.GetFileSystemEntries($"/proc/{server.Id}/task").Length,
            string.Join(' ', memory.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetProperty("code").GetString())));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"RSS {ProcessMemory.Mebibytes(Resident)}, anonymous {ProcessMemory.Mebibytes(Anonymous)}; ledger: planned {ProcessMemory.Mebibytes(Planned)}, "
        + $"rocksdb-overhead {ProcessMemory.Mebibytes(Overhead)} ({Overhead / 1024.0 / Databases:F0} KiB for each of {Databases}), "
        + $"untracked {ProcessMemory.Mebibytes(Untracked)} of {ProcessMemory.Mebibytes(UntrackedAllowed)} allowed, warnings: {(Warnings.Length == 0 ? "none" : Warnings)}; "
        + $"{Files} file descriptors, {Threads} threads");
}
