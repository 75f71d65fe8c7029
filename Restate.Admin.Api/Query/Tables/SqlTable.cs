namespace Restate.Admin.Api.Query.Tables;

/// <summary>A table that queries can read. Immutable and thread-safe.</summary>
internal abstract class SqlTable
{
    protected SqlTable(string name, IReadOnlyList<SqlColumn> columns)
    {
        Name = name;
        Columns = columns;
    }

    /// <summary>Name in SQL, lower case.</summary>
    internal string Name { get; }

    /// <summary>What a row is, for documentation: a phrase without a full stop. Empty where a test makes the table.</summary>
    internal string Description { get; init; } = "";

    /// <summary>When the table has no rows, and why; null where it always has some, or as many as there are things of its kind.</summary>
    internal string? WhyEmpty { get; init; }

    /// <summary>Columns whose conditions narrow a scan; a condition on any other is checked on every row.</summary>
    internal IReadOnlyList<ScanKey> Keys { get; init; } = [];

    /// <summary>Columns in the order of <c>select *</c>. The first should be the cheapest: <c>count(*)</c> reads it.</summary>
    internal IReadOnlyList<SqlColumn> Columns { get; }

    /// <summary>True when the rows live in partitions, so that a query needs leases and conditions on keys are looked for.</summary>
    internal virtual bool IsPartitioned => false;

    /// <summary>About how many rows a scan will give; the optimizer orders joins by it.</summary>
    /// <param name="scope">The query; null when there is none.</param>
    /// <param name="occurrence">As for <see cref="Open"/>.</param>
    internal virtual ulong EstimateRows(QueryScope? scope, int occurrence) => 100;

    /// <summary>Starts a scan. Runs on a thread of DuckDB.</summary>
    /// <param name="scope">The query.</param>
    /// <param name="occurrence">Which of the query's mentions of partitioned tables this is; −1 when it is not known.</param>
    internal abstract TableScan Open(QueryScope scope, int occurrence);
}

/// <summary>One scan of a table, shared by its workers. Thread-safe.</summary>
internal abstract class TableScan
{
    /// <summary>How many workers can have something to do, at least 1.</summary>
    internal abstract int MaxWorkers { get; }

    /// <summary>A new worker; it is used by one thread at a time.</summary>
    internal abstract TableWorker CreateWorker();
}

/// <summary>Fills chunks with rows of a scan. Used by one thread at a time, not always the same.</summary>
internal abstract class TableWorker : IDisposable
{
    /// <summary>Writes the next rows.</summary>
    /// <returns>Number of rows; 0 at the end.</returns>
    /// <remarks>The strings written must stay in place until the next call or until the worker is disposed.</remarks>
    internal abstract int Fill(in ScanVectors vectors);

    public abstract void Dispose();
}
