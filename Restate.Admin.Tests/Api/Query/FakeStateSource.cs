using System.Collections.Concurrent;
using System.Text;
using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>State entries in memory, with a record of what was leased and read.</summary>
internal sealed class FakeStateSource(int partitionCount) : IStateSource
{
    private readonly KeyRange[] _ranges = KeyRange.Split(partitionCount);
    private readonly SortedList<EntryKey, byte[]>[] _partitions =
        [.. Enumerable.Range(0, partitionCount).Select(_ => new SortedList<EntryKey, byte[]>())];

    private int _openLeases;
    private int _openCursors;
    private int _rowsRead;

    public int PartitionCount => partitionCount;

    internal int OpenLeases => Volatile.Read(ref _openLeases);

    internal int OpenCursors => Volatile.Read(ref _openCursors);

    internal int RowsRead => Volatile.Read(ref _rowsRead);

    internal ConcurrentBag<PartitionId> Leased { get; } = [];

    /// <summary>Partitions that refuse leases.</summary>
    internal HashSet<PartitionId> Closed { get; } = [];

    /// <summary>Cancelled, it asks all leases back.</summary>
    internal CancellationTokenSource Interrupt { get; } = new();

    /// <summary>Called before every row.</summary>
    internal Action<int>? BeforeRow { get; set; }

    internal void Add(string service, string serviceKey, string key, byte[] value) =>
        Add(service, serviceKey, Encoding.UTF8.GetBytes(key), value);

    internal void Add(string service, string serviceKey, byte[] key, byte[] value)
    {
        ulong partitionKey = PartitionKey.Of(serviceKey);
        _partitions[Find(partitionKey).Value].Add(new EntryKey(partitionKey, service, serviceKey, key), value);
    }

    internal void Add(string service, string serviceKey, string key, string value) =>
        Add(service, serviceKey, key, Encoding.UTF8.GetBytes(value));

    /// <summary><paramref name="objects"/> objects of two services with <paramref name="keys"/> entries each.</summary>
    internal FakeStateSource Fill(int objects, int keys)
    {
        for (int o = 0; o < objects; o++)
        {
            for (int k = 0; k < keys; k++)
                Add(o % 2 == 0 ? "Cart" : "Counter", $"obj-{o}", $"k{k}", $"{{\"value\":{o * k},\"text\":\"some longer text {o}\"}}");
        }

        return this;
    }

    /// <summary>Forgets what was leased and read.</summary>
    internal void Restart()
    {
        Leased.Clear();
        Volatile.Write(ref _rowsRead, 0);
    }

    public PartitionId Find(ulong partitionKey) => new((ushort)Array.FindIndex(_ranges, range => range.Contains(partitionKey)));

    public ValueTask<IStateLease> AcquireAsync(PartitionId partition, CancellationToken cancellationToken)
    {
        if (Closed.Contains(partition))
            throw new PartitionUnavailableException(partition, "closed");
        Leased.Add(partition);
        Interlocked.Increment(ref _openLeases);
        return ValueTask.FromResult<IStateLease>(new Lease(this, _partitions[partition.Value]));
    }

    private sealed record EntryKey(ulong PartitionKey, string Service, string ServiceKey, byte[] Key) : IComparable<EntryKey>
    {
        internal byte[] ServiceBytes { get; } = Encoding.UTF8.GetBytes(Service);

        internal byte[] ServiceKeyBytes { get; } = Encoding.UTF8.GetBytes(ServiceKey);

        public int CompareTo(EntryKey? other)
        {
            int order = PartitionKey.CompareTo(other!.PartitionKey);
            order = order != 0 ? order : ServiceBytes.AsSpan().SequenceCompareTo(other.ServiceBytes);
            order = order != 0 ? order : ServiceKeyBytes.AsSpan().SequenceCompareTo(other.ServiceKeyBytes);
            return order != 0 ? order : Key.AsSpan().SequenceCompareTo(other.Key);
        }
    }

    private sealed class Lease(FakeStateSource source, SortedList<EntryKey, byte[]> entries) : IStateLease
    {
        private bool _isDisposed;

        public CancellationToken Interrupted => source.Interrupt.Token;

        public IStateCursor Open(in StateScanRange range)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Interlocked.Increment(ref source._openCursors);
            return new Cursor(source, entries, range);
        }

        public void Dispose()
        {
            if (_isDisposed)
                throw new InvalidOperationException("a lease was returned twice");
            _isDisposed = true;
            Interlocked.Decrement(ref source._openLeases);
        }
    }

    private sealed class Cursor(FakeStateSource source, SortedList<EntryKey, byte[]> entries, StateScanRange range) : IStateCursor
    {
        private StateScanRange _range = range;
        private int _at = -1;
        private EntryKey? _last;
        private EntryKey? _entry;

        public bool SameObject =>
            (_entry!.PartitionKey, _entry.Service, _entry.ServiceKey) == (_last?.PartitionKey, _last?.Service, _last?.ServiceKey);

        public ulong PartitionKey => _entry!.PartitionKey;

        public ReadOnlySpan<byte> ServiceName => _entry!.ServiceBytes;

        public ReadOnlySpan<byte> ServiceKey => _entry!.ServiceKeyBytes;

        public ReadOnlySpan<byte> Key => _entry!.Key;

        public ReadOnlySpan<byte> Value => entries.GetValueAtIndex(_at);

        public bool MoveNext()
        {
            _last = _entry;
            while (++_at < entries.Count)
            {
                _entry = entries.GetKeyAtIndex(_at);
                if (!IsInRange(_entry))
                    continue;
                int rows = Interlocked.Increment(ref source._rowsRead);
                source.BeforeRow?.Invoke(rows);
                return true;
            }

            return false;
        }

        public bool TryRestart(in StateScanRange range)
        {
            _range = range;
            _at = -1;
            _entry = null;
            return true;
        }

        public void Dispose() => Interlocked.Decrement(ref source._openCursors);

        private bool IsInRange(EntryKey entry)
        {
            if (_range.PartitionKey is not { } partitionKey)
                return IsNext(BitConverter.GetBytes(entry.PartitionKey).Reverse().ToArray());
            if (entry.PartitionKey != partitionKey)
                return false;
            if (_range.ServiceName is not { } service)
                return IsNext(entry.ServiceBytes);
            if (!service.Span.SequenceEqual(entry.ServiceBytes))
                return false;
            if (_range.ServiceKey is not { } serviceKey)
                return IsNext(entry.ServiceKeyBytes);
            if (!serviceKey.Span.SequenceEqual(entry.ServiceKeyBytes))
                return false;
            return _range.StateKey is { } key ? key.Span.SequenceEqual(entry.Key) : IsNext(entry.Key);
        }

        private bool IsNext(byte[] part) => _range.Next is not { } next
            || (next.From.Span.SequenceCompareTo(part) <= 0 && (next.To is not { } to || to.Span.SequenceCompareTo(part) > 0));
    }
}
