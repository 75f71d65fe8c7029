using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Restate.Admin.Api.Query.Interop;
using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.Query;

/// <summary>
/// The one DuckDB instance, closed in: no files but its spill folder, no network, no extensions, its settings locked. What a
/// statement may still reach through SQL is the gate's business.
/// </summary>
internal sealed class DuckDbInstance : IDisposable
{
    /// <summary>
    /// Share of the pool that is DuckDB's own <c>memory_limit</c>; the rest is for vectors, output and the overshoot the limit allows.
    /// </summary>
    private const double LimitShare = 0.6;

    private readonly DuckDbDatabase _database;
    private readonly DuckDbConnection _control;
    private readonly Lock _controlLock = new();

    private long _poolBytes;

    private DuckDbInstance(DuckDbDatabase database, DuckDbConnection control, TableFunctions functions, long poolBytes)
    {
        _database = database;
        _control = control;
        _poolBytes = poolBytes;
        Functions = functions;
    }

    /// <summary>The pool whose share DuckDB's memory limit is now, in bytes.</summary>
    internal long PoolBytes => Volatile.Read(ref _poolBytes);

    /// <summary>DuckDB's memory limit now, in bytes.</summary>
    internal long LimitBytes => Share(PoolBytes);

    /// <summary>The table functions of this instance.</summary>
    internal TableFunctions Functions { get; }

    /// <summary>Opens an instance that knows the given tables.</summary>
    /// <exception cref="DuckDbException">DuckDB refused a setting.</exception>
    internal static DuckDbInstance Open(QueryEngineSettings settings, IReadOnlyList<SqlTable> tables)
    {
        SpillFolder.Prepare(settings.SpillFolder);

        // Its threads inherit the priority of the one that opens it.
        DuckDbDatabase database = BackgroundThread.Run(() => OpenDatabase(settings));
        DuckDbConnection? control = null;
        try
        {
            control = Connect(database);
            var functions = new TableFunctions();
            NarrowSum.Register(control, functions.SumName);
            PeerDivision.Register(control, functions.Prefix);
            functions.AddReplacementScan(database);

            // In one go: a statement at a time each would pay for a transaction.
            IEnumerable<string> views = tables.OrderBy(table => table is SqlView).Select(table => functions.Register(control, table));
            Execute(control, string.Join(";\n", ["BEGIN", .. views, "COMMIT"]));

            string[] statements =
            [
                // On the open instance and not among its options: only so does the spill folder stay allowed.
                "SET GLOBAL enable_external_access = false",
                "SET GLOBAL TimeZone = 'UTC'",
                "SET GLOBAL integer_division = true",

                // The order of nulls as in PostgreSQL and in the peer.
                "SET GLOBAL default_null_order = 'nulls_last_on_asc_first_on_desc'",

                // Keeps IN lists as they are; it would turn long ones into joins, and no key could be read from the plan.
                "SET GLOBAL disabled_optimizers = 'in_clause'",

                // The one setting that may change at run time; then the door is shut.
                "SET GLOBAL allowed_configs = ['memory_limit']",
                "SET GLOBAL lock_configuration = true",
            ];
            foreach (string statement in statements)
                Execute(control, statement);
            return new DuckDbInstance(database, control, functions, settings.MemoryBytes);
        }
        catch
        {
            control?.Dispose();
            database.Dispose();
            throw;
        }
    }

    /// <summary>A new connection.</summary>
    internal DuckDbConnection Connect() => Connect(_database);

    /// <summary>Changes DuckDB's memory limit to its share of <paramref name="poolBytes"/>; queries that run feel it at their next allocation.</summary>
    /// <exception cref="DuckDbException">DuckDB cannot evict enough at once; the limit from before holds.</exception>
    internal void SetPool(long poolBytes)
    {
        lock (_controlLock)
        {
            Execute(_control, $"SET GLOBAL memory_limit = '{Limit(poolBytes)}'");
            Volatile.Write(ref _poolBytes, poolBytes);
        }
    }

    /// <summary>Runs a statement and gives the text in the first column of its rows; null for SQL NULL.</summary>
    /// <exception cref="DuckDbException">The statement failed.</exception>
    internal static List<string?> Execute(DuckDbConnection connection, string sql)
    {
        using var result = new DuckDbResult();
        if (DuckDbNative.Query(connection, sql, result) != 0)
            throw new DuckDbException(result.Error ?? "DuckDB failed without a message");
        return ReadText(result, column: 0);
    }

    /// <summary>Reads a text column of a materialised result.</summary>
    internal static unsafe List<string?> ReadText(DuckDbResult result, int column)
    {
        var rows = new List<string?>();
        if (DuckDbNative.ColumnCount(result) <= (ulong)column)
            return rows;
        using (var type = new DuckDbLogicalType(DuckDbNative.ColumnLogicalType(result, (ulong)column)))
        {
            if (DuckDbNative.GetTypeId(type) != DuckDbType.Varchar)
                return rows;
        }

        while (result.Fetch() is { } chunk)
        {
            using (chunk)
            {
                nint vector = chunk.Vector(column);
                var values = (StringValue*)DuckDbNative.VectorGetData(vector);
                ulong* validity = DuckDbNative.VectorGetValidity(vector);
                for (int row = 0; row < chunk.RowCount; row++)
                {
                    bool isNull = validity != null && (validity[row >> 6] & (1UL << (row & 63))) == 0;
                    rows.Add(isNull ? null : Encoding.UTF8.GetString(StringValue.Bytes(values + row)));
                }
            }
        }

        return rows;
    }

    public void Dispose()
    {
        lock (_controlLock)
            _control.Dispose();
        _database.Dispose();
    }

    private static long Share(long poolBytes) => (long)(poolBytes * LimitShare);

    private static string Limit(long poolBytes) => string.Create(CultureInfo.InvariantCulture, $"{Share(poolBytes)}B");

    private static DuckDbConnection Connect(DuckDbDatabase database) => DuckDbNative.Connect(database, out nint connection) == 0
        ? new DuckDbConnection(connection)
        : throw new DuckDbException("DuckDB gave no connection");

    private static DuckDbDatabase OpenDatabase(QueryEngineSettings settings)
    {
        (string Name, string Value)[] options =
        [
            ("temp_directory", settings.SpillFolder),
            ("autoinstall_known_extensions", "false"),
            ("autoload_known_extensions", "false"),
            ("allow_community_extensions", "false"),
            ("allow_unsigned_extensions", "false"),
            ("allow_persistent_secrets", "false"),
            ("memory_limit", Limit(settings.MemoryBytes)),
            ("threads", settings.Threads.ToString(CultureInfo.InvariantCulture)),
            ("max_temp_directory_size", string.Create(CultureInfo.InvariantCulture, $"{settings.SpillBytes}B")),

            // Parallel scans stream rows as they come; sorting is what ORDER BY is for.
            ("preserve_insertion_order", "false"),

            // Gives memory back soon after a query; without it a third stays with the allocator.
            ("allocator_background_threads", "true"),
            ("allocator_flush_threshold", "1MiB"),
        ];
        if (DuckDbNative.CreateConfig(out nint config) != 0)
            throw new DuckDbException("DuckDB gave no configuration");
        try
        {
            foreach ((string name, string value) in options)
            {
                if (DuckDbNative.SetConfig(config, name, value) != 0)
                    throw new DuckDbException($"DuckDB refused the setting {name} = {value}");
            }

            nint error = 0;
            if (DuckDbNative.OpenExt(null, out nint database, config, ref error) == 0)
                return new DuckDbDatabase(database);
            string message = Marshal.PtrToStringUTF8(error) ?? "DuckDB did not open";
            DuckDbNative.Free(error);
            throw new DuckDbException(message);
        }
        finally
        {
            DuckDbNative.DestroyConfig(ref config);
        }
    }
}
