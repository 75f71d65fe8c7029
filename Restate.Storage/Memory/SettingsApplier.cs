using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Restate.Storage.Memory;

/// <summary>
/// Applies write buffer settings and trims the allocator on a thread of its own and of low priority, because one database
/// takes milliseconds and a thousand take seconds. Works a quarter of the time at most; new orders replace those not begun.
/// </summary>
internal sealed partial class SettingsApplier : IDisposable
{
    /// <summary>Pause after an application, as a multiple of the time it took.</summary>
    private const int PauseFactor = 3;

    private readonly ISharedMemory _memory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly Dictionary<IMemoryTarget, WriteBufferSettings> _pending = [];
    private readonly Queue<IMemoryTarget> _order = [];
    private bool _trim;
    private int _disposed;
    private long _applied;
    private long _failures;

    public SettingsApplier(ISharedMemory memory, TimeProvider time, ILogger logger)
    {
        _memory = memory;
        _time = time;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "memory-settings", Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    /// <summary>Databases that got new settings since the start.</summary>
    public long AppliedCount => Volatile.Read(ref _applied);

    /// <summary>Applications and trims that failed since the start.</summary>
    public long FailureCount => Volatile.Read(ref _failures);

    /// <summary>Replaces all orders that have not begun.</summary>
    public void Replace(IReadOnlyList<SettingsChange> changes)
    {
        if (Volatile.Read(ref _disposed) == 1)
            return;
        lock (_lock)
        {
            _pending.Clear();
            _order.Clear();
            foreach (SettingsChange change in changes)
            {
                _pending[change.Target] = change.Settings;
                _order.Enqueue(change.Target);
            }
        }

        if (changes.Count > 0)
            _work.Release();
    }

    /// <summary>Orders a trim of the allocator, after the settings.</summary>
    public void Trim()
    {
        lock (_lock)
            _trim = true;
        _work.Release();
    }

    /// <summary>Drops what has not begun and waits for what has.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
        _work.Dispose();
    }

    private void Run()
    {
        LowerPriority();
        try
        {
            while (true)
            {
                _work.Wait(_stop.Token);
                while (Next() is { } step)
                {
                    long began = _time.GetTimestamp();
                    step();
                    TimeSpan pause = _time.GetElapsedTime(began) * PauseFactor;
                    if (_stop.Token.WaitHandle.WaitOne(pause))
                        return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped while it had nothing to do.
        }
    }

    private Action? Next()
    {
        lock (_lock)
        {
            if (_order.TryDequeue(out IMemoryTarget? target) && _pending.Remove(target, out WriteBufferSettings settings))
                return () => Apply(target, settings);
            if (!_trim)
                return null;
            _trim = false;
            return TrimNow;
        }
    }

    private void Apply(IMemoryTarget target, in WriteBufferSettings settings)
    {
        try
        {
            target.Apply(settings);
            Interlocked.Increment(ref _applied);
        }
        catch (Exception e)
        {
            // One database that refuses must not keep the others from their settings; the next tick tries it again.
            Interlocked.Increment(ref _failures);
            Log.ApplyFailed(_logger, target.Name, e);
        }
    }

    private void TrimNow()
    {
        try
        {
            _memory.TrimAllocator();
        }
        catch (Exception e)
        {
            Interlocked.Increment(ref _failures);
            Log.TrimFailed(_logger, e);
        }
    }

    private static void LowerPriority()
    {
        // .NET leaves thread priorities alone on Linux. There, process 0 of setpriority(2) is the calling thread.
        const int Nice = 10;
        if (OperatingSystem.IsLinux())
            _ = SetPriority(0, 0, Nice);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Write buffers of {Database} could not be set")]
        public static partial void ApplyFailed(ILogger logger, string database, Exception exception);

        [LoggerMessage(LogLevel.Warning, "The allocator could not be trimmed")]
        public static partial void TrimFailed(ILogger logger, Exception exception);
    }
}
