using System.Text;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query.Tables;

/// <summary>A small table whose rows are made anew for every query.</summary>
internal sealed unsafe class MemoryTable : SqlTable
{
    private readonly Func<IReadOnlyList<object?[]>> _rows;

    /// <param name="name">Name in SQL, lower case.</param>
    /// <param name="columns">Columns in order.</param>
    /// <param name="rows">
    /// The rows of now: per column a <see cref="bool"/>, <see cref="uint"/>, <see cref="ulong"/>, <see cref="string"/> or
    /// <see cref="byte"/> array as its type says, or null. Called from any thread; fast, because it runs inside the query.
    /// </param>
    internal MemoryTable(string name, IReadOnlyList<SqlColumn> columns, Func<IReadOnlyList<object?[]>> rows) : base(name, columns) =>
        _rows = rows;

    internal override TableScan Open(QueryScope scope, int occurrence) => new Scan(this, _rows(), scope);

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
            int count = Math.Min(vectors.Capacity, rows.Count - _next);
            for (int column = 0; column < table.Columns.Count; column++)
            {
                void* data = vectors.Data(column);
                if (data == null)
                    continue;
                ulong* validity = vectors.Validity(column);
                for (int row = 0; row < count; row++)
                    Write(table.Columns[column], rows[_next + row][column], data, validity, row);
            }

            _next += count;
            return count;
        }

        public override void Dispose() => heap.Dispose();

        private void Write(SqlColumn column, object? value, void* data, ulong* validity, int row)
        {
            if (value is null)
            {
                ScanVectors.SetNull(validity, row);
                return;
            }

            switch (column.Type)
            {
                case SqlType.Boolean:
                    ((bool*)data)[row] = (bool)value;
                    break;
                case SqlType.UInt32:
                    ((uint*)data)[row] = (uint)value;
                    break;
                case SqlType.UInt64:
                    ((ulong*)data)[row] = (ulong)value;
                    break;
                case SqlType.Utf8:
                    ((StringValue*)data)[row] = heap.Add(Encoding.UTF8.GetBytes((string)value));
                    break;
                case SqlType.Binary:
                    ((StringValue*)data)[row] = heap.Add((byte[])value);
                    break;
                default:
                    throw new InvalidOperationException($"{table.Name}.{column.Name} has the unknown type {column.Type}");
            }
        }
    }
}
