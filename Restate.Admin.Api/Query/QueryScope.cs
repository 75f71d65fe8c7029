using Restate.Admin.Api.Query.Pushdown;
using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Query;

/// <summary>
/// What the table functions of one query share: its leases, the conditions found for each mention of a table, and its guard.
/// Counted references: the result holds one, and so does every scan and worker that DuckDB still keeps; the last returns the leases.
/// </summary>
internal sealed class QueryScope
{
    /// <summary>Missing partitions that an answer names at most: 6 KiB of header, which every client and proxy takes.</summary>
    internal const int MaxMissing = 1000;

    /// <summary>
    /// How long a partial answer waits, for all its partitions together, for those that replay their logs: long enough for a restart in
    /// place, too short to be felt. The whole answer waits 5 s for each.
    /// </summary>
    private static readonly TimeSpan PartialPatience = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<PartitionId, IStateLease> _leases = [];
    private readonly List<PartitionId> _missing = [];
    private readonly List<CancellationTokenRegistration> _registrations = [];
    private readonly Action _released;
    private IReadOnlyDictionary<int, StateScanPlan> _plans = new Dictionary<int, StateScanPlan>();
    private StateScanPlan? _otherwise;
    private int _references = 1;
    private int _mentions;
    private long _rows;
    private volatile Exception? _failure;

    /// <param name="guard">Stops the query.</param>
    /// <param name="memory">Counts what scans hold.</param>
    /// <param name="released">Called once when the last reference is gone and the leases are back.</param>
    internal QueryScope(QueryGuard guard, MemoryCounter memory, Action released)
    {
        Guard = guard;
        Memory = memory;
        _released = released;
    }

    internal QueryGuard Guard { get; }

    internal MemoryCounter Memory { get; }

    /// <summary>True where partitions that are not available are left out of the answer.</summary>
    internal bool AllowsPartial { get; init; }

    /// <summary>Partitions left out of the answer, in order.</summary>
    internal IReadOnlyList<PartitionId> Missing => _missing;

    /// <summary>The first failure of a scan; DuckDB only carries its text.</summary>
    internal Exception? Failure => _failure;

    /// <summary>Partitions leased for the query.</summary>
    internal int PartitionCount => _leases.Count;

    /// <summary>Rows its scans delivered to DuckDB so far.</summary>
    internal long RowsScanned => Volatile.Read(ref _rows);

    /// <summary>Starts numbering mentions of partitioned tables anew: before every bind of the statement.</summary>
    internal void RestartMentions() => _mentions = 0;

    /// <summary>Number of the next mention.</summary>
    internal int NextMention() => _mentions++;

    /// <summary>What the given mention has to read.</summary>
    /// <exception cref="InvalidOperationException">The mention was not planned; the query cannot be answered.</exception>
    internal StateScanPlan PlanOf(int mention) =>
        FindPlan(mention) ?? throw new InvalidOperationException($"mention {mention} of a partitioned table was not planned");

    /// <summary>What the given mention has to read; null when that is not known yet.</summary>
    internal StateScanPlan? FindPlan(int mention) => _plans.GetValueOrDefault(mention) ?? _otherwise;

    /// <summary>Sets what every mention has to read. Their partitions must be leased before the query starts.</summary>
    /// <param name="plans">By mention.</param>
    /// <param name="otherwise">For all other mentions; null: there are none.</param>
    internal void SetPlans(IReadOnlyDictionary<int, StateScanPlan> plans, StateScanPlan? otherwise)
    {
        _plans = plans;
        _otherwise = otherwise;
    }

    /// <summary>Partitions that must be leased, each once.</summary>
    internal IReadOnlyList<PartitionId> Partitions() =>
        [.. _plans.Values.Concat(_otherwise is null ? [] : [_otherwise]).SelectMany(plan => plan.Partitions).Distinct().Order()];

    /// <summary>Leases every partition of the plans; those that are left out are gone from the plans afterwards.</summary>
    /// <exception cref="QueryException">A partition is not available and the answer must be whole, or the query must end.</exception>
    internal async Task LeaseAsync(IStateSource source, TimeProvider time)
    {
        using CancellationTokenSource? patience = AllowsPartial ? new CancellationTokenSource(PartialPatience, time) : null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Guard.Token, patience?.Token ?? CancellationToken.None);
        foreach (PartitionId partition in Partitions())
        {
            try
            {
                AddLease(partition, await source.AcquireAsync(partition, stop.Token));
            }
            catch (PartitionUnavailableException) when (AllowsPartial)
            {
                _missing.Add(partition);
            }
            catch (PartitionUnavailableException e)
            {
                throw new QueryException(QueryFailure.Unavailable, e.Message, e);
            }
            catch (OperationCanceledException)
            {
                Guard.ThrowIfStopped();
                if (patience?.IsCancellationRequested != true)
                    throw;
                _missing.Add(partition);
            }
        }

        LeaveOutMissing();
    }

    internal IStateLease LeaseOf(PartitionId partition) => _leases[partition];

    /// <summary>Takes over a lease; the query ends when the partition wants it back.</summary>
    internal void AddLease(PartitionId partition, IStateLease lease)
    {
        _leases.Add(partition, lease);
        _registrations.Add(lease.Interrupted.Register(() =>
            Guard.Stop(new QueryException(QueryFailure.Unavailable, $"partition {partition} is not available: it is closing"))));
    }

    private void LeaveOutMissing()
    {
        if (_missing.Count == 0)
            return;
        if (_missing.Count > MaxMissing)
            throw new QueryException(QueryFailure.Unavailable, $"{_missing.Count} partitions are not available, more than the {MaxMissing} that a partial answer can name");
        var missing = _missing.ToHashSet();
        _plans = _plans.ToDictionary(plan => plan.Key, plan => plan.Value.Without(missing));
        _otherwise = _otherwise?.Without(missing);
    }

    internal void AddRows(int rows) => Interlocked.Add(ref _rows, rows);

    internal void Fail(Exception failure) => Interlocked.CompareExchange(ref _failure, failure, null);

    internal void AddReference() => Interlocked.Increment(ref _references);

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) > 0)
            return;
        foreach (CancellationTokenRegistration registration in _registrations)
            registration.Dispose();
        foreach (IStateLease lease in _leases.Values)
            lease.Dispose();
        _released();
    }
}
