using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Storage.Logs;

/// <summary>
/// Many logs in one database with a write-ahead log. One writer thread takes everything that is waiting, writes it as one batch
/// and syncs once (group commit). Thread-safe.
/// </summary>
internal sealed partial class LogStore : ILogletProvider, IDisposable
{
    /// <summary>Version of the stored format: keys of <see cref="LogKeys"/>, records of <see cref="LogRecordHeader"/>.</summary>
    public const uint StoredFormat = 1;

    private readonly RocksDatabase _database;
    private readonly ILogger _logger;
    private readonly Lock _openLock = new();
    private readonly Dictionary<LogId, Loglet> _loglets = [];

    /// <summary>Opens the logs in a database; the store owns the database from then on.</summary>
    /// <param name="name">Provider name, see <see cref="ILogletProvider.Name"/>.</param>
    /// <param name="database">An open database of the profile <see cref="DatabaseProfile.LogStore"/>.</param>
    /// <param name="logger">For failures of the writer.</param>
    /// <exception cref="StorageException">The data is of a newer format.</exception>
    public LogStore(string name, RocksDatabase database, ILogger logger)
    {
        Name = name;
        _database = database;
        _logger = logger;
        try
        {
            FormatVersion.Check(database, StoredFormat, WriteDurability.Synced);
        }
        catch
        {
            database.Dispose();
            throw;
        }

        _writer = new Thread(WriteLoop) { IsBackground = true, Name = $"{name}-log-writer" };
        _writer.Start();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ILoglet Open(LogId log)
    {
        lock (_openLock)
        {
            if (_loglets.TryGetValue(log, out Loglet? loglet))
                return loglet;
            Lsn trimPoint = ReadTrimPoint(log);
            loglet = new Loglet(this, log, ReadTail(log, trimPoint), trimPoint);
            _loglets.Add(log, loglet);
            return loglet;
        }
    }

    /// <summary>Finishes the appends that are waiting, then closes the database.</summary>
    public void Dispose()
    {
        StopWriter();
        _database.Dispose();
    }

    private Lsn ReadTrimPoint(LogId log)
    {
        Span<byte> key = stackalloc byte[LogKeys.TrimPointLength];
        LogKeys.WriteTrimPoint(key, log);
        byte[]? value = _database.Get(key);
        return value switch
        {
            null => Lsn.None,
            { Length: sizeof(ulong) } => new Lsn(BinaryPrimitives.ReadUInt64BigEndian(value)),
            _ => throw new StorageException($"log {log}: its trim point is damaged; restore the log store from a copy"),
        };
    }

    private Lsn ReadTail(LogId log, Lsn trimPoint)
    {
        Span<byte> key = stackalloc byte[LogKeys.RecordLength];
        LogKeys.WriteRecord(key, log, new Lsn(ulong.MaxValue));
        using RocksIterator iterator = _database.CreateIterator(snapshot: null, fillCache: false);
        iterator.SeekForPrevious(key);
        Lsn last = iterator.Valid ? LogKeys.LsnOf(iterator.Key, log) ?? Lsn.None : Lsn.None;
        if (!iterator.Valid)
            iterator.ThrowIfFailed();

        // Everything may be trimmed: the numbers that were given out are not given out again.
        return last > trimPoint ? last : trimPoint;
    }

    private void Read(Loglet loglet, Lsn from, Lsn last, long maxBytes, List<LogEntry> entries)
    {
        Span<byte> key = stackalloc byte[LogKeys.RecordLength];
        LogKeys.WriteRecord(key, loglet.Log, from);
        using RocksIterator iterator = _database.CreateIterator(snapshot: null, fillCache: false);
        iterator.Seek(key);
        long bytes = 0;
        Lsn expected = from;
        for (; iterator.Valid && expected <= last; iterator.Next())
        {
            Lsn? lsn = LogKeys.LsnOf(iterator.Key, loglet.Log);
            if (lsn != expected)
                break;
            ReadOnlySpan<byte> value = iterator.Value;
            if (bytes > 0 && bytes + value.Length > maxBytes)
                return;
            bytes += value.Length;
            entries.Add(new LogEntry(expected, RecordBuffer.Copy(value)));
            expected = expected.Next;
        }

        if (!iterator.Valid)
            iterator.ThrowIfFailed();
        if (expected == from)
        {
            throw new StorageException(loglet.TrimPoint >= from
                ? $"log {loglet.Log}: records from {from} on were trimmed (trim point {loglet.TrimPoint})"
                : $"log {loglet.Log}: record {from} is missing although the tail is {loglet.Tail}; the log store is damaged");
        }
    }

    private void Trim(Loglet loglet, Lsn upTo)
    {
        Span<byte> start = stackalloc byte[LogKeys.RecordLength];
        Span<byte> end = stackalloc byte[LogKeys.RecordLength];
        Span<byte> trimPoint = stackalloc byte[LogKeys.TrimPointLength];
        LogKeys.WriteRecord(start, loglet.Log, Lsn.None);
        LogKeys.WriteRecord(end, loglet.Log, upTo.Next);
        LogKeys.WriteTrimPoint(trimPoint, loglet.Log);
        using var batch = new RocksBatch();
        batch.DeleteRange(start, end);
        batch.Put(trimPoint, LogKeys.Encode(upTo));

        // Synced: dropping files is, and if the trim point were lost after them, numbers that were given out would be given out again.
        _database.Write(batch, WriteDurability.Synced);
    }

    /// <summary>Gives the files of trimmed records back at once; without it the next compactions do.</summary>
    private void DropFiles(Loglet loglet, Lsn upTo)
    {
        Span<byte> start = stackalloc byte[LogKeys.RecordLength];
        Span<byte> last = stackalloc byte[LogKeys.RecordLength];
        LogKeys.WriteRecord(start, loglet.Log, Lsn.None);
        LogKeys.WriteRecord(last, loglet.Log, upTo);
        _database.DeleteFilesInRange(start, last);
    }

    /// <summary>One log of the store.</summary>
    private sealed class Loglet(LogStore store, LogId log, Lsn tail, Lsn trimPoint) : ILoglet
    {
        private readonly TailSubscribers _subscribers = new();
        private readonly Lock _trimLock = new();
        private ulong _tail = tail.Value;
        private ulong _trimPoint = trimPoint.Value;

        public LogId Log { get; } = log;

        /// <summary>LSN that was given out last; touched by the writer thread only.</summary>
        public ulong Assigned { get; set; } = tail.Value;

        public Lsn Tail => new(Volatile.Read(ref _tail));

        public Lsn TrimPoint => new(Volatile.Read(ref _trimPoint));

        public Task<Lsn> AppendAsync(RecordBuffer record) => store.Enqueue(this, record);

        public void Read(Lsn from, Lsn upTo, long maxBytes, List<LogEntry> entries)
        {
            Lsn last = Tail < upTo ? Tail : upTo;
            if (from <= last)
                store.Read(this, from, last, maxBytes, entries);
        }

        public void Trim(Lsn upTo)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(upTo, Tail);
            lock (_trimLock)
            {
                if (upTo <= TrimPoint)
                    return;
                store.Trim(this, upTo);

                // Before the files, which may fail on a full disk: the records are gone.
                Volatile.Write(ref _trimPoint, upTo.Value);
                store.DropFiles(this, upTo);
            }
        }

        public IDisposable Subscribe(Action onTail) => _subscribers.Add(onTail);

        /// <summary>Makes records up to <paramref name="lsn"/> visible; they are durable.</summary>
        public void Publish(ulong lsn)
        {
            Volatile.Write(ref _tail, lsn);
            _subscribers.Notify();
        }
    }
}
