using Restate.Storage.Types;

namespace Restate.Storage.Logs;

/// <summary>
/// Recent records of all logs, bounded by the bytes they retain; the oldest of any log goes first. Holds each log's records as one
/// window without gaps. Thread-safe.
/// </summary>
public sealed class RecordCache : IDisposable
{
    /// <summary>Records dropped at most while the lock is held: about a millisecond.</summary>
    private const int EvictionStep = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<LogId, Window> _windows = [];

    /// <summary>For every record held, its log, oldest first.</summary>
    private readonly Queue<LogId> _order = new();

    /// <summary>Entries of <see cref="_order"/> whose record was dropped out of turn.</summary>
    private int _stale;
    private long _capacityBytes;
    private long _usageBytes;
    private long _hits;
    private long _misses;
    private long _count;

    /// <summary>Creates a cache.</summary>
    /// <param name="capacityBytes">Most bytes to retain; 0 keeps nothing.</param>
    internal RecordCache(long capacityBytes) => _capacityBytes = capacityBytes;

    /// <summary>Bytes retained now.</summary>
    public long UsageBytes => Interlocked.Read(ref _usageBytes);

    /// <summary>Records held now.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Records that readers of the logs found here, since the start.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Records that readers of the logs had to read from their stores, since the start.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Most bytes to retain; lowering it drops records before it returns; 0 keeps nothing.</summary>
    public long CapacityBytes
    {
        get => Interlocked.Read(ref _capacityBytes);
        set
        {
            Interlocked.Exchange(ref _capacityBytes, value);

            // Step by step: a million small records take longer to free than an append may wait for the lock.
            bool more = true;
            while (more)
            {
                lock (_lock)
                {
                    more = Evict(EvictionStep);
                    if (!more)
                        _order.TrimExcess();
                }
            }
        }
    }

    /// <summary>Keeps a record, with a reference of its own. Records of a log come in LSN order.</summary>
    internal void Add(LogId log, Lsn lsn, RecordBuffer record)
    {
        if (record.RetainedBytes > CapacityBytes)
            return;
        lock (_lock)
        {
            if (!_windows.TryGetValue(log, out Window? window))
                _windows.Add(log, window = new Window());
            if (window.Records.Count > 0 && lsn.Value != window.First + (ulong)window.Records.Count)
            {
                // A record between was too large to keep: what is older can no longer be read on from.
                while (window.Records.Count > 0)
                    DropOldest(window);
                ForgetStale();
            }

            if (window.Records.Count == 0)
                window.First = lsn.Value;
            window.Records.Enqueue(record.AddReference());
            Interlocked.Increment(ref _count);
            _order.Enqueue(log);
            Interlocked.Add(ref _usageBytes, record.RetainedBytes);

            // After a lowered capacity its setter drops the rest; an append pays for a part only.
            Evict(EvictionStep);
        }
    }

    /// <summary>Adds consecutive records from <paramref name="from"/> on to <paramref name="entries"/>, as <see cref="ILoglet.Read"/> does.</summary>
    /// <param name="log">Which log.</param>
    /// <param name="from">First record wanted.</param>
    /// <param name="tail">Last record that may be read.</param>
    /// <param name="maxBytes">Ends the read; the first record is read whatever its size.</param>
    /// <param name="entries">Receives the records.</param>
    /// <param name="missing">When the first one is not held, the last one before those that are, at most <paramref name="tail"/>.</param>
    /// <returns>False when the first one is not held; nothing was added then.</returns>
    internal bool TryRead(LogId log, Lsn from, Lsn tail, long maxBytes, List<LogEntry> entries, out Lsn missing)
    {
        missing = tail;
        lock (_lock)
        {
            if (!_windows.TryGetValue(log, out Window? window) || window.Records.Count == 0
                || from.Value >= window.First + (ulong)window.Records.Count)
                return false;
            if (from.Value < window.First)
            {
                missing = new Lsn(Math.Min(tail.Value, window.First - 1));
                return false;
            }

            long bytes = 0;
            ulong end = Math.Min(tail.Value, window.First + (ulong)window.Records.Count - 1);
            for (ulong lsn = from.Value; lsn <= end; lsn++)
            {
                RecordBuffer record = window.Records.ElementAt((int)(lsn - window.First));
                if (bytes > 0 && bytes + record.Length > maxBytes)
                    break;
                bytes += record.Length;
                entries.Add(new LogEntry(new Lsn(lsn), record.AddReference()));
                Interlocked.Increment(ref _hits);
            }

            return true;
        }
    }

    /// <summary>Counts records that had to be read from a log's store.</summary>
    internal void CountMisses(long records) => Interlocked.Add(ref _misses, records);

    /// <inheritdoc/>
    public void Dispose() => CapacityBytes = 0;

    /// <summary>Drops the oldest records until the rest fits, at most so many.</summary>
    /// <returns>True when it still does not fit.</returns>
    private bool Evict(int most)
    {
        for (; _usageBytes > _capacityBytes; most--)
        {
            if (most == 0)
                return true;
            if (!_order.TryDequeue(out LogId log))
                break;
            Window window = _windows[log];

            // The queue may still name records of a window that was dropped whole; those entries are spent here.
            if (window.Stale > 0)
                (window.Stale, _stale) = (window.Stale - 1, _stale - 1);
            else
                DropFirst(window);
        }

        return false;
    }

    /// <summary>A cache that is never full evicts nothing, so entries that name nothing would only ever grow in number.</summary>
    private void ForgetStale()
    {
        const int Few = 1024;
        if (_stale < Few || _stale < _order.Count / 2)
            return;
        for (int left = _order.Count; left > 0; left--)
        {
            LogId log = _order.Dequeue();
            Window window = _windows[log];
            if (window.Stale > 0)
                window.Stale--;
            else
                _order.Enqueue(log);
        }

        _stale = 0;
    }

    private void DropOldest(Window window)
    {
        DropFirst(window);
        window.Stale++;
        _stale++;
    }

    private void DropFirst(Window window)
    {
        RecordBuffer record = window.Records.Dequeue();
        window.First++;
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _usageBytes, -record.RetainedBytes);
        record.Release();
    }

    private sealed class Window
    {
        /// <summary>LSN of the first record held.</summary>
        public ulong First { get; set; }

        /// <summary>Entries of the order queue that name records no longer held.</summary>
        public int Stale { get; set; }

        public RecordRing Records { get; } = new();
    }

    /// <summary>A queue with access by position.</summary>
    private sealed class RecordRing
    {
        private const int Fewest = 16;

        private RecordBuffer[] _items = new RecordBuffer[Fewest];
        private int _head;

        public int Count { get; private set; }

        public RecordBuffer ElementAt(int index) => _items[(_head + index) & (_items.Length - 1)];

        public void Enqueue(RecordBuffer record)
        {
            if (Count == _items.Length)
                Resize(_items.Length * 2);
            _items[(_head + Count++) & (_items.Length - 1)] = record;
        }

        public RecordBuffer Dequeue()
        {
            RecordBuffer record = _items[_head];
            _items[_head] = null!;
            _head = (_head + 1) & (_items.Length - 1);
            Count--;

            // What a busy log once needed is not kept for ever by an idle one.
            if (_items.Length > Fewest && Count <= _items.Length / 4)
                Resize(_items.Length / 2);
            return record;
        }

        private void Resize(int length)
        {
            var items = new RecordBuffer[length];
            for (int i = 0; i < Count; i++)
                items[i] = ElementAt(i);
            _items = items;
            _head = 0;
        }
    }
}
