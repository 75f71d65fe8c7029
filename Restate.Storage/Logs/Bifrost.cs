using Restate.Storage.Types;

namespace Restate.Storage.Logs;

/// <summary>
/// The logs of the node: each is a chain of loglets (one for now), appended at the end and read by LSN, recent records from the
/// record cache. Thread-safe.
/// </summary>
internal sealed class Bifrost : IDisposable
{
    private readonly Dictionary<LogId, BifrostLog> _logs;

    /// <summary>Opens the logs.</summary>
    /// <param name="chains">Provider of every log.</param>
    /// <param name="recordCacheBytes">Capacity of the record cache; 0 disables it.</param>
    public Bifrost(IReadOnlyDictionary<LogId, ILogletProvider> chains, long recordCacheBytes)
    {
        Cache = new RecordCache(recordCacheBytes);
        _logs = chains.ToDictionary(chain => chain.Key, chain => new BifrostLog(chain.Key, chain.Value.Open(chain.Key), Cache));
        foreach (LogStore store in chains.Values.OfType<LogStore>().Distinct())
            store.Appended = Cache.Add;
    }

    /// <summary>Recent records of all logs.</summary>
    public RecordCache Cache { get; }

    /// <summary>A log.</summary>
    /// <exception cref="KeyNotFoundException">There is no such log.</exception>
    public BifrostLog this[LogId log] => _logs[log];

    /// <inheritdoc/>
    public void Dispose() => Cache.Dispose();
}

/// <summary>One log of <see cref="Bifrost"/>. Thread-safe.</summary>
internal sealed class BifrostLog(LogId id, ILoglet loglet, RecordCache cache)
{
    private long _readFromCache;
    private long _readFromStore;

    /// <summary>Which log it is.</summary>
    public LogId Id { get; } = id;

    /// <inheritdoc cref="ILoglet.Tail"/>
    public Lsn Tail => loglet.Tail;

    /// <inheritdoc cref="ILoglet.TrimPoint"/>
    public Lsn TrimPoint => loglet.TrimPoint;

    /// <inheritdoc cref="ILoglet.AppendAsync"/>
    public Task<Lsn> AppendAsync(RecordBuffer record) => loglet.AppendAsync(record);

    /// <summary>Records read from the record cache since the start.</summary>
    public long ReadFromCache => Interlocked.Read(ref _readFromCache);

    /// <summary>Records read from the log's store since the start.</summary>
    public long ReadFromStore => Interlocked.Read(ref _readFromStore);

    /// <summary>
    /// Reads records in order from <paramref name="from"/> on, until <paramref name="maxBytes"/> are reached, the tail, or the first record
    /// that the record cache holds: what it holds is never read from the store. The first one is read whatever its size; none is when
    /// <paramref name="from"/> is past the tail.
    /// </summary>
    /// <exception cref="StorageException">Records from <paramref name="from"/> on were trimmed, or the store cannot be read.</exception>
    public void Read(Lsn from, long maxBytes, List<LogEntry> entries)
    {
        Lsn tail = loglet.Tail;
        if (from > tail)
            return;
        int before = entries.Count;
        if (cache.TryRead(Id, from, tail, maxBytes, entries, out Lsn missing))
        {
            Interlocked.Add(ref _readFromCache, entries.Count - before);
            return;
        }

        loglet.Read(from, missing, maxBytes, entries);
        cache.CountMisses(entries.Count - before);
        Interlocked.Add(ref _readFromStore, entries.Count - before);
    }

    /// <inheritdoc cref="ILoglet.Trim"/>
    public void Trim(Lsn upTo) => loglet.Trim(upTo);

    /// <inheritdoc cref="ILoglet.Subscribe"/>
    public IDisposable Subscribe(Action onTail) => loglet.Subscribe(onTail);
}
