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

    private readonly Thread _writer;
    private readonly object _queueLock = new();
    private List<Append> _queue = [];
    private bool _stopping;
    private StorageException? _failure;
    private long _groups;

    /// <summary>Counts what is written; null: nobody does.</summary>
    public LogStatistics? Statistics { get; init; }

    /// <summary>Groups written since the start; each was one sync.</summary>
    public long GroupCount => Interlocked.Read(ref _groups);

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

    private bool TakeAll(ref List<Append> taken)
    {
        lock (_queueLock)
        {
            while (_queue.Count == 0)
            {
                if (_stopping)
                    return false;
                Monitor.Wait(_queueLock);
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
    /// A failed write leaves it open whether the records reached the disk: nothing more is accepted until a restart has read back
    /// what is there, or numbers could be given out twice.
    /// </summary>
    private void Fail(StorageException failure, List<Append> group)
    {
        lock (_queueLock)
            _failure ??= new StorageException($"log store {Name} stopped after a failed write; restart the node: {failure.Message}", failure);
        Log.WriteFailed(_logger, Name, failure);
        foreach (Append append in group)
            append.Completion.TrySetException(_failure);
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
        [LoggerMessage(LogLevel.Error, "Log store {Store} stopped after a failed write")]
        public static partial void WriteFailed(ILogger logger, string store, Exception failure);
    }
}
