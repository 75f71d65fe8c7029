using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Restate.Admin.Benchmarks.Attempts;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Hostile;

/// <summary>Options of <c>hostile</c>.</summary>
/// <param name="Only">Only attempts whose name holds this; null: all.</param>
/// <param name="IsQuick">Leaves out those that wait for the same time limit as another.</param>
internal sealed record HostileOptions(string? Only, bool IsQuick = false)
{
    /// <exception cref="ArgumentException">A bad option.</exception>
    public static HostileOptions Parse(ReadOnlySpan<string> args) => new(new Arguments(args, "only").Text("only"));
}

/// <summary>
/// Every attempt of <see cref="HostileAttempts"/> against the built program, one after the other, as a table: outcome, time, memory, and the
/// longest that another client waited meanwhile.
/// </summary>
/// <param name="options">What to run.</param>
/// <param name="output">Where the table goes.</param>
internal sealed class HostileScenario(HostileOptions options, TextWriter output)
{
    /// <summary>More than the buffers of as many connections as there may be is not needed for what is refused.</summary>
    private const long MostGrowthBytes = 160L << 20;

    /// <summary>Runs it.</summary>
    /// <exception cref="ScenarioException">An attempt had an outcome that it must not have.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        (string read, string readLine) = NewToken("viewer", "read");
        (string admin, string adminLine) = NewToken("ops", "admin");
        string tokens = folder.Inside("tokens");
        await File.WriteAllTextAsync(tokens, $"{readLine}\n{adminLine}\n", cancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(tokens, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using ServerProcess server = await ServerProcess.StartOursAsync(
            folder.Inside("data"), cancellationToken,
            "--default-num-partitions", "2", "--set", "rocksdb-total-memory-size=256 MiB", "--set", $"admin.auth.token-file={tokens}");
        await using var memory = new MemoryWatch(server);
        var target = new HostileTarget(server, read, admin);
        var faults = new List<string>();
        await output.WriteLineAsync("| attempt | outcome | time | RSS before | at most | after | others waited |\n|---|---|---|---|---|---|---|");
        foreach (HostileAttempt attempt in HostileAttempts.All.Where(IsWanted))
            await TryAsync(attempt, target, memory, faults, cancellationToken);
        int code = await server.StopAsync(cancellationToken);
        if (code != 0)
            faults.Add($"the server ended with exit code {code}");
        await output.WriteLineAsync(faults.Count == 0 ? "no faults" : string.Join('\n', faults.Select(fault => "FAULT " + fault)));
        ScenarioException.Require(faults.Count == 0, $"{faults.Count} faults, the first: {faults.FirstOrDefault()}");
    }

    private bool IsWanted(HostileAttempt attempt) =>
        !(options.IsQuick && attempt.IsSlow) && (options.Only is not { } only || attempt.Name.Contains(only, StringComparison.OrdinalIgnoreCase));

    private async Task TryAsync(HostileAttempt attempt, HostileTarget target, MemoryWatch memory, List<string> faults, CancellationToken cancellationToken)
    {
        long before = ProcessMemory.ResidentBytes(target.Server.Id);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<TimeSpan> others = attempt.OthersWithin is null ? Task.FromResult(TimeSpan.Zero) : OthersAsync(target, done.Token);
        long started = Stopwatch.GetTimestamp();
        string outcome;
        try
        {
            outcome = await attempt.RunAsync(target, cancellationToken);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            outcome = "closed " + e.Message;
        }

        TimeSpan time = Stopwatch.GetElapsedTime(started);
        long grown = memory.GrownSince(started);
        await done.CancelAsync();
        TimeSpan waited = await others;
        if (target.Server.HasExited)
            throw new ScenarioException($"the server ended during: {attempt.Name}\n{target.Server.Output}");
        long after = ProcessMemory.ResidentBytes(target.Server.Id);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"| {attempt.Name} | {outcome} | {time.TotalSeconds:F2} s | {ProcessMemory.Mebibytes(before)} | +{ProcessMemory.Mebibytes(grown)} | {ProcessMemory.Mebibytes(after)} | {(attempt.OthersWithin is null ? "–" : $"{waited.TotalMilliseconds:F0} ms")} |"));
        if (!attempt.Expected.Split(' ').Contains(outcome.Split(' ')[0]))
            faults.Add($"{attempt.Name}: {outcome}, expected {attempt.Expected}");
        if (grown > MostGrowthBytes)
            faults.Add($"{attempt.Name}: memory grew by {ProcessMemory.Mebibytes(grown)}");
        if (waited > attempt.OthersWithin)
            faults.Add($"{attempt.Name}: another client waited {waited.TotalSeconds:F1} s");
    }

    /// <summary>Another client that asks for the health of the node; the longest that it waited.</summary>
    private static async Task<TimeSpan> OthersAsync(HostileTarget target, CancellationToken done)
    {
        TimeSpan longest = TimeSpan.Zero;
        try
        {
            while (true)
            {
                long started = Stopwatch.GetTimestamp();
                HostileAnswer answer = await HostileClient.SendAsync(target.Admin, "GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", body: null, done);
                TimeSpan waited = answer.Status == "200" ? Stopwatch.GetElapsedTime(started) : TimeSpan.FromSeconds(30);
                longest = waited > longest ? waited : longest;
                await Task.Delay(TimeSpan.FromMilliseconds(50), done);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && done.IsCancellationRequested)
        {
            return longest;
        }
    }

    private static (string Token, string Line) NewToken(string name, string scopes)
    {
        string token = "rst_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return (token, $"{name} {scopes} sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}");
    }
}
