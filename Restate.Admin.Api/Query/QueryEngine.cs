using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;
using Restate.Admin.Api.Query.Dialect;
using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Api.Query.Interop;
using Restate.Admin.Api.Query.Pushdown;
using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Query;

/// <summary>SQL over the node's tables. Thread-safe.</summary>
internal sealed partial class QueryEngine : IAsyncDisposable
{
    /// <summary>Rows of a vector of DuckDB.</summary>
    private const int VectorRows = 2048;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly FrozenDictionary<string, SqlTable> _tables;
    private readonly FrozenDictionary<string, int> _columnCounts;
    private readonly TimeProvider _time;
    private readonly ILogger<QueryEngine> _logger;
    private readonly ConfigurationStore? _configuration;
    private readonly ConcurrentBag<QuerySession> _idle = [];
    private readonly MemoryCounter _memory = new();
    private readonly QueryAdmission _admission;
    private readonly DuckDbInstance _instance;
    private readonly PeerDialect _dialect;
    private readonly StalledReaders _readers;
    private readonly QueryWatch _watch;
    private QueryEngineSettings _settings;
    private int _scopes;
    private volatile bool _isDisposed;

    /// <summary>Opens the engine over the configuration in force, and follows its changes.</summary>
    public QueryEngine(
        ConfigurationStore configuration, IEnumerable<SqlTable> tables, QueryLog log, TimeProvider time, ILogger<QueryEngine> logger)
        : this(QueryEngineSettings.From(configuration.Current.Value), tables, log, time, logger)
    {
        _configuration = configuration;
        configuration.Changed += OnConfigurationChanged;

        // A change between reading it and listening would be missed. The instance was opened with these settings, so they hold.
        OnConfigurationChanged(configuration.Current);
    }

    internal QueryEngine(
        QueryEngineSettings settings, IEnumerable<SqlTable> tables, QueryLog log, TimeProvider time, ILogger<QueryEngine> logger)
    {
        Queries = log;
        _settings = settings;
        _time = time;
        _logger = logger;
        _tables = tables.ToFrozenDictionary(table => table.Name, StringComparer.Ordinal);
        _columnCounts = _tables.ToFrozenDictionary(table => table.Key, table => table.Value.Columns.Count, StringComparer.Ordinal);
        _admission = new QueryAdmission(Math.Max(2, Environment.ProcessorCount));
        LargeAllocations.Watch();
        _instance = DuckDbInstance.Open(settings, [.. _tables.Values]);
        LargeAllocations.LimitBytes = settings.MemoryBytes;
        _dialect = new PeerDialect(
            new DialectTables(_tables.Values),
            _instance.Functions.Prefix,
            _instance.Functions.SumName);
        _readers = new StalledReaders(time, Need);
        _watch = new QueryWatch(
            time,
            () => MemoryUsageBytes,
            () => MemoryCapacityBytes,
            () => SpilledBytes,
            ReturnFreed,
            () => _isDisposed ? null : Uncounted,
            _readers);
    }

    /// <summary>The queries that wait or run, and the last ones that ended.</summary>
    internal QueryLog Queries { get; }

    /// <summary>Tells whether new queries must be refused for want of memory; null: never. Set it before the first query.</summary>
    internal Func<bool>? IsClosed { get; init; }

    /// <summary>False reads every partition whole, whatever the statement asks for; tests compare the answers.</summary>
    internal bool PushesDown { get; init; } = true;

    /// <summary>Queries running now.</summary>
    internal int RunningQueries => _admission.Running;

    /// <summary>Queries that wait for others to end.</summary>
    internal int WaitingQueries => _admission.Waiting;

    /// <summary>Queries whose leases are not all returned yet.</summary>
    internal int OpenScopes => Volatile.Read(ref _scopes);

    /// <summary>Queries that were ended because their clients stopped reading.</summary>
    internal long StoppedReaders => _readers.Stopped;

    /// <summary>Start of the names of the engine's own functions, for tests.</summary>
    internal string InnerPrefix => _instance.Functions.Prefix;

    /// <summary>Starts a query. Dispose the result.</summary>
    /// <param name="sql">One SELECT statement.</param>
    /// <param name="client">Who asks, for those who look after the node.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="QueryException">It may not run, or failed before its first row.</exception>
    internal Task<QueryResult> StartAsync(string sql, string client, CancellationToken cancellationToken) =>
        StartAsync(sql, client, allowPartial: false, cancellationToken);

    /// <summary>Starts a query. Dispose the result.</summary>
    /// <param name="sql">One SELECT statement.</param>
    /// <param name="client">Who asks, for those who look after the node.</param>
    /// <param name="allowPartial">Leaves out partitions that are not available, instead of refusing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="QueryException">It may not run, or failed before its first row.</exception>
    internal async Task<QueryResult> StartAsync(string sql, string client, bool allowPartial, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        SqlText.Check(sql);
        if (IsClosed?.Invoke() == true)
        {
            throw new QueryException(
                QueryFailure.Unavailable, "the node is short of memory and starts no queries now; GET /memory tells what it does about it");
        }

        QueryEngineSettings settings = Volatile.Read(ref _settings);
        var guard = new QueryGuard(settings.Timeout, _time, cancellationToken);
        _watch.Add(guard);
        QueryRecord record = Queries.Begin(sql, client, guard);
        QueryResult result;
        try
        {
            await EnterAsync(guard);
            try
            {
                Interlocked.Increment(ref _scopes);
                var scope = new QueryScope(guard, _memory, () => Interlocked.Decrement(ref _scopes)) { AllowsPartial = allowPartial };
                record.Begin(scope);
                result = new QueryResult(Rent(scope), scope, _instance.Functions, record, settings.MemoryBytes, OnEnded);
            }
            catch
            {
                _admission.Leave();
                throw;
            }
        }
        catch (Exception e)
        {
            _watch.Remove(guard);
            Queries.End(record, StateOf(guard.Reason), e.Message);
            guard.Dispose();
            throw;
        }

        try
        {
            await StartAsync(result, sql);
            return result;
        }
        catch (Exception e)
        {
            result.Fail(e);
            await result.DisposeAsync();
            if (e is QueryException { Failure: QueryFailure.Internal })
                Log.QueryFailed(_logger, e);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_configuration is not null)
            _configuration.Changed -= OnConfigurationChanged;
        _watch.StopAll(new QueryException(QueryFailure.Unavailable, "the server is stopping"));

        // Whoever reads a result is told so at his next read and disposes it; then all slots are free.
        bool drained = true;
        for (int i = 0; drained && i < _admission.Concurrency; i++)
            drained = await _admission.DrainAsync(StopTimeout);
        if (!drained)
        {
            // A call inside DuckDB that no interrupt reaches. The storage must still be closed; the process ends right after. The watch goes
            // on, and looks no more at what the storage holds.
            Log.NotStopped(_logger, StopTimeout.TotalSeconds);
            return;
        }

        while (_idle.TryTake(out QuerySession? session))
            session.Dispose();
        Task carryingOut;
        lock (_applyLock)
            carryingOut = _carryingOut;
        await carryingOut;
        _watch.Dispose();
        Uncounted?.Dispose();
        _admission.Dispose();
        _instance.Dispose();
        LargeAllocations.LimitBytes = long.MaxValue;
    }

    /// <summary>
    /// What a row may grow by: a vector of rows in every thread then stays within half the pool, or within a bound that even the smallest
    /// pool can bear for a moment.
    /// </summary>
    private static long MaxRowBytes(QueryEngineSettings settings) =>
        Math.Max(32 << 10, settings.MemoryBytes / (VectorRows * settings.Threads * 2));

    private async ValueTask EnterAsync(QueryGuard guard)
    {
        try
        {
            await _admission.EnterAsync(guard.Token);
        }
        catch (OperationCanceledException)
        {
            guard.ThrowIfStopped();
            throw;
        }
    }

    private async Task StartAsync(QueryResult result, string sql)
    {
        QueryScope scope = result.Scope;
        ExplainKind explain = ExplainWords.Take(ref sql);
        StateTable? state = null;
        CheckedStatement statement = await result.Session.RunAsync(scope.Guard, () => result.Mapped(() =>
        {
            CheckedStatement passed = Check(result.Session, sql);
            if (passed.Gate.FrameBytesPerRow is > 0 and long frame)
                scope.Guard.Foreseen = () => scope.RowsScanned * frame;
            scope.Guard.MayHoldMemory = true;
            state = passed.Gate.Tables.Select(name => _tables[name]).OfType<StateTable>().FirstOrDefault();
            if (state is not null)
                Plan(result, passed, state);
            return passed;
        }));
        GateResult gate = statement.Gate;
        if (state is not null && explain != ExplainKind.Plan)
            await scope.LeaseAsync(state.Source, _time);

        await result.Session.RunAsync(scope.Guard, () => result.Mapped(() =>
        {
            if (explain != ExplainKind.None)
            {
                string answer = Explain(result, statement.Sql, explain, state);
                result.Start(answer, PlanOrigins, new ResultNames(answer, PlanColumns));
                return true;
            }

            result.Start(statement.Sql, gate.Columns, new ResultNames(sql, statement.Names));
            StoredTypes.Mark(result.Columns, gate.Tables.Select(name => _tables[name]), statement.Types);
            return true;
        }));
    }

    /// <summary>
    /// Puts the statement into DuckDB's SQL and before the gate. The gate sees what DuckDB parses of the very text that will run, never
    /// what the rewrite meant it to be.
    /// </summary>
    private CheckedStatement Check(QuerySession session, string sql)
    {
        string parsed = session.Serialize(Encoding.UTF8.GetBytes(sql));
        if (_instance.Functions.MentionsInner(parsed))
            throw QueryException.Invalid("the query holds a name of the server's own");
        DialectResult rewritten = _dialect.Rewrite(parsed, PushesDown);
        if (rewritten.Parsed is not null)
        {
            sql = session.Print(rewritten.Parsed);

            // Where it is prepared the text ends at a NUL; an escape in a literal can make one.
            if (sql.Contains('\0', StringComparison.Ordinal))
                throw QueryException.Invalid("the query holds a NUL character");
            parsed = session.Serialize(Encoding.UTF8.GetBytes(sql));
        }

        GateResult gate = StatementGate.Check(
            parsed, _columnCounts, MaxRowBytes(Volatile.Read(ref _settings)), _instance.Functions.SumName);
        KeyCondition? listed = rewritten.Lists.Count == 0
            ? null
            : rewritten.Lists.Aggregate(KeyCondition.None, (condition, list) => condition.And(KeyCondition.In(list.Key, list.Value)));
        return new CheckedStatement(sql, gate, rewritten.ResultNames, rewritten.ResultTypes, listed);
    }

    /// <summary>Finds out which ranges every mention of the table reads.</summary>
    private void Plan(QueryResult result, CheckedStatement statement, StateTable state)
    {
        QueryScope scope = result.Scope;
        GateResult gate = statement.Gate;
        if (!PushesDown || !gate.HasCondition)
        {
            scope.SetPlans(new Dictionary<int, StateScanPlan>(), PlanFor(statement, KeyCondition.None, state));
            return;
        }

        if (gate.Condition is { } condition)
        {
            scope.SetPlans(new Dictionary<int, StateScanPlan>(), PlanFor(statement, condition, state));
            return;
        }

        TableFunctions.BindFor(scope);
        string plan;
        try
        {
            plan = result.Session.Explain(statement.Sql);
        }
        finally
        {
            TableFunctions.BindFor(null);
        }

        IReadOnlyDictionary<int, KeyCondition> conditions = PlanReader.Read(plan, _instance.Functions, state);
        scope.SetPlans(
            conditions.ToDictionary(mention => mention.Key, mention => PlanFor(statement, mention.Value, state)),
            otherwise: null);
    }

    private static StateScanPlan PlanFor(CheckedStatement statement, KeyCondition condition, StateTable state) =>
        statement.Listed is { } listed
            ? StateScanPlan.For(condition.And(listed), state.Source) with { Filter = listed }
            : StateScanPlan.For(condition, state.Source);

    private static QueryState StateOf(QueryException? reason) =>
        reason is { Failure: QueryFailure.Cancelled or QueryFailure.Stopped } ? QueryState.Cancelled : QueryState.Failed;

    private QuerySession Rent(QueryScope scope)
    {
        scope.Guard.ThrowIfStopped();
        return _idle.TryTake(out QuerySession? session) ? session : new QuerySession(_instance);
    }

    private void OnEnded(QueryResult result)
    {
        if (result.Session.IsBroken)
            Log.SessionBroken(_logger);
        else if (!result.Session.IsSpent)
            _idle.Add(result.Session);

        _watch.Remove(result.Guard);

        // Given up without a failure: by whoever read it, whose reason the guard then has.
        bool isFinished = result.IsDrained && result.Failure is null;
        QueryException? reason = isFinished ? null : result.Guard.Reason;
        Queries.End(
            result.Record,
            isFinished ? QueryState.Finished : StateOf(result.Failure as QueryException ?? reason),
            isFinished ? null : (result.Failure ?? reason)?.Message);
        if (result.Guard.PeakUncountedBytes > WorthwhileTrimBytes)
            TrimAllocator?.Invoke();
        result.Guard.Dispose();
        _admission.Leave();

        // What this query held may be what DuckDB lacked to lower its limit.
        RetryMemory();
    }

    /// <param name="Sql">The text to run.</param>
    /// <param name="Gate">What the gate learned of it.</param>
    /// <param name="Names">Names of the result columns, where they are not DuckDB's.</param>
    /// <param name="Types">Types of the result columns in the peer, where they are known.</param>
    /// <param name="Listed">What rows of its table must meet that the text does not say any more; null: nothing.</param>
    private sealed record CheckedStatement(
        string Sql, GateResult Gate, IReadOnlyList<string?>? Names, IReadOnlyList<PeerType>? Types, KeyCondition? Listed);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A query did not stop within {Seconds} s; the SQL engine is left open")]
        public static partial void NotStopped(ILogger logger, double seconds);

        [LoggerMessage(LogLevel.Error, "A query failed in the engine")]
        public static partial void QueryFailed(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Error, "The SQL engine reported a fatal error; queries need a restart of the node")]
        public static partial void SessionBroken(ILogger logger);

        [LoggerMessage(LogLevel.Warning, "The SQL engine could not take over admin.query-engine.memory-size = {Bytes} bytes at once and tries again: {Reason}")]
        public static partial void MemoryNotApplied(ILogger logger, long bytes, string reason);

        [LoggerMessage(LogLevel.Information, "The SQL engine took over admin.query-engine.memory-size = {Bytes} bytes")]
        public static partial void MemoryApplied(ILogger logger, long bytes);
    }
}
