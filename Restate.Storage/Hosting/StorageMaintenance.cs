using Microsoft.Extensions.Logging;
using Restate.Storage.Memory;
using Restate.Storage.Rocks;

namespace Restate.Storage.Hosting;

/// <summary>Flushes and compacts all databases on an operator's word, behind what the node does otherwise. Thread-safe.</summary>
public sealed partial class StorageMaintenance : IAsyncDisposable
{
    /// <summary>Databases at once: compactions share the disk and the processors with the writers.</summary>
    private const int Parallelism = 2;

    private readonly RocksDbManager _rocks;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;

    internal StorageMaintenance(RocksDbManager rocks, TimeProvider time, ILogger<StorageMaintenance> logger)
    {
        _rocks = rocks;
        _time = time;
        _logger = logger;
    }

    /// <summary>Starts to write all memtables to disk and to compact all databases. Returns at once; the log tells begin and end.</summary>
    /// <returns>False when a pass runs already, or the storage closes; that one goes on.</returns>
    public bool TryStartFlushAndCompact()
    {
        lock (_lock)
        {
            if (!_running.IsCompleted || _stopping.IsCancellationRequested)
            {
                Log.AlreadyRunning(_logger);
                return false;
            }

            CancellationToken stopping = _stopping.Token;
            _running = Task.Run(() => RunAsync(stopping), CancellationToken.None);
            return true;
        }
    }

    /// <summary>Stops a pass that runs and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        // Under the lock: what starts after it sees that the storage closes.
        Task running;
        Task cancelling;
        lock (_lock)
        {
            cancelling = _stopping.CancelAsync();
            running = _running;
        }

        await cancelling;
        await running;
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        long started = _time.GetTimestamp();
        IReadOnlyList<RocksDatabase> databases = _rocks.Databases;
        int failures = 0;
        Log.Begin(_logger, databases.Count, FileBytes(databases), MemtableBytes(databases));
        try
        {
            await Parallel.ForEachAsync(
                databases,
                new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = stopping },
                (database, cancelled) =>
                {
                    try
                    {
                        database.FlushAndWait();
                        database.Compact(cancelled);
                    }
                    catch (Exception e) when (e is not OperationCanceledException)
                    {
                        // One database that cannot be compacted leaves the others to be.
                        Interlocked.Increment(ref failures);
                        Log.Failed(_logger, database.Name, e);
                    }

                    return ValueTask.CompletedTask;
                });
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Log.Stopped(_logger);
            return;
        }

        Log.End(
            _logger, databases.Count - failures, failures, _time.GetElapsedTime(started).TotalSeconds, FileBytes(databases), MemtableBytes(databases));
    }

    private static string FileBytes(IReadOnlyList<RocksDatabase> databases) =>
        MemoryText.Size(databases.Sum(database => (long)database.Property("rocksdb.total-sst-files-size\0"u8)));

    private static string MemtableBytes(IReadOnlyList<RocksDatabase> databases) =>
        MemoryText.Size(databases.Sum(database => database.Sample().UnflushedBytes));

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Flushing and compacting {Databases} databases: {Files} in files, {Memtables} in memtables")]
        public static partial void Begin(ILogger logger, int databases, string files, string memtables);

        [LoggerMessage(LogLevel.Information, "Flushed and compacted {Databases} databases, {Failures} failed, in {Seconds:0.0} s: {Files} in files, {Memtables} in memtables")]
        public static partial void End(ILogger logger, int databases, int failures, double seconds, string files, string memtables);

        [LoggerMessage(LogLevel.Error, "Database {Database} could not be flushed and compacted")]
        public static partial void Failed(ILogger logger, string database, Exception failure);

        [LoggerMessage(LogLevel.Warning, "The databases are being flushed and compacted already, or the node stops; nothing more is started")]
        public static partial void AlreadyRunning(ILogger logger);

        [LoggerMessage(LogLevel.Information, "The node stops: the rest of the databases is not compacted")]
        public static partial void Stopped(ILogger logger);
    }
}
