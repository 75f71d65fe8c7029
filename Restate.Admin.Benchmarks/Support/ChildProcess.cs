using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>A process of ours: its output is read, its end is awaited, and it never outlives this program.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private const int KeptLines = 400;
    private static readonly ConcurrentDictionary<ChildProcess, byte> Living = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private bool _disposed;

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();

    private ChildProcess(ProcessStartInfo start, Action<string>? onLine)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data, onLine);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data, onLine);
    }

    /// <summary>The process id.</summary>
    public int Id { get; private set; }

    /// <summary>When the process was started, as a <see cref="Stopwatch"/> timestamp.</summary>
    public long StartedAt { get; private set; }

    /// <summary>True once the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Processor time it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The last lines of both output streams.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts a program. Settings of this program's own environment that a server would read are not passed on.</summary>
    public static ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? workingDirectory = null,
        MemoryCgroup? cgroup = null,
        Action<string>? onLine = null)
    {
        if (cgroup is not null)
            (program, arguments) = cgroup.Wrap(program, arguments);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingDirectory ?? Path.GetTempPath(),
        };
        foreach (string name in start.Environment.Keys.Where(IsServerSetting).ToArray())
            start.Environment.Remove(name);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        var child = new ChildProcess(start, onLine) { StartedAt = Stopwatch.GetTimestamp() };
        try
        {
            child._process.Start();
        }
        catch (Win32Exception e)
        {
            throw new ScenarioException($"cannot start {program}: {e.Message}", e);
        }

        child.Id = child._process.Id;
        Living[child] = 0;
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for the end and for the last line of output.</summary>
    /// <returns>The exit code; 128 + signal for a process ended by one.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        Living.TryRemove(this, out _);
        return _process.ExitCode;
    }

    /// <summary>Asks the process to stop (SIGTERM) and waits for it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ScenarioException">It did not stop in time.</exception>
    public async Task<int> StopAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!_process.HasExited)
            _ = Kill(Id, Terminate);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            return await WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ScenarioException($"process {Id} did not stop within {patience.TotalSeconds} s of SIGTERM\n{Output}");
        }
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int signal) => _ = Kill(Id, signal);

    /// <summary>Ends the process with SIGKILL, as a power cut of the process would, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WaitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (!_process.HasExited)
            await KillAsync();
        Living.TryRemove(this, out _);
        _process.Dispose();
    }

    private static bool IsServerSetting(string name) =>
        name.StartsWith("RESTATE_", StringComparison.OrdinalIgnoreCase) || name is "MEMORY_LIMIT" or "RUST_LOG";

    private static void KillAll()
    {
        foreach (ChildProcess child in Living.Keys)
        {
            if (!child._process.HasExited)
                child._process.Kill();
        }
    }

    private void Keep(string? line, Action<string>? onLine)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        while (_lines.Count > KeptLines)
            _lines.TryDequeue(out _);
        onLine?.Invoke(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);
}
