using Restate.Admin.Api.Query.Pushdown;
using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Query.Tables;

/// <summary><c>state</c>: one row for every state entry of every object and workflow.</summary>
internal sealed class StateTable : SqlTable
{
    internal const string TableName = "state";

    private const ScanConditions AllConditions = ScanConditions.Equality | ScanConditions.Prefix | ScanConditions.Range;

    private const ulong RowsOfStore = 1_000_000;
    private const ulong RowsOfPrefix = 20;

    internal StateTable(IStateSource source)
        : base(TableName,
        [
            new("partition_key", SqlType.UInt64, "hash that decides the partition: of the service key, or of the scope where there is one"),
            new("scope", SqlType.Utf8, "scope of the object; null without"),
            new("service_name", SqlType.Utf8, "virtual object or workflow"),
            new("service_key", SqlType.Utf8, "object key or workflow id"),
            new("key", SqlType.Utf8, "name of the state entry"),
            new("key_length", SqlType.UInt64, "bytes of the name"),
            new("value_utf8", SqlType.Utf8, "value as text; null where it is not UTF-8"),
            new("value", SqlType.Binary, "value as bytes; hexadecimal digits in JSON"),
            new("value_length", SqlType.UInt64, "bytes of the value"),
        ])
    {
        Source = source;
        Description = "One state entry of one virtual object or workflow";
        Keys =
        [
            new ScanKey("partition_key", ScanConditions.Equality | ScanConditions.Range),
            new ScanKey("service_key", ScanConditions.Equality),
            new ScanKey("service_name", AllConditions, "partition_key"),
            new ScanKey("service_name", AllConditions, "service_key"),
            new ScanKey("key", AllConditions, "service_key", "service_name"),
        ];
    }

    /// <summary>Column numbers, in the order of <see cref="SqlTable.Columns"/>.</summary>
    internal enum Column
    {
        PartitionKey,
        Scope,
        ServiceName,
        ServiceKey,
        Key,
        KeyLength,
        ValueUtf8,
        Value,
        ValueLength,
    }

    /// <summary>Where the rows come from.</summary>
    internal IStateSource Source { get; }

    internal override bool IsPartitioned => true;

    internal override ulong EstimateRows(QueryScope? scope, int occurrence) =>
        scope?.FindPlan(occurrence) is { IsFull: false } plan
            ? (ulong)plan.Ranges.Sum(range => (long)(range.Range.PartitionKey is null ? RowsOfStore / (ulong)Source.PartitionCount : RowsOfPrefix))
            : RowsOfStore;

    internal override TableScan Open(QueryScope scope, int occurrence) => new Scan(scope, scope.PlanOf(occurrence));

    /// <summary>Hands out the ranges of a plan, one at a time, to whichever worker asks first.</summary>
    internal sealed class Scan(QueryScope scope, StateScanPlan plan) : TableScan
    {
        private int _next = -1;

        internal override int MaxWorkers => Math.Max(1, plan.Ranges.Count);

        internal QueryScope Scope => scope;

        /// <summary>What rows must meet; null: nothing.</summary>
        internal KeyCondition? Filter => plan.Filter;

        internal override TableWorker CreateWorker() => new StateWorker(this);

        /// <summary>Moves a worker to the next range nobody has taken.</summary>
        /// <param name="last">The cursor it had, or none; it is used on where that is possible, and disposed otherwise.</param>
        /// <param name="partition">The partition of the cursor.</param>
        /// <returns>The cursor before the range; null when all are taken.</returns>
        internal IStateCursor? OpenNext(IStateCursor? last, ref PartitionId partition)
        {
            int next = Interlocked.Increment(ref _next);
            if (next < plan.Ranges.Count && last is not null && plan.Ranges[next].Partition == partition && last.TryRestart(plan.Ranges[next].Range))
                return last;
            last?.Dispose();
            if (next >= plan.Ranges.Count)
                return null;
            (partition, StateScanRange range) = plan.Ranges[next];
            return scope.LeaseOf(partition).Open(range);
        }
    }
}
