using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Storage.Logs;

/// <summary>The writer thread: group commit.</summary>
internal sealed partial class LogStore
{
    /// <summary>
    /// Most bytes of one group: large enough that the sync is a small part of it, small enough that a group's batch, which is a
    /// copy beside the memtable, stays a small, fixed amount of memory.
    /// </summary>
    private const long MaxGroupBytes = 4 << 20;

    /// <summary>Time between two looks whether a failed store takes writes again. RocksDB itself looks for disk space every 5 s.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Thread _writer;
    private readonly object _queueLock = new();
    private List<Append> _queue = [];
    private bool _stopping;
    private LogUnavailableException? _failure;
    private bool _beyondRepair;
    private long _groups;
    private long _failures;

    /// <summary>Counts what is written; null: nobody does.</summary>
    public LogStatistics? Statistics { get; init; }

    /// <summary>Groups written since the start; each was one sync.</summary>
    public long GroupCount => Interlocked.Read(ref _groups);

    /// <summary>Times since the start that a failed write stopped the store.</summary>
    public long FailureCount => Interlocked.Read(ref _failures);

    private Task<Lsn> Enqueue(Loglet loglet, RecordBuffer record)
    {
        var completion = new TaskCompletionSource<Lsn>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_queueLock)
        {
            if (_failure is not null)
                return Task.FromException<Lsn>(_failure);
            if (_stopping)
                return Task.FromException<Lsn>(new StorageException($"log store {Name} is closed"));
            _queue.Add(new Append(loglet, record.AddReference(), completion, Stopwatch.GetTimestamp()));
            Monitor.Pulse(_queueLock);
        }

        return completion.Task;
    }

    private void StopWriter()
    {
        lock (_queueLock)
        {
            _stopping = true;
            Monitor.Pulse(_queueLock);
        }

        _writer.Join();
    }

    private void WriteLoop()
    {
        using var batch = new RocksBatch();
        var taken = new List<Append>();
        while (TakeAll(ref taken))
        {
            if (taken.Count == 0)
                TryGoOn();
            for (int start = 0; start < taken.Count;)
            {
                int count = 0;
                long bytes = 0;
                while (start + count < taken.Count && (count == 0 || bytes + taken[start + count].Record.Length <= MaxGroupBytes))
                    bytes += taken[start + count++].Record.Length;
                WriteGroup(batch, taken.GetRange(start, count));
                start += count;
            }

            taken.Clear();
        }
    }

    /// <summary>Waits for appends; takes none when it is time to look whether a failed store works again.</summary>
    private bool TakeAll(ref List<Append> taken)
    {
        lock (_queueLock)
        {
            while (_queue.Count == 0)
            {
                if (_stopping)
                    return false;
                if (_failure is null || _beyondRepair)
                    Monitor.Wait(_queueLock);
                else if (!Monitor.Wait(_queueLock, RetryPause))
                    return true;
            }

            (taken, _queue) = (_queue, taken);
            return true;
        }
    }

    private void WriteGroup(RocksBatch batch, List<Append> group)
    {
        try
        {
            if (_failure is not null)
                throw _failure;
            var lsns = new Lsn[group.Count];
            Span<byte> key = stackalloc byte[LogKeys.RecordLength];
            batch.Clear();
            for (int i = 0; i < group.Count; i++)
            {
                lsns[i] = new Lsn(++group[i].Loglet.Assigned);
                LogKeys.WriteRecord(key, group[i].Loglet.Log, lsns[i]);
                batch.Put(key, group[i].Record.Span);
            }

            long started = Stopwatch.GetTimestamp();
            _database.Write(batch, WriteDurability.Synced);
            TimeSpan write = Stopwatch.GetElapsedTime(started);
            Interlocked.Increment(ref _groups);
            for (int i = 0; i < group.Count; i++)
            {
                Append append = group[i];
                Appended?.Invoke(append.Loglet.Log, lsns[i], append.Record);
                append.Loglet.Publish(lsns[i].Value);
                append.Completion.SetResult(lsns[i]);
            }

            CountGroup(group, write);
        }
        catch (Exception e)
        {
            // Whatever it was: an exception that left this thread would end the process, and the callers would wait for ever.
            Fail(e as StorageException ?? new StorageException(e.Message, e), group);
        }
        finally
        {
            batch.Clear();
            foreach (Append append in group)
                append.Record.Release();
        }
    }

    private void CountGroup(List<Append> group, TimeSpan write)
    {
        if (Statistics is not { } statistics)
            return;
        long bytes = 0;
        foreach (Append append in group)
        {
            bytes += append.Record.Length;
            statistics.CountAppend(Stopwatch.GetElapsedTime(append.EnqueuedAt));
        }

        statistics.CountGroup(group.Count, bytes, write);
    }

    /// <summary>
    /// Called on the writer thread with every record that became durable, in LSN order of its log, before readers see the new
    /// tail. Set before the first append.
    /// </summary>
    public Action<LogId, Lsn, RecordBuffer>? Appended { get; set; }

    /// <summary>
    /// A failed write leaves it open whether the records reached the disk: nothing more is accepted until <see cref="TryGoOn"/> has seen
    /// what is there, or numbers could be given out twice.
    /// </summary>
    private void Fail(StorageException failure, List<Append> group)
    {
        if (failure is not LogUnavailableException)
        {
            string advice = failure.IsDiskFull
                ? "the disk is full; free space there, and it goes on by itself"
                : "it is tried again every second; if the cause is gone and it stays so, restart the node";
            string message = $"log store {Name} takes no records after a failed write: {advice} ({failure.Message})";
            lock (_queueLock)
                _failure = new LogUnavailableException(message, failure);
            Interlocked.Increment(ref _failures);
            Log.WriteFailed(_logger, message, failure);
            failure = new LogUnavailableException(message + "; this record may be in the log all the same", failure) { MayBeWritten = true };
        }

        foreach (Append append in group)
            append.Completion.TrySetException(failure);
    }

    /// <summary>
    /// Takes appends again once the database takes writes. What of the failed group was written all the same is taken back first: its
    /// callers were told of a failure, no reader has seen it, and its numbers are given out anew.
    /// </summary>
    private void TryGoOn()
    {
        try
        {
            FormatVersion.Rewrite(_database, StoredFormat);
            lock (_openLock)
            {
                foreach (Loglet loglet in _loglets.Values)
                {
                    TakeBackUnacknowledged(loglet);
                    loglet.Assigned = loglet.Tail.Value;
                }
            }
        }
        catch (LogDamagedException e)
        {
            lock (_queueLock)
            {
                _beyondRepair = true;
                _failure = new LogUnavailableException(e.Message, e);
            }

            Log.BeyondRepair(_logger, e.Message, e);
            return;
        }
        catch (Exception e)
        {
            // As before: the failure that was told stands, and the next look follows. Whatever it was: it must not end this thread.
            Log.StaysStopped(_logger, Name, e.Message);
            return;
        }

        lock (_queueLock)
            _failure = null;
        Log.GoesOn(_logger, Name);
    }

    private void TakeBackUnacknowledged(Loglet loglet)
    {
        // In this order, and from the store: a trim may be on its way, and what it deletes its trim point tells.
        Lsn stored = ReadTail(loglet.Log, Lsn.None);
        Lsn trimmed = ReadTrimPoint(loglet.Log);
        stored = trimmed > stored ? trimmed : stored;
        if (stored < loglet.Tail)
            throw new LogDamagedException($"log store {Name}: log {loglet.Log} ends at {stored}, but records up to {loglet.Tail} were acknowledged; restart the node, and if it refuses the store, restore its directory from a copy");
        if (stored == loglet.Tail)
            return;
        Span<byte> start = stackalloc byte[LogKeys.RecordLength];
        Span<byte> end = stackalloc byte[LogKeys.RecordLength];
        LogKeys.WriteRecord(start, loglet.Log, loglet.Tail.Next);
        LogKeys.WriteRecord(end, loglet.Log, stored.Next);
        using var batch = new RocksBatch();
        batch.DeleteRange(start, end);
        _database.Write(batch, WriteDurability.Synced);
    }

    /// <summary>The failure that stopped the store; null while it works.</summary>
    public StorageException? Failure
    {
        get
        {
            lock (_queueLock)
                return _failure;
        }
    }

    private readonly record struct Append(Loglet Loglet, RecordBuffer Record, TaskCompletionSource<Lsn> Completion, long EnqueuedAt);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Reason}")]
        public static partial void WriteFailed(ILogger logger, string reason, Exception failure);

        [LoggerMessage(LogLevel.Error, "{Reason}")]
        public static partial void BeyondRepair(ILogger logger, string reason, Exception failure);

        [LoggerMessage(LogLevel.Debug, "Log store {Store} takes no records yet: {Reason}")]
        public static partial void StaysStopped(ILogger logger, string store, string reason);

        [LoggerMessage(LogLevel.Warning, "Log store {Store} takes records again")]
        public static partial void GoesOn(ILogger logger, string store);
    }

    /// <summary>Acknowledged records are missing: nothing may be written over that.</summary>
    private sealed class LogDamagedException(string message) : StorageException(message);
}
