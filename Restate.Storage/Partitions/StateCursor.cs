using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Storage.Partitions;

/// <summary>Walks state entries of one partition store in key order. Not thread-safe; one thread at a time.</summary>
public sealed class StateCursor : IDisposable
{
    private readonly RocksIterator _iterator;
    private readonly byte[] _range;
    private readonly bool _exact;
    private byte[] _objectPrefix = [];
    private byte[] _serviceName = [];
    private byte[] _serviceKey = [];
    private int _prefixLength;
    private int _nameLength;
    private int _keyLength;
    private bool _started;
    private bool _ended;

    internal StateCursor(RocksIterator iterator, in StateScanRange range)
    {
        _iterator = iterator;
        _range = StateKeys.Prefix(range);
        _exact = range.StateKey is not null;
    }

    /// <summary>True when this entry belongs to the same object (partition key, service name, service key) as the entry before.</summary>
    public bool SameObject { get; private set; }

    /// <summary>Partition key of the entry.</summary>
    public ulong PartitionKey { get; private set; }

    /// <summary>Service name, UTF-8. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> ServiceName => _serviceName.AsSpan(0, _nameLength);

    /// <summary>Object key, UTF-8. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> ServiceKey => _serviceKey.AsSpan(0, _keyLength);

    /// <summary>State key, any bytes. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Key => _iterator.Key[_prefixLength..];

    /// <summary>Value, any bytes. Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Value => _iterator.Value;

    /// <summary>Steps to the next entry; false at the end.</summary>
    /// <exception cref="StorageException">The store could not be read, or an entry is malformed.</exception>
    public bool MoveNext()
    {
        if (_ended)
            return false;
        if (!_started)
        {
            _iterator.Seek(_range);
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
        SameObject = _prefixLength > 0 && key.Length >= _prefixLength && key[.._prefixLength].SequenceEqual(_objectPrefix.AsSpan(0, _prefixLength));
        if (SameObject)
            return true;
        if (!key.StartsWith(_range) || (_exact && key.Length != _range.Length))
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
        }

        (PartitionKey, _nameLength, _keyLength, _prefixLength) = StateKeys.Read(key, _serviceName, _serviceKey);
        key[.._prefixLength].CopyTo(_objectPrefix);
    }
}
