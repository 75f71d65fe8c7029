using System.Globalization;
using System.Security.Cryptography;

namespace Restate.Admin.Api.Query;

/// <summary>The queries that wait or run, and the last ones that ended. Thread-safe.</summary>
/// <param name="time">Clock.</param>
internal sealed class QueryLog(TimeProvider time)
{
    /// <summary>Ended queries that are kept: at most 5 KiB of text each.</summary>
    public const int RecentCapacity = 128;

    // Names of an earlier run must not stop a query of this one.
    private readonly string _run = RandomNumberGenerator.GetHexString(6, lowercase: true);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, QueryRecord> _running = [];
    private readonly Queue<QueryRecord> _recent = new(RecentCapacity);
    private long _last;

    /// <summary>Raised when a query ended, on the thread that ended it.</summary>
    public event Action<QueryRecord>? Ended;

    /// <summary>Those that wait or run, oldest first, then those that ended, last first.</summary>
    public IReadOnlyList<QueryRecord> Records
    {
        get
        {
            lock (_lock)
                return [.. _running.Values.OrderBy(record => record.StartedAt), .. _recent.Reverse()];
        }
    }

    /// <summary>Number of queries in a state that has not ended.</summary>
    public int Count(QueryState state)
    {
        lock (_lock)
            return _running.Values.Count(record => record.State == state);
    }

    /// <summary>Cancels a query.</summary>
    /// <returns>The query; null when none of that name waits or runs.</returns>
    public QueryRecord? Cancel(string id)
    {
        QueryRecord? record;
        lock (_lock)
            record = _running.GetValueOrDefault(id);
        record?.Cancel();
        return record;
    }

    internal QueryRecord Begin(string sql, string client, QueryGuard guard)
    {
        lock (_lock)
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"q_{_run}_{++_last}");
            return _running[id] = new QueryRecord(id, sql, client, guard, time);
        }
    }

    internal void End(QueryRecord record, QueryState state, string? error)
    {
        record.End(state, error);
        lock (_lock)
        {
            _running.Remove(record.Id);
            if (_recent.Count == RecentCapacity)
                _recent.Dequeue();
            _recent.Enqueue(record);
        }

        Ended?.Invoke(record);
    }
}
