using System.Globalization;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Query;
using Restate.Storage.Configuration;
using Restate.Storage.Logs;
using Restate.Storage.Memory;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Endpoints;

/// <summary>From the memory subsystem to the bodies that REST shows.</summary>
internal static class MemoryViewMapping
{
    public static MemoryView Ledger(
        IReadOnlyList<MemoryPoolReading> pools, IReadOnlyList<MemoryWarning> warnings, ProcessMemoryLimit limit, long anonymousBytes, GuardStep guard) => new(
        Process(limit, anonymousBytes, pools.Sum(pool => pool.UsageBytes), AllocatorMemory.Read()),
        [.. pools.Select(pool => new MemoryPoolView(pool.Name, pool.CapacityBytes, pool.UsageBytes, pool.ConfigKey, Source(pool.Source)))],
        MemoryLedger.Total(pools.Select(pool => pool.CapacityBytes)),
        [.. warnings.Select(warning => new MemoryWarningView(warning.Code, warning.Message, warning.WhatToDo))],
        new MemoryGuardView(guard.Name()));

    public static MemoryRocksDbView RocksDb(ConfigurationSnapshot desired, MemoryController controller, ISharedMemory memory)
    {
        MemoryPlan plan = controller.PlanFor(desired.Value);
        IReadOnlyList<IMemoryTarget> targets = memory.Targets;
        var samples = targets.Select(target => target.Sample()).ToList();
        ConfigurationSnapshot? applied = controller.Applied;
        return new MemoryRocksDbView(
            desired.Generation,
            applied?.Generation ?? 0,
            Settings(desired.Value),
            applied is null ? null : Settings(applied.Value),
            new MemoryRocksDbPlanView(
                plan.TotalBytes,
                plan.MemtablesBytes,
                plan.BlockCacheBytes,
                [.. ComponentUsage.Read(plan, targets).Select(component => new MemoryComponentView(
                    component.Plan.Component.Name(), component.Plan.AskedBytes, component.Plan.BudgetBytes, component.UsageBytes))],
                plan.CountedPartitions,
                plan.PartitionBudgetBytes,
                plan.SettingsFor(MemoryComponent.PartitionStore).WriteBufferBytes,
                plan.OverSubscribed),
            new MemoryRocksDbUsageView(
                memory.WriteBufferManagerUsage,
                memory.BlockCacheUsage,
                memory.BlockCachePinnedUsage,
                samples.Sum(sample => sample.AllBytes),
                samples.Sum(sample => sample.UnflushedBytes)),
            Time(controller.NextTickAt));
    }

    public static MemoryQueryEngineView QueryEngine(ConfigurationSnapshot desired, QueryEngine engine)
    {
        ConfigurationSnapshot? applied = engine.Applied.Current;
        return new MemoryQueryEngineView(
            desired.Generation,
            applied?.Generation ?? 0,
            QuerySettings(desired.Value),
            applied is null ? null : QuerySettings(applied.Value),
            engine.Refusal,
            new MemoryQueryEngineUsageView(
                engine.MemoryCapacityBytes,
                engine.DuckDbLimitBytes,
                Api.Query.QueryEngine.DuckDbBytes,
                engine.Memory.Bytes,
                engine.SpilledBytes,
                engine.RunningQueries,
                engine.WaitingQueries));
    }

    public static MemoryRecordCacheView RecordCache(ConfigurationSnapshot desired, RecordCacheMemory cache)
    {
        ConfigurationSnapshot? applied = cache.Applied.Current;
        (long hits, long misses) = (cache.Hits, cache.Misses);
        return new MemoryRecordCacheView(
            desired.Generation,
            applied?.Generation ?? 0,
            CacheSettings(desired.Value),
            applied is null ? null : CacheSettings(applied.Value),
            new MemoryRecordCacheUsageView(
                cache.CapacityBytes, cache.UsageBytes, cache.Entries, hits, misses, hits + misses == 0 ? null : (double)hits / (hits + misses)));
    }

    public static MemoryPartitionsView Partitions(
        MemoryPlan plan, IReadOnlyList<IMemoryTarget> targets, IReadOnlyList<PartitionMemoryInfo> partitions)
    {
        var stores = new Dictionary<PartitionId, IMemoryTarget>();
        foreach (IMemoryTarget target in targets)
        {
            if (target.Partition is { } partition)
                stores[partition] = target;
        }

        long targetSize = plan.SettingsFor(MemoryComponent.PartitionStore).WriteBufferBytes;
        return new MemoryPartitionsView([.. partitions.Select(partition =>
        {
            IMemoryTarget? store = stores.GetValueOrDefault(partition.Partition);
            MemtableSample sample = store?.Sample() ?? default;
            return new MemoryPartitionView(
                partition.Partition.Value,
                partition.State,
                store is null ? 0 : plan.PartitionBudgetBytes,
                store?.AppliedSettings.WriteBufferBytes ?? 0,
                store is null ? 0 : targetSize,
                sample.ActiveBytes,
                sample.AllBytes,
                sample.PinnedBytes,
                sample.FlushPending,
                sample.UnflushedBytes > plan.PartitionBudgetBytes,
                partition.Applied?.Value,
                partition.Durable?.Value);
        })]);
    }

    public static MemoryRebalanceView Rebalance(RebalanceReport report) => new(
        Time(report.At),
        report.Trigger switch
        {
            RebalanceTrigger.Start => "start",
            RebalanceTrigger.Interval => "interval",
            RebalanceTrigger.Configuration => "configuration",
            RebalanceTrigger.Request => "request",
            RebalanceTrigger.Guard => "guard",
            _ => throw new ArgumentOutOfRangeException(nameof(report), report.Trigger, "not a trigger"),
        },
        report.Generation,
        Figures(report.Before),
        Figures(report.After),
        [.. report.Flushes.Select(flush => new MemoryFlushView(
            flush.Database,
            flush.Reason switch
            {
                FlushReason.OverCapacity => "over_capacity",
                FlushReason.OverShare => "over_share",
                FlushReason.OverBudget => "over_budget",
                FlushReason.Idle => "idle",
                _ => throw new ArgumentOutOfRangeException(nameof(report), flush.Reason, "not a reason"),
            },
            flush.ExpectedBytes))],
        report.SettingsQueued,
        report.Duration.TotalMilliseconds,
        report.Failures);

    public static MemoryHistoryView History(IEnumerable<MemoryHistorySample> samples) => new(
        MemoryHistory.Interval.TotalSeconds,
        [.. samples.Select(sample => new MemoryHistorySampleView(
            Time(sample.At),
            sample.LimitBytes,
            sample.RssBytes,
            sample.UntrackedBytes,
            [.. sample.Pools.Select(pool => new MemoryHistoryPoolView(pool.Name, pool.CapacityBytes, pool.UsageBytes))]))]);

    private static MemoryProcessView Process(ProcessMemoryLimit limit, long anonymousBytes, long trackedBytes, AllocatorMemory? allocator) => new(
        limit.Bytes,
        limit.Source,
        anonymousBytes,
        anonymousBytes - trackedBytes,
        AllocatorMemory.UntrackedBound(trackedBytes),
        GcHeap.UsedBytes,
        GcHeap.LimitBytes,
        allocator?.HeapBytes,
        allocator?.FreeBytes,
        allocator?.MappedBytes);

    private static MemoryFiguresView Figures(RebalanceFigures figures) => new(
        figures.TotalBytes, figures.MemtablesBytes, figures.UsageBytes, figures.PartitionBudgetBytes, figures.CountedPartitions);

    private static MemoryQueryEngineSettings QuerySettings(RestateConfiguration configuration) => new()
    {
        MemorySize = configuration.Admin.QueryEngine.MemorySize.ToInt64(),
        QueryTimeout = DurationText.Format(configuration.Admin.QueryEngine.QueryTimeout),
    };

    private static MemoryRecordCacheSettings CacheSettings(RestateConfiguration configuration) => new()
    {
        MemorySize = configuration.Bifrost.RecordCacheMemorySize.ToInt64(),
    };

    private static MemoryRocksDbSettings Settings(RestateConfiguration configuration) => new()
    {
        TotalMemorySize = configuration.RocksDbTotalMemorySize.ToInt64(),
        TotalMemtablesRatio = configuration.RocksDbTotalMemtablesRatio,
        PartitionStoreBudget = configuration.WorkerStorage.RocksDbMemoryBudget?.ToInt64(),
        PartitionStoreRatio = configuration.WorkerStorage.RocksDbMemoryRatio,
        DisableAutoMemoryReclaimer = configuration.WorkerStorage.DisableAutoMemoryReclaimer,
        RebalanceInterval = DurationText.Format(configuration.WorkerStorage.RebalanceInterval),
        LogServerBudget = configuration.LogServer.RocksDbMemoryBudget?.ToInt64(),
        LogServerRatio = configuration.LogServer.RocksDbMemoryRatio,
        MetadataServerBudget = configuration.MetadataServer.RocksDbMemoryBudget?.ToInt64(),
        MetadataServerRatio = configuration.MetadataServer.RocksDbMemoryRatio,
        LocalLogletBudget = configuration.Bifrost.Local.RocksDbMemoryBudget?.ToInt64(),
        LocalLogletRatio = configuration.Bifrost.Local.RocksDbMemoryRatio,
    };

    /// <summary>RFC 3339 with nine digits of a second, as the peer prints times.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);

    /// <summary>Where a value comes from, as documents name it.</summary>
    public static string Source(ConfigurationSource source) => source switch
    {
        ConfigurationSource.Default => "default",
        ConfigurationSource.File => "file",
        ConfigurationSource.Env => "env",
        ConfigurationSource.Cli => "cli",
        ConfigurationSource.Runtime => "runtime",
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "not a source"),
    };
}
