using Restate.Storage.Types;

namespace Restate.Storage.Logs;

/// <summary>
/// Recent records of all logs, bounded by the bytes they retain; the oldest of any log goes first. Holds each log's records as one
/// window without gaps. Thread-safe.
/// </summary>
internal sealed class RecordCache : IDisposable
{
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

    /// <summary>Creates a cache.</summary>
    /// <param name="capacityBytes">Most bytes to retain; 0 keeps nothing.</param>
    public RecordCache(long capacityBytes) => _capacityBytes = capacityBytes;

    /// <summary>Bytes retained now.</summary>
    public long UsageBytes => Interlocked.Read(ref _usageBytes);

    /// <summary>Records held now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _order.Count - _stale;
        }
    }

    /// <summary>Records that were read from it.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Reads that were not.</summary>
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
                    more = Evict(most: 4096);
            }
        }
    }

    /// <summary>Keeps a record, with a reference of its own. Records of a log come in LSN order.</summary>
    public void Add(LogId log, Lsn lsn, RecordBuffer record)
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
            _order.Enqueue(log);
            Interlocked.Add(ref _usageBytes, record.RetainedBytes);
            Evict(int.MaxValue);
        }
    }

    /// <summary>Adds consecutive records from <paramref name="from"/> on to <paramref name="entries"/>, as <see cref="ILoglet.Read"/> does.</summary>
    /// <returns>False when the first one is not held; nothing was added then.</returns>
    public bool TryRead(LogId log, Lsn from, Lsn tail, long maxBytes, List<LogEntry> entries)
    {
        lock (_lock)
        {
            if (!_windows.TryGetValue(log, out Window? window) || window.Records.Count == 0
                || from.Value < window.First || from.Value >= window.First + (ulong)window.Records.Count)
            {
                Interlocked.Increment(ref _misses);
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
        private RecordBuffer[] _items = new RecordBuffer[16];
        private int _head;

        public int Count { get; private set; }

        public RecordBuffer ElementAt(int index) => _items[(_head + index) & (_items.Length - 1)];

        public void Enqueue(RecordBuffer record)
        {
            if (Count == _items.Length)
            {
                var larger = new RecordBuffer[_items.Length * 2];
                for (int i = 0; i < Count; i++)
                    larger[i] = ElementAt(i);
                _items = larger;
                _head = 0;
            }

            _items[(_head + Count++) & (_items.Length - 1)] = record;
        }

        public RecordBuffer Dequeue()
        {
            RecordBuffer record = _items[_head];
            _items[_head] = null!;
            _head = (_head + 1) & (_items.Length - 1);
            Count--;
            return record;
        }
    }
}
