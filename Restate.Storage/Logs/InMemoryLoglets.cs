using Restate.Storage.Types;

namespace Restate.Storage.Logs;

/// <summary>Logs that live in memory and die with the process: for tests of what stands above. Thread-safe.</summary>
internal sealed class InMemoryLoglets : ILogletProvider
{
    private readonly Lock _lock = new();
    private readonly Dictionary<LogId, Loglet> _loglets = [];

    /// <inheritdoc/>
    public string Name => "in-memory";

    /// <inheritdoc/>
    public ILoglet Open(LogId log)
    {
        lock (_lock)
        {
            if (!_loglets.TryGetValue(log, out Loglet? loglet))
                _loglets.Add(log, loglet = new Loglet(log));
            return loglet;
        }
    }

    private sealed class Loglet(LogId log) : ILoglet
    {
        private readonly Lock _lock = new();
        private readonly List<RecordBuffer> _records = [];
        private readonly TailSubscribers _subscribers = new();
        private ulong _trimPoint;

        public Lsn Tail
        {
            get
            {
                lock (_lock)
                    return new Lsn(_trimPoint + (ulong)_records.Count);
            }
        }

        public Lsn TrimPoint
        {
            get
            {
                lock (_lock)
                    return new Lsn(_trimPoint);
            }
        }

        public Task<Lsn> AppendAsync(RecordBuffer record)
        {
            Lsn lsn;
            lock (_lock)
            {
                _records.Add(record.AddReference());
                lsn = new Lsn(_trimPoint + (ulong)_records.Count);
            }

            _subscribers.Notify();
            return Task.FromResult(lsn);
        }

        public void Read(Lsn from, Lsn upTo, long maxBytes, List<LogEntry> entries)
        {
            lock (_lock)
            {
                ulong last = Math.Min(upTo.Value, _trimPoint + (ulong)_records.Count);
                if (from.Value <= _trimPoint)
                    throw new StorageException($"log {log}: records from {from} on were trimmed (trim point {_trimPoint})");
                long bytes = 0;
                for (ulong lsn = from.Value; lsn <= last; lsn++)
                {
                    RecordBuffer record = _records[(int)(lsn - _trimPoint - 1)];
                    if (bytes > 0 && bytes + record.Length > maxBytes)
                        break;
                    bytes += record.Length;
                    entries.Add(new LogEntry(new Lsn(lsn), record.AddReference()));
                }
            }
        }

        public void Trim(Lsn upTo)
        {
            lock (_lock)
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThan(upTo.Value, _trimPoint + (ulong)_records.Count);
                if (upTo.Value <= _trimPoint)
                    return;
                int count = (int)(upTo.Value - _trimPoint);
                foreach (RecordBuffer record in _records.Take(count))
                    record.Release();
                _records.RemoveRange(0, count);
                _trimPoint = upTo.Value;
            }
        }

        public IDisposable Subscribe(Action onTail) => _subscribers.Add(onTail);
    }
}
