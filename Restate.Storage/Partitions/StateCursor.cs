using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Storage.Partitions;

/// <summary>Walks state entries of one partition store in key order. Not thread-safe; one thread at a time.</summary>
public sealed class StateCursor : IDisposable
{
    private readonly RocksIterator _iterator;
    private readonly bool _isLookup;
    private byte[] _start;
    private byte[] _end;
    private bool _exact;
    private byte[] _objectPrefix = [];
    private byte[] _serviceName = [];
    private byte[] _serviceKey = [];
    private byte[] _scope = [];
    private StateKeyParts _parts;
    private bool _started;
    private bool _ended;

    internal StateCursor(RocksIterator iterator, in StateScanRange range)
    {
        _iterator = iterator;
        _isLookup = range.PartitionKey is not null;
        (_start, _end) = StateKeys.Bounds(range);
        _exact = range.StateKey is not null;
    }

    /// <summary>True when this entry belongs to the same object (partition key, scope, service name, service key) as the entry before.</summary>
    public bool SameObject { get; private set; }

    /// <summary>Partition key of the entry.</summary>
    public ulong PartitionKey => _parts.PartitionKey;

    /// <summary>True when the object has a scope.</summary>
    public bool HasScope => _parts.ScopeLength >= 0;

    /// <summary>Scope, UTF-8; empty when there is none. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Scope => _scope.AsSpan(0, Math.Max(0, _parts.ScopeLength));

    /// <summary>Service name, UTF-8. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> ServiceName => _serviceName.AsSpan(0, _parts.NameLength);

    /// <summary>Object key, UTF-8. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> ServiceKey => _serviceKey.AsSpan(0, _parts.KeyLength);

    /// <summary>State key, any bytes. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Key => _iterator.Key[_parts.PrefixLength..];

    /// <summary>Value, any bytes. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Value => _iterator.Value;

    /// <summary>
    /// Goes on before the first entry of another range, at the same point in time: a good deal cheaper than another cursor, which would
    /// have to find its way into every table file anew.
    /// </summary>
    /// <returns>False when it needs a cursor of its own.</returns>
    public bool TryRestart(in StateScanRange range)
    {
        if (!_iterator.IsBounded || range == StateScanRange.All || _isLookup != range.PartitionKey is not null)
            return false;
        (_start, _end) = StateKeys.Bounds(range);
        _exact = range.StateKey is not null;
        _parts = default;
        _started = false;
        _ended = false;
        return true;
    }

    /// <summary>Steps to the next entry; false at the end.</summary>
    /// <exception cref="StorageException">The store could not be read, or an entry is malformed.</exception>
    public bool MoveNext()
    {
        if (_ended)
            return false;
        if (!_started)
        {
            if (_iterator.IsBounded)
                _iterator.Seek(_start, _end);
            else
                _iterator.Seek(_start);
            _started = true;
        }
        else if (_exact)
        {
            _ended = true;
            return false;
        }
        else
        {
            _iterator.Next();
        }

        if (!_iterator.Valid)
        {
            _ended = true;
            _iterator.ThrowIfFailed();
            return false;
        }

        ReadOnlySpan<byte> key = _iterator.Key;
        int prefix = _parts.PrefixLength;
        SameObject = prefix > 0 && key.Length >= prefix && key[..prefix].SequenceEqual(_objectPrefix.AsSpan(0, prefix));
        if (SameObject)
            return true;
        if (!_iterator.IsBounded && !key.StartsWith(_start))
        {
            _ended = true;
            return false;
        }

        StartObject(key);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _iterator.Dispose();

    private void StartObject(ReadOnlySpan<byte> key)
    {
        if (_objectPrefix.Length < key.Length)
        {
            int size = Math.Max(256, key.Length * 2);
            _objectPrefix = new byte[size];
            _serviceName = new byte[size];
            _serviceKey = new byte[size];
            _scope = new byte[size];
        }

        _parts = StateKeys.Read(key, _scope, _serviceName, _serviceKey);
        key[.._parts.PrefixLength].CopyTo(_objectPrefix);
    }
}
