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

    internal void Add(string service, string serviceKey, string key, byte[] value)
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

    private readonly record struct EntryKey(ulong PartitionKey, string Service, string ServiceKey, string Key) : IComparable<EntryKey>
    {
        public int CompareTo(EntryKey other)
        {
            int order = PartitionKey.CompareTo(other.PartitionKey);
            order = order != 0 ? order : string.CompareOrdinal(Service, other.Service);
            order = order != 0 ? order : string.CompareOrdinal(ServiceKey, other.ServiceKey);
            return order != 0 ? order : string.CompareOrdinal(Key, other.Key);
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
        private readonly string? _service = Text(range.ServiceName);
        private readonly string? _serviceKey = Text(range.ServiceKey);
        private readonly string? _key = Text(range.StateKey);
        private int _at = -1;
        private EntryKey _last;
        private EntryKey _entry;

        public bool SameObject => _entry with { Key = "" } == _last with { Key = "" };

        public ulong PartitionKey => _entry.PartitionKey;

        public ReadOnlySpan<byte> ServiceName => Encoding.UTF8.GetBytes(_entry.Service);

        public ReadOnlySpan<byte> ServiceKey => Encoding.UTF8.GetBytes(_entry.ServiceKey);

        public ReadOnlySpan<byte> Key => Encoding.UTF8.GetBytes(_entry.Key);

        public ReadOnlySpan<byte> Value => entries.GetValueAtIndex(_at);

        public bool MoveNext()
        {
            _last = _entry;
            while (++_at < entries.Count)
            {
                _entry = entries.GetKeyAtIndex(_at);
                if ((range.PartitionKey is { } partitionKey && _entry.PartitionKey != partitionKey)
                    || (_service is not null && _entry.Service != _service)
                    || (_serviceKey is not null && _entry.ServiceKey != _serviceKey)
                    || (_key is not null && _entry.Key != _key))
                    continue;
                int rows = Interlocked.Increment(ref source._rowsRead);
                source.BeforeRow?.Invoke(rows);
                return true;
            }

            return false;
        }

        public void Dispose() => Interlocked.Decrement(ref source._openCursors);

        private static string? Text(ReadOnlyMemory<byte>? bytes) => bytes is { } some ? Encoding.UTF8.GetString(some.Span) : null;
    }
}
