using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Contracts;

/// <summary>Answer of <c>GET /memory</c>: the whole process against its limit.</summary>
/// <param name="Process">What the kernel and the runtime count.</param>
/// <param name="Pools">All named pools.</param>
/// <param name="PlannedBytes">Sum of the pools' capacities.</param>
/// <param name="Warnings">What should be changed.</param>
/// <param name="Guard">What is being done against a lack of memory.</param>
public sealed record MemoryView(
    [property: JsonPropertyName("process")] MemoryProcessView Process,
    [property: JsonPropertyName("pools")] IReadOnlyList<MemoryPoolView> Pools,
    [property: JsonPropertyName("planned_bytes")] long PlannedBytes,
    [property: JsonPropertyName("warnings")] IReadOnlyList<MemoryWarningView> Warnings,
    [property: JsonPropertyName("guard")] MemoryGuardView Guard);

/// <summary>The process.</summary>
/// <param name="LimitBytes">What it may use.</param>
/// <param name="LimitSource"><c>config</c>, <c>cgroup v1 …</c>, <c>cgroup v2 …</c> or <c>machine</c>.</param>
/// <param name="RssBytes">Anonymous resident memory.</param>
/// <param name="UntrackedBytes">Anonymous resident memory that no pool explains; negative where pools count pages not yet touched.</param>
/// <param name="UntrackedBoundBytes">What untracked memory is kept to once load or a change of budgets is over: 15 % of the pools' use and 64 MiB.</param>
/// <param name="GcHeapBytes">Managed heap.</param>
/// <param name="GcHeapLimitBytes">Hard limit of the managed heap; null when there is none.</param>
/// <param name="AllocatorHeapBytes">Heaps of the C library's allocator, used and free parts; null where the library does not tell.</param>
/// <param name="AllocatorFreeBytes">Free parts of those heaps; those given back to the operating system count until they are used again.</param>
/// <param name="AllocatorMappedBytes">Large blocks of the allocator, each mapped for itself.</param>
public sealed record MemoryProcessView(
    [property: JsonPropertyName("limit_bytes")] long LimitBytes,
    [property: JsonPropertyName("limit_source")] string LimitSource,
    [property: JsonPropertyName("rss_bytes")] long RssBytes,
    [property: JsonPropertyName("untracked_bytes")] long UntrackedBytes,
    [property: JsonPropertyName("untracked_bound_bytes")] long UntrackedBoundBytes,
    [property: JsonPropertyName("gc_heap_bytes")] long GcHeapBytes,
    [property: JsonPropertyName("gc_heap_limit_bytes"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? GcHeapLimitBytes,
    [property: JsonPropertyName("allocator_heap_bytes"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? AllocatorHeapBytes,
    [property: JsonPropertyName("allocator_free_bytes"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? AllocatorFreeBytes,
    [property: JsonPropertyName("allocator_mapped_bytes"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? AllocatorMappedBytes);

/// <summary>A named pool.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CapacityBytes">What it may use.</param>
/// <param name="UsageBytes">What it uses.</param>
/// <param name="ConfigKey">The setting that bounds it; null when none does.</param>
/// <param name="Source">Where the value of that setting comes from: <c>default</c>, <c>file</c>, <c>env</c>, <c>cli</c> or <c>runtime</c>.</param>
public sealed record MemoryPoolView(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("capacity_bytes")] long CapacityBytes,
    [property: JsonPropertyName("usage_bytes")] long UsageBytes,
    [property: JsonPropertyName("config_key"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? ConfigKey,
    [property: JsonPropertyName("source")] string Source);

/// <summary>Something to change.</summary>
/// <param name="Code">Stable name.</param>
/// <param name="Message">What is wrong, with figures.</param>
/// <param name="WhatToDo">The settings to change.</param>
public sealed record MemoryWarningView(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("what_to_do")] string WhatToDo);

/// <summary>The guard against a lack of memory.</summary>
/// <param name="Step">The step in force; <c>none</c> while there is no need.</param>
public sealed record MemoryGuardView([property: JsonPropertyName("step")] string Step);

/// <summary>Answer of <c>GET /memory/partitions</c>.</summary>
/// <param name="Partitions">All partitions of the node, by number.</param>
public sealed record MemoryPartitionsView(
    [property: JsonPropertyName("partitions")] IReadOnlyList<MemoryPartitionView> Partitions);

/// <summary>Memtable memory of one partition; sizes are 0 while it is closed.</summary>
/// <param name="PartitionId">Its number.</param>
/// <param name="State"><c>opening</c>, <c>open</c>, <c>draining</c> or <c>closed</c>.</param>
/// <param name="BudgetBytes">Its share.</param>
/// <param name="WriteBufferSizeBytes">Write buffer size that is set.</param>
/// <param name="TargetWriteBufferSizeBytes">Write buffer size of the plan.</param>
/// <param name="ActiveMemtableBytes">The memtable that takes writes.</param>
/// <param name="AllMemtablesBytes">All memtables, pinned ones too.</param>
/// <param name="PinnedMemtableBytes">Flushed memtables that scans keep.</param>
/// <param name="FlushPending">True while a flush is wanted or running.</param>
/// <param name="OverBudget">True when its unflushed memtables exceed its share.</param>
/// <param name="AppliedLsn">Last record applied; null while it is closed.</param>
/// <param name="DurableLsn">Last record whose effects are on disk; null while it is closed.</param>
public sealed record MemoryPartitionView(
    [property: JsonPropertyName("partition_id")] int PartitionId,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("budget_bytes")] long BudgetBytes,
    [property: JsonPropertyName("write_buffer_size_bytes")] long WriteBufferSizeBytes,
    [property: JsonPropertyName("target_write_buffer_size_bytes")] long TargetWriteBufferSizeBytes,
    [property: JsonPropertyName("active_memtable_bytes")] long ActiveMemtableBytes,
    [property: JsonPropertyName("all_memtables_bytes")] long AllMemtablesBytes,
    [property: JsonPropertyName("pinned_memtable_bytes")] long PinnedMemtableBytes,
    [property: JsonPropertyName("flush_pending")] bool FlushPending,
    [property: JsonPropertyName("over_budget")] bool OverBudget,
    [property: JsonPropertyName("applied_lsn"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] ulong? AppliedLsn,
    [property: JsonPropertyName("durable_lsn"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] ulong? DurableLsn);
