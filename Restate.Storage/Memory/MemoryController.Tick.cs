using System.Globalization;
using Microsoft.Extensions.Logging;
using Restate.Storage.Configuration;

namespace Restate.Storage.Memory;

/// <summary>One tick: sample, plan, decide, apply.</summary>
public sealed partial class MemoryController
{
    private RebalanceFigures _last;

    private RebalanceReport Tick(RebalanceTrigger trigger)
    {
        DateTimeOffset at = _time.GetUtcNow();
        long began = _time.GetTimestamp();
        Interlocked.Increment(ref _ticks);

        ConfigurationSnapshot configuration = _configuration();
        if (trigger == RebalanceTrigger.Interval && configuration.Generation != AppliedGeneration)
            trigger = RebalanceTrigger.Configuration;
        MemoryPlan plan = PlanFor(configuration.Value);
        WarnOnChange(plan, configuration.Generation, _limit().Bytes);

        var failures = new List<string>();
        long planned = _time.GetTimestamp();
        MemoryReading reading = Read(at, failures);
        long sampled = _time.GetTimestamp();
        MemoryCaps caps;
        lock (_lock)
            caps = _caps;
        if (caps.MemtablesBytes is { } most)
            plan = plan with { MemtablesBytes = Math.Min(plan.MemtablesBytes, most) };
        RebalanceDecision decision = RebalanceDecision.Decide(
            reading, plan, reclaim: !configuration.Value.WorkerStorage.DisableAutoMemoryReclaimer);
        if (!caps.KeepsCache && decision.CacheCapacity > reading.CacheCapacity)
            decision = decision with { CacheCapacity = null };
        long decided = _time.GetTimestamp();

        RebalanceFigures before = Figures(reading, plan) with
        {
            PartitionBudgetBytes = _last.PartitionBudgetBytes,
            CountedPartitions = _last.CountedPartitions,
        };
        SetCapacities(reading, decision);
        List<RebalanceFlush> flushes = StartFlushes(decision, failures);

        // Always: an order that this tick no longer wants must not be carried out.
        _applier.Replace(decision.Settings);
        TrimWhenLowered(reading, decision, plan);

        RebalanceFigures after = Figures(plan, _memory.WriteBufferManagerUsage);
        if (before.PartitionBudgetBytes != after.PartitionBudgetBytes)
        {
            Log.ShareChanged(
                _logger, plan.CountedPartitions, MemoryText.Size(before.PartitionBudgetBytes), MemoryText.Size(after.PartitionBudgetBytes));
        }

        _last = after;
        Volatile.Write(ref _partitionBudget, after.PartitionBudgetBytes);
        var report = new RebalanceReport(
            at, trigger, configuration.Generation, before, after, flushes, decision.Settings.Count, _time.GetElapsedTime(began), failures)
        {
            Timings = new TickTimings(
                _time.GetElapsedTime(began, planned),
                _time.GetElapsedTime(planned, sampled),
                _time.GetElapsedTime(sampled, decided),
                _time.GetElapsedTime(decided)),
        };
        Timed?.Invoke(report.Timings);
        if (report.Acted || trigger == RebalanceTrigger.Request)
            Keep(report);

        // Last: whoever waited for the generation finds the report of it.
        _applied.Set(configuration);
        return report;
    }

    private MemoryReading Read(DateTimeOffset now, List<string> failures)
    {
        IReadOnlyList<IMemoryTarget> targets = _memory.Targets;
        var readings = new List<TargetReading>(targets.Count);
        foreach (IMemoryTarget target in targets)
        {
            try
            {
                MemtableSample sample = target.Sample();
                if (!_activity.TryGetValue(target, out (MemtableSample Sample, DateTimeOffset Since) last) || last.Sample != sample)
                    _activity[target] = last = (sample, now);
                readings.Add(new TargetReading(target, sample, now - last.Since));
            }
            catch (Exception e)
            {
                // A database that cannot be read leaves the pass; the others are balanced all the same.
                failures.Add($"{target.Name}: {e.Message}");
            }
        }

        if (_activity.Count > targets.Count)
        {
            var present = targets.ToHashSet();
            foreach (IMemoryTarget gone in _activity.Keys.Where(target => !present.Contains(target)).ToList())
                _activity.Remove(gone);
        }

        return new MemoryReading(
            _memory.WriteBufferManagerCapacity, _memory.WriteBufferManagerUsage, _memory.BlockCacheCapacity, readings);
    }

    private void SetCapacities(MemoryReading reading, RebalanceDecision decision)
    {
        if (decision.ManagerCapacity is null && decision.CacheCapacity is null)
            return;

        // Memtables are charged to the cache: it grows before them and shrinks after them.
        bool raise = decision.CacheCapacity > reading.CacheCapacity;
        if (raise && decision.CacheCapacity is { } larger)
            _memory.BlockCacheCapacity = larger;
        if (decision.ManagerCapacity is { } manager)
            _memory.WriteBufferManagerCapacity = manager;
        if (!raise && decision.CacheCapacity is { } smaller)
            _memory.BlockCacheCapacity = smaller;
        Log.CapacityChanged(
            _logger,
            MemoryText.Size(decision.CacheCapacity ?? reading.CacheCapacity),
            MemoryText.Size(decision.ManagerCapacity ?? reading.ManagerCapacity));
    }

    private List<RebalanceFlush> StartFlushes(RebalanceDecision decision, List<string> failures)
    {
        var started = new List<RebalanceFlush>(decision.Flushes.Count);
        foreach (FlushOrder order in decision.Flushes)
        {
            try
            {
                order.Target.StartFlush();
                started.Add(new RebalanceFlush(order.Target.Name, order.Reason, order.ExpectedBytes));
                if (order.Reason != FlushReason.OverCapacity)
                    Interlocked.Increment(ref _reclaimFlushes);
            }
            catch (Exception e)
            {
                failures.Add($"{order.Target.Name}: {e.Message}");
                Log.FlushFailed(_logger, order.Target.Name, e);
            }
        }

        return started;
    }

    /// <summary>
    /// Lowering leaves free pages with the allocator. They are worth giving back once the flushes are through, so the trim
    /// waits for the tick that finds usage under the capacity.
    /// </summary>
    private void TrimWhenLowered(MemoryReading reading, RebalanceDecision decision, MemoryPlan plan)
    {
        if (decision.CacheCapacity < reading.CacheCapacity || decision.ManagerCapacity < reading.ManagerCapacity)
            _trimPending = true;
        if (!_trimPending || _memory.WriteBufferManagerUsage > plan.MemtablesBytes)
            return;
        if (decision.Flushes.Count > 0)
            return;
        _trimPending = false;
        _applier.Trim();
    }

    private void Keep(RebalanceReport report)
    {
        lock (_lock)
        {
            if (_reports.Count == ReportCapacity)
                _reports.Dequeue();
            _reports.Enqueue(report);
        }
    }

    /// <summary>Logs the warnings of the plan when they, the configuration or the process limit are others than at the tick before.</summary>
    private void WarnOnChange(MemoryPlan plan, long generation, long limit)
    {
        // Codes and not messages: figures in them move with every database that opens.
        string all = string.Join(' ', plan.Warnings.Select(warning => warning.Code).Prepend(string.Create(CultureInfo.InvariantCulture, $"{generation} {limit}")));
        if (all == _warned)
            return;
        _warned = all;
        foreach (MemoryWarning warning in plan.Warnings)
        {
            Log.PlanWarning(
                _logger,
                warning.IsError ? LogLevel.Error : LogLevel.Warning,
                warning.Message,
                warning.Code,
                warning.WhatToDo);
        }
    }

    private static RebalanceFigures Figures(MemoryReading reading, MemoryPlan plan) =>
        Figures(plan, reading.ManagerUsage) with { TotalBytes = reading.CacheCapacity, MemtablesBytes = reading.ManagerCapacity };

    private static RebalanceFigures Figures(MemoryPlan plan, long usage) =>
        new(plan.TotalBytes, plan.MemtablesBytes, usage, plan.PartitionBudgetBytes, plan.CountedPartitions);
}
