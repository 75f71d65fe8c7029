// What a change would lead to, or led to: figures before and after.

import { h } from '../lib/dom.js';
import { percent, size } from '../lib/format.js';

/** @typedef {import('./types.js').Memory} Memory */
/** @typedef {import('./types.js').RocksDb} RocksDb */
/** @typedef {{ before: Record<string, any>, after: Record<string, any> }} Views answers of the pools, by their names */

/**
 * A table of what becomes another, and what follows from it.
 * @param {Memory} memory
 * @param {Views} views
 */
export function comparison(memory, views) {
  /** @type {[string, string, string][]} */
  const rows = [];
  /** @type {string[]} */
  const notes = [];
  const [rocks, rocksAfter] = pair(views, 'rocksdb');
  if (rocks && rocksAfter) {
    const [plan, next] = [rocks.plan, rocksAfter.plan];
    rows.push(
      ['RocksDB in total', size(plan.total_bytes), size(next.total_bytes)],
      ['memtables', size(plan.memtables_bytes), size(next.memtables_bytes)],
      ['data blocks, at least', size(plan.block_cache_bytes), size(next.block_cache_bytes)],
      ...plan.components.map((/** @type {{ name: string, budget_bytes: number }} */ part) => /** @type {[string, string, string]} */ (
        [part.name, size(part.budget_bytes), size(next.components.find((/** @type {{ name: string }} */ other) => other.name === part.name)?.budget_bytes)])),
      [`share of each of ${next.open_partitions} partitions`, size(plan.partition_budget_bytes), size(next.partition_budget_bytes)],
      ['write buffer of a partition', size(plan.write_buffer_size_bytes), size(next.write_buffer_size_bytes)]);
    rocksNotes(rocksAfter, notes);
  }
  const [engine, engineAfter] = pair(views, 'query-engine');
  if (engine && engineAfter) {
    const key = 'admin.query-engine.memory-size';
    rows.push(['query engine', size(engine.desired[key]), size(engineAfter.desired[key])]);
    const timeout = 'admin.query-engine.query-timeout';
    if (engine.desired[timeout] !== engineAfter.desired[timeout])
      rows.push(['longest time of a query', engine.desired[timeout], engineAfter.desired[timeout]]);
    if (engineAfter.usage.duckdb_bytes + engineAfter.usage.own_bytes > engineAfter.desired[key])
      notes.push('Running queries hold more than the new size: the youngest of them end with 507.');
  }
  const [cache, cacheAfter] = pair(views, 'record-cache');
  if (cache && cacheAfter) {
    const key = 'bifrost.record-cache-memory-size';
    rows.push(['record cache', size(cache.desired[key]), size(cacheAfter.desired[key])]);
    if (cacheAfter.usage.used_bytes > cacheAfter.desired[key])
      notes.push(`${size(cacheAfter.usage.used_bytes - cacheAfter.desired[key])} of recent records are dropped; they are read from the log instead.`);
  }
  const planned = memory.planned_bytes + added(views);
  const limit = memory.process.limit_bytes;
  rows.push([`all pools, against ${size(limit)}`, `${size(memory.planned_bytes)} (${percent(memory.planned_bytes, limit)})`,
    `${size(planned)} (${percent(planned, limit)})`]);
  if (planned > limit)
    notes.push('The pools together would exceed the limit of the process: it runs out of memory once they are full.');
  else if (planned > 0.9 * limit)
    notes.push('The pools together would take over 90 % of the limit: a risk.');
  return h('div', null,
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Before and after' },
      h('table', { class: 'figures' },
        h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'What'), h('th', { scope: 'col', class: 'number' }, 'Before'),
          h('th', { scope: 'col', class: 'number' }, 'After'))),
        h('tbody', null, ...rows.map(([name, before, after]) => h('tr', { class: before === after ? 'same' : 'other' },
          h('th', { scope: 'row' }, name), h('td', { class: 'number' }, before), h('td', { class: 'number' }, after)))))),
    h('ul', { class: 'notes' }, ...notes.map(note => h('li', null, note))));
}

/** @param {RocksDb} next @param {string[]} notes */
function rocksNotes(next, notes) {
  const excess = next.usage.write_buffer_manager_bytes - next.plan.memtables_bytes;
  notes.push(excess > 0
    ? `Memtables hold ${size(next.usage.write_buffer_manager_bytes)}: about ${size(excess)} of them are flushed to disk.`
    : `Memtables hold ${size(next.usage.write_buffer_manager_bytes)}, which fits: none has to be flushed.`);
  if (next.plan.over_subscribed)
    notes.push('Over-subscribed: not even the smallest write buffers of all partitions fit into their budget.');
  for (const part of next.plan.components) {
    if (part.budget_bytes < part.asked_bytes && part.asked_bytes - part.budget_bytes > part.asked_bytes / 100)
      notes.push(`${part.name} asks for ${size(part.asked_bytes)} and gets ${size(part.budget_bytes)}: the shares exceed the memtables.`);
  }
}

/** @param {Views} views */
function added(views) {
  let bytes = 0;
  for (const [pool, key] of [['rocksdb', 'rocksdb-total-memory-size'], ['query-engine', 'admin.query-engine.memory-size'],
    ['record-cache', 'bifrost.record-cache-memory-size']]) {
    const [before, after] = pair(views, pool);
    if (before && after)
      bytes += after.desired[key] - before.desired[key];
  }
  return bytes;
}

/** @param {Views} views @param {string} pool */
const pair = (views, pool) => [views.before[pool], views.after[pool]];
