using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>
/// Registers tables with DuckDB. Every callback catches everything: an exception that left one would end the process.
/// </summary>
/// <remarks>
/// DuckDB's C API passes no filters to a table function. So every mention of a partitioned table gets a function of its own name
/// (<see cref="FunctionName"/> with a number), handed out by a replacement scan while the statement is bound on this thread;
/// the names make the mentions recognisable in the explained plan. Its columns have names nobody can guess, so that a condition on
/// one in the plan is a condition on the stored column and not on something a statement named alike.
/// </remarks>
internal sealed unsafe class TableFunctions
{
    /// <summary>Mentions of a partitioned table that are told apart; later ones share the last name and read everything.</summary>
    internal const int MaxMentions = 128;

    private static readonly int VectorSize = (int)DuckDbNative.VectorSize();

    [ThreadStatic]
    private static QueryScope? _binding;

    private readonly string _secret = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));

    /// <summary>Start of the names of our own functions, which nobody can guess.</summary>
    internal string Prefix => $"rs_{_secret}_";

    /// <summary>True where a text holds what our inner names are made of: no statement can know it but from a leak.</summary>
    internal bool MentionsInner(string text) => text.Contains(_secret, StringComparison.OrdinalIgnoreCase);

    /// <summary>Name under which <see cref="NarrowSum"/> is registered.</summary>
    internal string SumName => $"{Prefix}sum";

    /// <summary>A text of DuckDB's without our inner names.</summary>
    internal string Visible(string text) => text
        .Replace(SumName, "sum", StringComparison.OrdinalIgnoreCase)
        .Replace($"c_{_secret}_", "", StringComparison.OrdinalIgnoreCase)
        .Replace($"rs_{_secret}_", "", StringComparison.OrdinalIgnoreCase);

    /// <summary>True for a name of ours for a function behind a table.</summary>
    internal bool IsInner(string name) => name.StartsWith($"rs_{_secret}_", StringComparison.OrdinalIgnoreCase);

    /// <summary>Start of the names of the functions behind <paramref name="table"/>; without the dot in those of <c>information_schema</c>.</summary>
    internal string FunctionName(SqlTable table) => $"rs_{_secret}_{table.Name.Replace('.', '_')}";

    /// <summary>Name of a stored column as plans show it.</summary>
    internal string ColumnName(SqlColumn column) => $"c_{_secret}_{column.Name}";

    /// <summary>Binds what follows on this thread for <paramref name="scope"/>; null ends it.</summary>
    internal static void BindFor(QueryScope? scope)
    {
        scope?.RestartMentions();
        _binding = scope;
    }

    /// <summary>Registers the functions behind a table and returns the statement that makes it visible.</summary>
    internal string Register(DuckDbConnection connection, SqlTable table)
    {
        if (table is SqlView view)
            return $"CREATE VIEW \"{view.Name}\" AS {view.Definition}";
        int count = table.IsPartitioned ? MaxMentions : 1;
        for (int mention = 0; mention < count; mention++)
            Register(connection, new Registration(this, table, table.IsPartitioned ? mention : -1));
        string names = string.Join(", ", table.Columns.Select(column => $"\"{column.Name}\""));
        string stored = string.Join(", ", table.Columns.Select(ColumnName));
        string source = table.IsPartitioned ? FunctionName(table) : $"{FunctionName(table)}()";
        return $"CREATE VIEW \"{table.Name}\" ({names}) AS SELECT {stored} FROM {source}";
    }

    /// <summary>Makes mentions of partitioned tables find their functions.</summary>
    internal void AddReplacementScan(DuckDbDatabase database) =>
        DuckDbNative.AddReplacementScan(database, &Replace, GCHandle.ToIntPtr(GCHandle.Alloc(this)), &FreeHandle);

    private static void Register(DuckDbConnection connection, Registration registration)
    {
        nint function = DuckDbNative.CreateTableFunction();
        try
        {
            DuckDbNative.TableFunctionSetName(function, registration.Name);
            DuckDbNative.TableFunctionSetExtraInfo(function, GCHandle.ToIntPtr(GCHandle.Alloc(registration)), &FreeHandle);
            DuckDbNative.TableFunctionSetBind(function, &Bind);
            DuckDbNative.TableFunctionSetInit(function, &Init);
            DuckDbNative.TableFunctionSetLocalInit(function, &LocalInit);
            DuckDbNative.TableFunctionSetFunction(function, &Fill);
            DuckDbNative.TableFunctionSupportsProjectionPushdown(function, pushdown: true);
            if (DuckDbNative.RegisterTableFunction(connection, function) != 0)
                throw new InvalidOperationException($"DuckDB refused the table function {registration.Name}");
        }
        finally
        {
            DuckDbNative.DestroyTableFunction(ref function);
        }
    }

    private static T Target<T>(nint handle) where T : class => Unsafe.As<T>(GCHandle.FromIntPtr(handle).Target!);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Replace(nint info, nint tableName, nint data)
    {
        try
        {
            // Also called when a table does not exist; only our own names are answered.
            TableFunctions functions = Target<TableFunctions>(data);
            string name = Marshal.PtrToStringUTF8(tableName) ?? "";
            if (!name.StartsWith($"rs_{functions._secret}_", StringComparison.Ordinal))
                return;
            int mention = Math.Min(_binding?.NextMention() ?? MaxMentions - 1, MaxMentions - 1);
            DuckDbNative.ReplacementScanSetFunctionName(info, string.Create(CultureInfo.InvariantCulture, $"{name}_{mention}"));
        }
        catch (Exception e)
        {
            DuckDbNative.ReplacementScanSetError(info, e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Bind(nint info)
    {
        try
        {
            Registration registration = Target<Registration>(DuckDbNative.BindGetExtraInfo(info));
            foreach (SqlColumn column in registration.Table.Columns)
            {
                using DuckDbLogicalType type = ColumnTypes.Create(column.Type);
                DuckDbNative.BindAddResultColumn(info, registration.Owner.ColumnName(column), type);
            }

            DuckDbNative.BindSetCardinality(info, registration.Table.EstimateRows(_binding, registration.Mention), exact: false);

            // No scope while the view itself is made: such a bind is never executed.
            var bound = new Bound(registration, _binding);
            DuckDbNative.BindSetBindData(info, GCHandle.ToIntPtr(GCHandle.Alloc(bound)), &FreeHandle);
        }
        catch (Exception e)
        {
            DuckDbNative.BindSetError(info, e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Init(nint info)
    {
        try
        {
            Bound bound = Target<Bound>(DuckDbNative.InitGetBindData(info));
            QueryScope scope = bound.Scope ?? throw new InvalidOperationException("a table was bound outside a query");
            var positions = new int[bound.Registration.Table.Columns.Count];
            Array.Fill(positions, -1);
            for (ulong i = 0; i < DuckDbNative.InitGetColumnCount(info); i++)
            {
                ulong column = DuckDbNative.InitGetColumnIndex(info, i);
                if (column < (ulong)positions.Length)
                    positions[column] = (int)i;
            }

            TableScan scan = bound.Registration.Table.Open(scope, bound.Registration.Mention);
            DuckDbNative.InitSetMaxThreads(info, (ulong)scan.MaxWorkers);
            scope.AddReference();
            DuckDbNative.InitSetInitData(info, GCHandle.ToIntPtr(GCHandle.Alloc(new Opened(scope, scan, positions))), &FreeOwned);
        }
        catch (Exception e)
        {
            DuckDbNative.InitSetError(info, e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void LocalInit(nint info)
    {
        try
        {
            // The worker is made at its first chunk: from here the scan it belongs to cannot be reached.
            DuckDbNative.InitSetInitData(info, GCHandle.ToIntPtr(GCHandle.Alloc(new Local())), &FreeOwned);
        }
        catch (Exception e)
        {
            DuckDbNative.InitSetError(info, e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Fill(nint info, nint chunk)
    {
        QueryScope? scope = null;
        try
        {
            Opened opened = Target<Opened>(DuckDbNative.FunctionGetInitData(info));
            scope = opened.Scope;
            if (scope.Guard.IsStopped)
            {
                DuckDbNative.FunctionSetError(info, "the query was stopped");
                return;
            }

            Local local = Target<Local>(DuckDbNative.FunctionGetLocalInitData(info));
            int rows = local.Worker(opened).Fill(new ScanVectors(chunk, opened.Positions, VectorSize));
            DuckDbNative.ChunkSetSize(chunk, (ulong)rows);
        }
        catch (Exception e)
        {
            scope?.Fail(e);
            DuckDbNative.FunctionSetError(info, e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void FreeHandle(nint handle) => GCHandle.FromIntPtr(handle).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void FreeOwned(nint handle)
    {
        GCHandle held = GCHandle.FromIntPtr(handle);
        var owned = (Owned)held.Target!;
        held.Free();
        try
        {
            owned.Free();
        }
        catch (Exception e)
        {
            // There is no one below to tell; the query, if it still runs, learns of it.
            owned.Scope?.Fail(e);
        }
    }

    private sealed record Registration(TableFunctions Owner, SqlTable Table, int Mention)
    {
        internal string Name { get; } = Mention < 0
            ? Owner.FunctionName(Table)
            : string.Create(CultureInfo.InvariantCulture, $"{Owner.FunctionName(Table)}_{Mention}");
    }

    private sealed record Bound(Registration Registration, QueryScope? Scope);

    /// <summary>Something DuckDB keeps for us and frees when its query ends, on any thread.</summary>
    private abstract class Owned
    {
        internal abstract QueryScope? Scope { get; }

        internal abstract void Free();
    }

    private sealed class Opened(QueryScope scope, TableScan scan, int[] positions) : Owned
    {
        internal override QueryScope Scope => scope;

        internal TableScan Scan => scan;

        internal int[] Positions => positions;

        internal override void Free() => scope.Release();
    }

    private sealed class Local : Owned
    {
        private TableWorker? _worker;
        private QueryScope? _scope;

        internal override QueryScope? Scope => _scope;

        internal TableWorker Worker(Opened opened)
        {
            if (_worker is not null)
                return _worker;
            _worker = opened.Scan.CreateWorker();
            _scope = opened.Scope;
            _scope.AddReference();
            return _worker;
        }

        internal override void Free()
        {
            try
            {
                _worker?.Dispose();
            }
            finally
            {
                _scope?.Release();
            }
        }
    }
}
