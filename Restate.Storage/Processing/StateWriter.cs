using Restate.Storage.Encoding;
using Restate.Storage.Logs;
using Restate.Storage.Partitions;
using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>
/// Collects the new state of one object, in any order and with repetitions, and appends it to the log as one record. Used once,
/// by one caller. The bytes are in native memory.
/// </summary>
public sealed class StateWriter : IDisposable
{
    /// <summary>Longest wait of a write for memory or for a lagging partition before it is turned away.</summary>
    public static readonly TimeSpan AppendTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Most entries of one object: bounds the list of them, which is on the managed heap, and the batch they become.</summary>
    public const int MaxEntries = 1_000_000;

    /// <summary>Most bytes of an object key: it is repeated in the key of every entry.</summary>
    public const int MaxServiceKeyBytes = 64 << 10;

    /// <summary>
    /// Most memtable bytes of one change. It is applied in one batch, and a record in the log cannot be refused any more: what a
    /// partition could not apply would stop it at every start.
    /// </summary>
    public const long MaxBatchBytes = 64 << 20;

    private readonly NativeBuffer _bytes = new(16 << 10);
    private readonly List<Entry> _entries = [];

    /// <summary>True when no entry was added.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Begins an entry; its value follows by <see cref="AppendValue(byte)"/>. A key that comes again replaces the earlier entry.</summary>
    /// <param name="key">State key, UTF-8.</param>
    /// <exception cref="ChangeTooLargeException">There are <see cref="MaxEntries"/> entries already.</exception>
    public void BeginEntry(ReadOnlySpan<byte> key)
    {
        if (_entries.Count == MaxEntries)
            throw new ChangeTooLargeException($"new_state has more than {MaxEntries} entries; an object may have {MaxEntries}");
        int keyStart = _bytes.Length;
        _bytes.Append(key);
        _entries.Add(new Entry(keyStart, key.Length, _bytes.Length, 0, _entries.Count));
    }

    /// <summary>Appends a byte to the value of the entry begun last.</summary>
    public void AppendValue(byte value)
    {
        _bytes.Append(value);
        Extend(1);
    }

    /// <summary>Room for bytes of the value of the entry begun last; <see cref="AdvanceValue"/> says how many were used.</summary>
    public Span<byte> ReserveValue(int count) => _bytes.Reserve(count);

    /// <summary>Counts bytes written into <see cref="ReserveValue"/>'s span.</summary>
    public void AdvanceValue(int count)
    {
        _bytes.Advance(count);
        Extend(count);
    }

    /// <summary>Appends bytes to the value of the entry begun last.</summary>
    public void AppendValue(ReadOnlySpan<byte> value)
    {
        _bytes.Append(value);
        Extend(value.Length);
    }

    /// <summary>The new state as it will be appended: in key order, of equal keys the last.</summary>
    internal IReadOnlyList<(byte[] Key, byte[] Value)> Entries()
    {
        SortAndDeduplicate();
        return [.. _entries.Select(entry => (KeyOf(entry).ToArray(), _bytes.Written.Slice(entry.ValueStart, entry.ValueLength).ToArray()))];
    }

    /// <summary>Appends the record; it is durable when the task completes.</summary>
    /// <param name="partitions">The partitions of the node.</param>
    /// <param name="scope">Scope of the object; empty: none. A scope, not the key, then decides the partition.</param>
    /// <param name="serviceName">Service of the object.</param>
    /// <param name="serviceKey">Key of the object, UTF-8.</param>
    /// <param name="expectedVersion">SHA-256 that the state must have, see <see cref="StateVersionText"/>; empty: any.</param>
    /// <param name="time">Clock for the record's time.</param>
    /// <param name="cancellationToken">Cancels waiting for admission; a record on its way is finished.</param>
    /// <exception cref="ChangeTooLargeException">Key or state is past a limit of this class.</exception>
    /// <exception cref="PartitionUnavailableException">The object's partition is not open or lags behind.</exception>
    /// <exception cref="Memory.AdmissionTimeoutException">There was no memory in time; nothing was written.</exception>
    /// <exception cref="StorageException">The log failed; the record may or may not be in it.</exception>
    public async Task AppendAsync(
        PartitionManager partitions,
        string scope,
        string serviceName,
        ReadOnlyMemory<byte> serviceKey,
        byte[] expectedVersion,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        byte[] scopeBytes = System.Text.Encoding.UTF8.GetBytes(scope);
        byte[] name = System.Text.Encoding.UTF8.GetBytes(serviceName);
        ulong partitionKey = PartitionKey.Of(scopeBytes.Length > 0 ? scopeBytes : serviceKey.Span);
        SortAndDeduplicate();
        int payload = StateMutation.HeadLength(scopeBytes.Length, name.Length, serviceKey.Length, expectedVersion.Length > 0, (uint)_entries.Count);
        foreach (Entry entry in _entries)
            payload += Varint.LengthOf((uint)entry.KeyLength) + entry.KeyLength + Varint.LengthOf((uint)entry.ValueLength) + entry.ValueLength;
        if (serviceKey.Length > MaxServiceKeyBytes)
            throw new ChangeTooLargeException($"object_key has {serviceKey.Length} bytes; at most {MaxServiceKeyBytes} are allowed");
        long prefix = StateKeys.MaxPrefixLength(scopeBytes.Length, name.Length, serviceKey.Length) + RocksBatch.EntryOverheadBytes;
        long batch = _entries.Sum(entry => prefix + entry.KeyLength + entry.ValueLength);
        if (batch > MaxBatchBytes)
            throw new ChangeTooLargeException($"new_state takes {new ByteSize((ulong)batch)} to store, keys included; at most {new ByteSize((ulong)MaxBatchBytes)} are allowed for one object");
        Partition partition = partitions[partitions.Find(partitionKey)];
        await partition.AppendAsync(Build, payload + RocksBatch.EntryOverheadBytes, AppendTimeout, cancellationToken);

        RecordBuffer Build(ulong epoch)
        {
            var header = new LogRecordHeader(LogRecordKind.StateMutation, epoch, (ulong)time.GetUtcNow().ToUnixTimeMilliseconds(), partitionKey);
            return RecordBuffer.Create(header.Length + payload, header, (span, head) => Write(span, head, scopeBytes, name, serviceKey.Span, expectedVersion));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _bytes.Dispose();

    private void Write(Span<byte> record, in LogRecordHeader header, byte[] scope, byte[] name, ReadOnlySpan<byte> key, byte[] expectedVersion)
    {
        header.Write(record);
        record = record[header.Length..];
        record = record[StateMutation.WriteHead(record, scope, name, key, expectedVersion, (uint)_entries.Count)..];
        ReadOnlySpan<byte> bytes = _bytes.Written;
        foreach (Entry entry in _entries)
        {
            record = record[StateMutation.WriteBytes(record, bytes.Slice(entry.KeyStart, entry.KeyLength))..];
            record = record[StateMutation.WriteBytes(record, bytes.Slice(entry.ValueStart, entry.ValueLength))..];
        }
    }

    private void SortAndDeduplicate()
    {
        _entries.Sort((left, right) =>
        {
            int order = KeyOf(left).SequenceCompareTo(KeyOf(right));
            return order != 0 ? order : left.Order.CompareTo(right.Order);
        });
        int kept = 0;
        for (int i = 0; i < _entries.Count; i++)
        {
            // Of equal keys the last one given stands, as in any JSON object read into a map.
            if (i + 1 < _entries.Count && KeyOf(_entries[i]).SequenceEqual(KeyOf(_entries[i + 1])))
                continue;
            _entries[kept++] = _entries[i];
        }

        _entries.RemoveRange(kept, _entries.Count - kept);
    }

    private ReadOnlySpan<byte> KeyOf(Entry entry) => _bytes.Written.Slice(entry.KeyStart, entry.KeyLength);

    private void Extend(int count)
    {
        Entry last = _entries[^1];
        _entries[^1] = last with { ValueLength = last.ValueLength + count };
    }

    private readonly record struct Entry(int KeyStart, int KeyLength, int ValueStart, int ValueLength, int Order);
}

/// <summary>Text form of a state version.</summary>
public static class StateVersionText
{
    /// <summary>Reads URL-safe base64 without padding; false when no state can have that version.</summary>
    public static bool TryParse(string text, out byte[] hash) => StateVersion.TryParse(text, out hash);
}
