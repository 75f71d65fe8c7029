using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace Restate.Admin.Api.Query.Output;

/// <summary>Writes rows as an Arrow IPC stream: schema, uncompressed record batches, end mark.</summary>
internal sealed class ArrowRows : IRowSink, IDisposable
{
    /// <summary>Rows of a batch, at most.</summary>
    private const int BatchRows = 8192;

    /// <summary>Bytes after which a batch ends.</summary>
    private const int BatchBytes = 512 << 10;

    /// <summary>Most rows taken column by column at a time: enough that what is done once for each column does not count.</summary>
    private const int RunRows = 256;

    private readonly Schema _schema;
    private readonly ArrowColumn[] _columns;
    private readonly BatchSize _size = new();
    private readonly OutputBuffer _output;
    private readonly ArrowStreamWriter _writer;
    private int _rows;
    private bool _isStarted;

    internal ArrowRows(IReadOnlyList<ResultColumn> columns, OutputBuffer output, MemoryCounter memory)
    {
        _output = output;
        _schema = ArrowTypes.SchemaOf(columns);
        _columns = [.. columns.Select(column => new ArrowColumn(column, _size, memory))];
        _writer = new ArrowStreamWriter(new BufferStream(output), _schema, leaveOpen: false);
    }

    public bool IsFull => _output.IsFull;

    public int Append(int from, int count)
    {
        Start();
        int row = from;
        while (row < count && !_output.IsFull)
        {
            int run = Run(row, count);
            foreach (ArrowColumn column in _columns)
                column.Append(row, run);
            row += run;
            _rows += run;
            if (_rows >= BatchRows || _size.Bytes >= BatchBytes)
                WriteBatch();
        }

        return row;
    }

    public void Complete()
    {
        Start();
        if (_rows > 0)
            WriteBatch();
        _writer.WriteEnd();
    }

    public void Dispose()
    {
        _writer.Dispose();
        foreach (ArrowColumn column in _columns)
            column.Dispose();
    }

    private void Start()
    {
        if (_isStarted)
            return;
        _isStarted = true;
        _writer.WriteStart();
    }

    /// <summary>
    /// How many rows to take at a time: one where a batch could otherwise become much larger than it should, or where values hold others.
    /// </summary>
    private int Run(int row, int count)
    {
        int run = Math.Min(Math.Min(count - row, BatchRows - _rows), RunRows);
        long bytes = _size.Bytes;
        foreach (ArrowColumn column in _columns)
        {
            if (!column.IsFlat)
                return 1;
            bytes += column.Measure(row, run);
        }

        return bytes <= BatchBytes + (BatchBytes / 4) ? run : 1;
    }

    private void WriteBatch()
    {
        using var batch = new RecordBatch(_schema, _columns.Select(column => ArrowArrayFactory.BuildArray(column.Build())), _rows);
        _writer.WriteRecordBatch(batch);
        _rows = 0;
        _size.Bytes = 0;
        foreach (ArrowColumn column in _columns)
            column.Clear();
    }

    /// <summary>The output as a stream to write to.</summary>
    private sealed class BufferStream(OutputBuffer output) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => output.Write(buffer);
    }
}
