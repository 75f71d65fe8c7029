using System.Text.Unicode;
using Restate.Admin.Api.Query.Interop;
using Restate.Storage.Types;
using static Restate.Admin.Api.Query.Tables.StateTable;

namespace Restate.Admin.Api.Query.Tables;

/// <summary>Copies state entries into chunks, column by column as far as the query reads them.</summary>
internal sealed unsafe class StateWorker : TableWorker
{
    /// <summary>How often a scan that may read long without delivering anything looks whether it should stop: every 1,024 rows.</summary>
    private const int StopMask = 1023;

    private readonly Scan _scan;
    private readonly StringHeap _heap;
    private IStateCursor? _cursor;
    private PartitionId _partition;
    private bool _atEnd = true;
    private bool _ended;

    /// <summary>Whether the filter lets the cursor's object through; null until it is asked.</summary>
    private bool? _admitted;

    internal StateWorker(Scan scan)
    {
        _scan = scan;
        _heap = new StringHeap(scan.Scope.Memory);
    }

    internal override int Fill(in ScanVectors vectors)
    {
        _heap.Reset();
        var columns = new Columns(vectors);
        int row = 0;

        // The strings of an object are shared by its rows, but only within a chunk: the heap starts anew with each.
        bool firstOfObject = true;
        StringValue serviceName = default;
        StringValue serviceKey = default;
        StringValue scope = default;
        int read = 0;
        while (row < vectors.Capacity && _heap.Used < StringHeap.ChunkBytes)
        {
            if (_atEnd && !OpenNext())
                break;
            if (!_cursor!.MoveNext())
            {
                _atEnd = true;
                firstOfObject = true;
                continue;
            }

            read++;
            if (_scan.Filter is { } filter)
            {
                if ((read & StopMask) == 0)
                    _scan.Scope.Guard.ThrowIfStopped();
                if (!_cursor.SameObject)
                    _admitted = null;
                _admitted ??= filter.Admits(_cursor.ServiceName, _cursor.ServiceKey);
                if (_admitted == false || filter.StateKeys?.Contains(_cursor.Key) == false)
                {
                    // The next row may be the first of its object that is delivered.
                    firstOfObject |= !_cursor.SameObject;
                    continue;
                }
            }

            if (firstOfObject || !_cursor.SameObject)
            {
                firstOfObject = false;
                if (columns.ServiceName != null)
                    serviceName = _heap.Add(_cursor.ServiceName);
                if (columns.ServiceKey != null)
                    serviceKey = _heap.Add(_cursor.ServiceKey);
                if (columns.Scope != null && _cursor.HasScope)
                    scope = _heap.Add(_cursor.Scope);
            }

            if (columns.PartitionKey != null)
                columns.PartitionKey[row] = _cursor.PartitionKey;
            if (columns.Scope != null)
            {
                if (_cursor.HasScope)
                    columns.Scope[row] = scope;
                else
                    ScanVectors.SetNull(columns.ScopeValidity, row);
            }

            if (columns.ServiceName != null)
                columns.ServiceName[row] = serviceName;
            if (columns.ServiceKey != null)
                columns.ServiceKey[row] = serviceKey;
            if (columns.Key != null)
                WriteText(_cursor.Key, columns.Key, columns.KeyValidity, row);
            if (columns.KeyLength != null)
                columns.KeyLength[row] = (ulong)_cursor.Key.Length;
            if (columns.HasValue)
                WriteValue(columns, _cursor.Value, row);
            row++;
        }

        _scan.Scope.AddRows(read);
        return row;
    }

    public override void Dispose()
    {
        _cursor?.Dispose();
        _cursor = null;
        _heap.Dispose();
    }

    private bool OpenNext()
    {
        if (_ended)
            return false;
        IStateCursor? last = _cursor;

        // It is given away: a failure leaves none behind that was disposed.
        _cursor = null;
        _cursor = _scan.OpenNext(last, ref _partition);
        _admitted = null;
        _ended = _cursor is null;
        _atEnd = _ended;
        return !_ended;
    }

    private void WriteText(ReadOnlySpan<byte> bytes, StringValue* column, ulong* validity, int row)
    {
        if (Utf8.IsValid(bytes))
            column[row] = _heap.Add(bytes);
        else
            ScanVectors.SetNull(validity, row);
    }

    private void WriteValue(in Columns columns, ReadOnlySpan<byte> value, int row)
    {
        if (columns.ValueLength != null)
            columns.ValueLength[row] = (ulong)value.Length;
        StringValue stored = default;
        bool isStored = false;
        if (columns.Value != null)
        {
            stored = _heap.Add(value);
            isStored = true;
            columns.Value[row] = stored;
        }

        if (columns.ValueUtf8 == null)
            return;
        if (!Utf8.IsValid(value))
            ScanVectors.SetNull(columns.ValueUtf8Validity, row);
        else
            columns.ValueUtf8[row] = isStored ? stored : _heap.Add(value);
    }

    /// <summary>Where the columns go; null for those the query does not read.</summary>
    private readonly ref struct Columns
    {
        internal readonly ulong* PartitionKey;
        internal readonly StringValue* Scope;
        internal readonly StringValue* ServiceName;
        internal readonly StringValue* ServiceKey;
        internal readonly StringValue* Key;
        internal readonly ulong* KeyLength;
        internal readonly StringValue* ValueUtf8;
        internal readonly StringValue* Value;
        internal readonly ulong* ValueLength;
        internal readonly ulong* ScopeValidity;
        internal readonly ulong* KeyValidity;
        internal readonly ulong* ValueUtf8Validity;

        internal Columns(in ScanVectors vectors)
        {
            PartitionKey = (ulong*)vectors.Data((int)Column.PartitionKey);
            Scope = (StringValue*)vectors.Data((int)Column.Scope);
            ServiceName = (StringValue*)vectors.Data((int)Column.ServiceName);
            ServiceKey = (StringValue*)vectors.Data((int)Column.ServiceKey);
            Key = (StringValue*)vectors.Data((int)Column.Key);
            KeyLength = (ulong*)vectors.Data((int)Column.KeyLength);
            ValueUtf8 = (StringValue*)vectors.Data((int)Column.ValueUtf8);
            Value = (StringValue*)vectors.Data((int)Column.Value);
            ValueLength = (ulong*)vectors.Data((int)Column.ValueLength);
            if (Scope != null)
                ScopeValidity = vectors.Validity((int)Column.Scope);
            if (Key != null)
                KeyValidity = vectors.Validity((int)Column.Key);
            if (ValueUtf8 != null)
                ValueUtf8Validity = vectors.Validity((int)Column.ValueUtf8);
        }

        internal bool HasValue => ValueUtf8 != null || Value != null || ValueLength != null;
    }
}
