// The shapes of /memory, as far as the console reads them.

/** @typedef {{ name: string, capacity_bytes: number, usage_bytes: number, config_key: string | null, source: string }} Pool */
/** @typedef {{ limit_bytes: number, limit_source: string, rss_bytes: number, untracked_bytes: number, untracked_bound_bytes: number }} Process */
/** @typedef {{ code: string, message: string, what_to_do: string }} Warning */
/** @typedef {{ process: Process, pools: Pool[], planned_bytes: number, warnings: Warning[], guard: { step: string } }} Memory */

/** @typedef {{ name: string, asked_bytes: number, budget_bytes: number, usage_bytes: number }} Component */
/** @typedef {{ total_bytes: number, memtables_bytes: number, block_cache_bytes: number, components: Component[], open_partitions: number,
 *   partition_budget_bytes: number, write_buffer_size_bytes: number, over_subscribed: boolean }} Plan */
/** @typedef {{ write_buffer_manager_bytes: number, block_cache_bytes: number, block_cache_pinned_bytes: number, memtable_bytes: number,
 *   memtable_unflushed_bytes: number }} Usage */
/** @typedef {{ generation: number, applied_generation: number, desired: Record<string, any>, applied: Record<string, any> | null,
 *   plan: Plan, usage: Usage, next_tick_at: string }} RocksDb */

/** @typedef {{ partition_id: number, state: string, budget_bytes: number, write_buffer_size_bytes: number,
 *   target_write_buffer_size_bytes: number, all_memtables_bytes: number, pinned_memtable_bytes: number, flush_pending: boolean,
 *   over_budget: boolean }} Partition */

/** @typedef {{ total_bytes: number, memtables_bytes: number, memtable_usage_bytes: number, partition_budget_bytes: number,
 *   open_partitions: number }} Figures */
/** @typedef {{ at: string, reason: string, generation: number, before: Figures, after: Figures,
 *   flushes: { database: string, reason: string, expected_bytes: number }[], settings_queued: number, duration_ms: number,
 *   failures: string[] }} Rebalance */

/** @typedef {{ at: string, limit_bytes: number, rss_bytes: number, untracked_bytes: number,
 *   pools: { name: string, capacity_bytes: number, usage_bytes: number }[] }} Sample */

export {};
