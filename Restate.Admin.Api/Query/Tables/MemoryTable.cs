namespace Restate.Admin.Api.Query.Tables;

/// <summary>A small table whose rows are made anew for every query.</summary>
internal sealed class MemoryTable : SqlTable
{
    /// <summary>Elements that a list vector holds without growing: DuckDB's vector size. A chunk ends before its lists need more.</summary>
    private const int ChunkElements = 2048;

    private readonly Func<IReadOnlyList<object?[]>> _rows;
    private readonly int[] _lists;

    /// <param name="name">Name in SQL, lower case.</param>
    /// <param name="columns">Columns in order.</param>
    /// <param name="rows">
    /// The rows of now: per column a value as <see cref="SqlType"/> says, or null. Called from any thread; fast, because it runs
    /// inside the query.
    /// </param>
    internal MemoryTable(string name, IReadOnlyList<SqlColumn> columns, Func<IReadOnlyList<object?[]>> rows) : base(name, columns)
    {
        _rows = rows;
        _lists = [.. Enumerable.Range(0, columns.Count).Where(i => columns[i].Type is SqlType.UInt32List or SqlType.Utf8List)];
    }

    internal override TableScan Open(QueryScope scope, int occurrence) => new Scan(this, _rows(), scope);

    /// <summary>Rows of the next chunk: one at least, and no more than its lists have room for.</summary>
    private int ChunkRows(IReadOnlyList<object?[]> rows, int first, int capacity)
    {
        int count = Math.Min(capacity, rows.Count - first);
        foreach (int list in _lists)
        {
            int elements = 0;
            for (int row = 0; row < count; row++)
            {
                elements += MemoryRows.Length(rows[first + row][list]);
                if (elements > ChunkElements)
                    count = Math.Max(1, row);
            }
        }

        return count;
    }

    private sealed class Scan(MemoryTable table, IReadOnlyList<object?[]> rows, QueryScope scope) : TableScan
    {
        internal override int MaxWorkers => 1;

        internal override TableWorker CreateWorker() => new Worker(table, rows, new StringHeap(scope.Memory));
    }

    private sealed class Worker(MemoryTable table, IReadOnlyList<object?[]> rows, StringHeap heap) : TableWorker
    {
        private int _next;

        internal override int Fill(in ScanVectors vectors)
        {
            heap.Reset();
            int count = table.ChunkRows(rows, _next, vectors.Capacity);
            for (int column = 0; column < table.Columns.Count; column++)
                MemoryRows.Write(table.Columns[column], column, rows, _next, count, vectors, heap);
            _next += count;
            return count;
        }

        public override void Dispose() => heap.Dispose();
    }
}
