using System.Globalization;
using Prometheus;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;

namespace Restate.Admin.Api.Endpoints;

/// <summary>
/// Memory as Prometheus series, read from the memory subsystem at every scrape. Databases carry the peer's names, so that its
/// dashboards fit; what all databases share is one series and not one per database, or sums would count it several times.
/// </summary>
internal sealed class MemoryMetrics : IDisposable
{
    private readonly ISharedMemory _memory;
    private readonly MemoryController _controller;
    private readonly MemoryLedger _ledger;
    private readonly WriteAdmission _admission;
    private readonly PartitionCensus _census;
    private readonly IPartitionMemorySource _partitions;
    private readonly MemoryGuard _guard;
    private readonly ConfigurationStore _configuration;
    private readonly SemaphoreSlim _scrape = new(1);

    private readonly SeriesSet _managerCapacity;
    private readonly SeriesSet _managerUsage;
    private readonly SeriesSet _cacheCapacity;
    private readonly SeriesSet _cacheUsage;
    private readonly SeriesSet _cachePinned;
    private readonly SeriesSet _memtables;
    private readonly SeriesSet _memtablesUnflushed;
    private readonly SeriesSet _activeMemtable;
    private readonly SeriesSet _unflushedMemtables;
    private readonly SeriesSet _allMemtables;
    private readonly SeriesSet _flushPending;
    private readonly SeriesSet _flushPendingCount;
    private readonly SeriesSet _poolCapacity;
    private readonly SeriesSet _poolUsage;
    private readonly SeriesSet _componentBudget;
    private readonly SeriesSet _componentUsage;
    private readonly SeriesSet _warnings;
    private readonly SeriesSet _processLimit;
    private readonly SeriesSet _processRss;
    private readonly SeriesSet _processUntracked;
    private readonly SeriesSet _processUntrackedBound;
    private readonly SeriesSet _allocatorHeap;
    private readonly SeriesSet _allocatorFree;
    private readonly SeriesSet _allocatorMapped;
    private readonly SeriesSet _partitionBudget;
    private readonly SeriesSet _partitionsOpen;
    private readonly SeriesSet _partitionState;
    private readonly SeriesSet _appliedGeneration;
    private readonly SeriesSet _admissionReserved;
    private readonly SeriesSet _admissionWaiting;
    private readonly SeriesSet _guardStep;
    private readonly SeriesSet _gcLimit;
    private readonly Counter _guardSteps;
    private readonly Counter _trims;
    private readonly Counter _trimmedBytes;
    private readonly Counter _trimSeconds;
    private readonly Counter _reclaimFlushes;
    private readonly Counter _ticks;
    private readonly Counter _failedTicks;
    private readonly Counter _settingsApplied;
    private readonly Counter _settingsFailures;
    private readonly Counter _admissionWaits;
    private readonly Counter _admissionRejections;
    private readonly Counter _admissionFlushes;
    private readonly Counter _admissionFlushFailures;

    public MemoryMetrics(
        CollectorRegistry registry,
        ISharedMemory memory,
        MemoryController controller,
        MemoryLedger ledger,
        WriteAdmission admission,
        PartitionCensus census,
        IPartitionMemorySource partitions,
        MemoryGuard guard,
        ConfigurationStore configuration)
    {
        _memory = memory;
        _controller = controller;
        _ledger = ledger;
        _admission = admission;
        _census = census;
        _partitions = partitions;
        _guard = guard;
        _configuration = configuration;
        MetricFactory factory = Metrics.WithCustomRegistry(registry);
        SeriesSet Gauge(string name, string help, params string[] labels) => new(factory.CreateGauge("restate_" + name, help, labels));
        Counter Count(string name, string help) => factory.CreateCounter("restate_" + name, help);

        _managerCapacity = Gauge("rocksdb_memory_write_buffer_manager_capacity_bytes", "Capacity of the write buffer manager of all databases.");
        _managerUsage = Gauge("rocksdb_memory_write_buffer_manager_usage_bytes", "Memory in all memtables of all databases.");
        _cacheCapacity = Gauge("rocksdb_block_cache_capacity_bytes", "Capacity of the block cache that all databases share.");
        _cacheUsage = Gauge("rocksdb_block_cache_usage_bytes", "Use of the block cache, the charge for memtables included.");
        _cachePinned = Gauge("rocksdb_block_cache_pinned_usage_bytes", "Part of the block cache that cannot be evicted now.");
        _memtables = Gauge("rocksdb_memory_approx_memtable_bytes", "Memory in memtables, pinned ones too.", "db");
        _memtablesUnflushed = Gauge("rocksdb_memory_approx_memtable_unflushed_bytes", "Memory in memtables that are not on disk.", "db");
        _activeMemtable = Gauge("rocksdb_cur_size_active_mem_table_bytes", "Size of the memtable that takes writes.", "db", "cf");
        _unflushedMemtables = Gauge("rocksdb_cur_size_all_mem_tables_bytes", "Size of active and unflushed immutable memtables.", "db", "cf");
        _allMemtables = Gauge("rocksdb_size_all_mem_tables_bytes", "Size of active, immutable and pinned memtables.", "db", "cf");
        _flushPending = Gauge("rocksdb_mem_table_flush_pending", "1 while a memtable flush is wanted or running.", "db", "cf");
        _flushPendingCount = Gauge("rocksdb_mem_table_flush_pending_count", "As restate_rocksdb_mem_table_flush_pending, under its documented name.", "db", "cf");
        _poolCapacity = Gauge("memory_pool_capacity_bytes", "Capacity of a named memory pool.", "name");
        _poolUsage = Gauge("memory_pool_usage_bytes", "Use of a named memory pool.", "name");
        _componentBudget = Gauge("memory_component_budget_bytes", "Memtable budget of a component, as planned now.", "component");
        _componentUsage = Gauge("memory_component_usage_bytes", "Memory in all memtables of a component's databases, pinned ones too.", "component");
        _warnings = Gauge("memory_warning", "1 while the memory plan has the warning of this code, else 0; GET /memory says what to do.", "code");
        _processLimit = Gauge("memory_process_limit_bytes", "Memory limit of the process.");
        _processRss = Gauge("memory_process_anonymous_bytes", "Anonymous resident memory of the process.");
        _processUntracked = Gauge("memory_process_untracked_bytes", "Anonymous resident memory that no pool explains; negative where pools count pages not yet touched.");
        _processUntrackedBound = Gauge("memory_process_untracked_bound_bytes", "What untracked memory is kept to once load or a change of budgets is over.");
        _allocatorHeap = Gauge("memory_allocator_heap_bytes", "Heaps of the C library's allocator, used and free parts.");
        _allocatorFree = Gauge("memory_allocator_free_bytes", "Free parts of the allocator's heaps; those given back to the operating system count until they are used again.");
        _allocatorMapped = Gauge("memory_allocator_mapped_bytes", "Large blocks of the allocator, each mapped for itself.");
        _gcLimit = Gauge("memory_gc_heap_limit_bytes", "Hard limit of the managed heap; 0: none.");
        _guardStep = Gauge("memory_guard_step", "Step of the memory guard: 0 none, 1 trim-allocator, 2 shrink-cache, 3 close-queries, 4 shrink-write-buffers, 5 delay-writes.");
        _guardSteps = Count("memory_guard_steps_total", "Steps that the memory guard took, undone ones not subtracted.");
        _trims = Count("memory_allocator_trims_total", "Trims of the allocator by the memory guard.");
        _trimmedBytes = Count("memory_allocator_trimmed_bytes_total", "Bytes by which resident memory shrank in trims of the allocator.");
        _trimSeconds = Count("memory_allocator_trim_seconds_total", "Time that trims of the allocator took.");
        _partitionBudget = Gauge("partition_store_memtable_budget_bytes", "Memtable budget of one partition.");
        _partitionsOpen = Gauge("partition_store_num_open", "Partitions that are open.");
        _partitionState = Gauge("partition_store_state", "1 for the state that a partition is in.", "partition", "state");
        _appliedGeneration = Gauge("memory_controller_applied_generation", "Generation of the configuration that the memory controller has carried out.");
        _admissionReserved = Gauge("memory_admission_reserved_bytes", "Memtable memory of writes that are admitted and not finished.");
        _admissionWaiting = Gauge("memory_admission_waiting", "Writers that wait for memtable memory.");
        _reclaimFlushes = Count("partition_store_reclaim_flush_total", "Flushes of databases over their share or budget and of idle ones.");
        _ticks = Count("memory_controller_ticks_total", "Ticks of the memory controller.");
        _failedTicks = Count("memory_controller_failed_ticks_total", "Ticks of the memory controller that could not be carried out.");
        _settingsApplied = Count("memory_controller_settings_applied_total", "Databases that were given new write buffers.");
        _settingsFailures = Count("memory_controller_settings_failures_total", "Databases that refused new write buffers, and allocator trims that failed.");
        _admissionWaits = Count("memory_admission_waits_total", "Writes that had to wait for memtable memory.");
        _admissionRejections = Count("memory_admission_rejections_total", "Appends that waited for memtable memory until their deadline.");
        _admissionFlushes = Count("memory_admission_flushes_total", "Flushes that admission started.");
        _admissionFlushFailures = Count("memory_admission_flush_failures_total", "Flushes that admission could not start.");
    }

    /// <summary>Reads everything anew and writes the registry's page.</summary>
    public async Task CollectAsync(CollectorRegistry registry, Stream page, CancellationToken cancellationToken)
    {
        // One scrape at a time: a second one would change series while the first is written.
        await _scrape.WaitAsync(cancellationToken);
        try
        {
            Refresh();
            await registry.CollectAndExportAsTextAsync(page, cancellationToken);
        }
        finally
        {
            _scrape.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scrape.Dispose();

    private void Refresh()
    {
        _managerCapacity.Replace(_memory.WriteBufferManagerCapacity);
        _managerUsage.Replace(_memory.WriteBufferManagerUsage);
        _cacheCapacity.Replace(_memory.BlockCacheCapacity);
        _cacheUsage.Replace(_memory.BlockCacheUsage);
        _cachePinned.Replace(_memory.BlockCachePinnedUsage);
        RefreshDatabases();
        RefreshComponents();

        IReadOnlyList<MemoryPoolReading> pools = _ledger.Read();
        _poolCapacity.Replace(pools.Select(pool => (new[] { pool.Name }, pool.CapacityBytes)));
        _poolUsage.Replace(pools.Select(pool => (new[] { pool.Name }, pool.UsageBytes)));
        HashSet<string> warned = [.. _controller.PlanFor(_configuration.Current.Value).Warnings.Select(warning => warning.Code)];
        _warnings.Replace(MemoryWarningCodes.All.Select(code => (new[] { code }, warned.Contains(code) ? 1L : 0L)));
        _processLimit.Replace(_controller.Limit.Bytes);
        long anonymous = ProcessMemory.ReadAnonymousBytes();
        _processRss.Replace(anonymous);
        long tracked = pools.Sum(pool => pool.UsageBytes);
        _processUntracked.Replace(anonymous - tracked);
        _processUntrackedBound.Replace(AllocatorMemory.UntrackedBound(tracked));
        RefreshAllocator();
        _gcLimit.Replace(GcHeap.LimitBytes ?? 0);
        _guardStep.Replace((int)_guard.Step);
        _guardSteps.IncTo(_guard.StepCount);
        _partitionBudget.Replace(_controller.PartitionBudgetBytes);
        _partitionsOpen.Replace(_census.OpenCount);
        _partitionState.Replace(_partitions.Read().Select(partition => (new[] { partition.Partition.Value.ToString(CultureInfo.InvariantCulture), partition.State }, 1L)));
        _appliedGeneration.Replace(_controller.AppliedGeneration);
        _admissionReserved.Replace(_admission.ReservedBytes);
        _admissionWaiting.Replace(_admission.Waiting);

        _reclaimFlushes.IncTo(_controller.ReclaimFlushCount);
        _ticks.IncTo(_controller.TickCount);
        _failedTicks.IncTo(_controller.FailedTickCount);
        _settingsApplied.IncTo(_controller.SettingsAppliedCount);
        _settingsFailures.IncTo(_controller.SettingsFailureCount);
        _admissionWaits.IncTo(_admission.WaitCount);
        _admissionRejections.IncTo(_admission.RejectionCount);
        _admissionFlushes.IncTo(_admission.FlushCount);
        _admissionFlushFailures.IncTo(_admission.FlushFailureCount);
    }

    private void RefreshAllocator()
    {
        if (AllocatorMemory.Read() is { } allocator)
        {
            _allocatorHeap.Replace(allocator.HeapBytes);
            _allocatorFree.Replace(allocator.FreeBytes);
            _allocatorMapped.Replace(allocator.MappedBytes);
        }

        _trims.IncTo(_guard.TrimCount);
        _trimmedBytes.IncTo(_guard.TrimmedBytes);
        _trimSeconds.IncTo(_guard.TrimTime.TotalSeconds);
    }

    private void RefreshComponents()
    {
        IReadOnlyList<ComponentUsage> components = ComponentUsage.Read(_controller.PlanNow(), _memory.Targets);
        _componentBudget.Replace(components.Select(component => (new[] { component.Plan.Component.Name() }, component.Plan.BudgetBytes)));
        _componentUsage.Replace(components.Select(component => (new[] { component.Plan.Component.Name() }, component.UsageBytes)));
    }

    private void RefreshDatabases()
    {
        var families = _memory.Targets.Select(target => (Labels: Labels(target), Sample: target.Sample())).ToList();
        _activeMemtable.Replace(families.Select(family => (family.Labels, family.Sample.ActiveBytes)));
        _unflushedMemtables.Replace(families.Select(family => (family.Labels, family.Sample.UnflushedBytes)));
        _allMemtables.Replace(families.Select(family => (family.Labels, family.Sample.AllBytes)));
        _flushPending.Replace(families.Select(family => (family.Labels, family.Sample.FlushPending ? 1L : 0L)));
        _flushPendingCount.Replace(families.Select(family => (family.Labels, family.Sample.FlushPending ? 1L : 0L)));

        var databases = families.GroupBy(family => family.Labels[0]).ToList();
        _memtables.Replace(databases.Select(database => (new[] { database.Key }, database.Sum(family => family.Sample.AllBytes))));
        _memtablesUnflushed.Replace(databases.Select(database => (new[] { database.Key }, database.Sum(family => family.Sample.UnflushedBytes))));
    }

    private static string[] Labels(IMemoryTarget target) =>
        [RocksDbMetricsText.DatabaseLabel(target.Component), RocksDbMetricsText.FamilyLabel(target)];

    /// <summary>The series of one family; those that are not set at a scrape vanish.</summary>
    private sealed class SeriesSet(Gauge family)
    {
        private Dictionary<string, string[]> _present = [];

        public void Replace(long value) => family.Set(value);

        public void Replace(IEnumerable<(string[] Labels, long Value)> series)
        {
            var next = new Dictionary<string, string[]>();
            foreach ((string[] labels, long value) in series)
            {
                family.WithLabels(labels).Set(value);
                next[string.Join('\n', labels)] = labels;
            }

            foreach ((string key, string[] labels) in _present)
            {
                if (!next.ContainsKey(key))
                    family.RemoveLabelled(labels);
            }

            _present = next;
        }
    }
}
