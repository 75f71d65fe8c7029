// The settings of the three pools that can be changed while the node runs.

import { exactSize } from '../lib/format.js';

/** @typedef {'size' | 'ratio' | 'duration' | 'switch'} Kind */
/** @typedef {{ pool: string, key: string, label: string, kind: Kind, hint: string, isRare?: boolean }} Field */

/** @type {{ name: string, title: string }[]} */
export const POOLS = [
  { name: 'rocksdb', title: 'RocksDB' },
  { name: 'query-engine', title: 'Query engine' },
  { name: 'record-cache', title: 'Record cache' },
];

/** @type {Field[]} */
export const FIELDS = [
  { pool: 'rocksdb', key: 'rocksdb-total-memory-size', label: 'Total', kind: 'size', hint: 'block cache and memtables; at least 256 MiB' },
  { pool: 'rocksdb', key: 'rocksdb-total-memtables-ratio', label: 'Memtables’ share of it', kind: 'ratio', hint: '0.1 to 1' },
  { pool: 'rocksdb', key: 'worker.storage.rocksdb-memory-ratio', label: 'Partition stores’ share of the memtables', kind: 'ratio', hint: '0 to 1' },
  { pool: 'rocksdb', key: 'log-server.rocksdb-memory-ratio', label: 'Log server’s share of the memtables', kind: 'ratio', hint: '0 to 1' },
  { pool: 'rocksdb', key: 'metadata-server.rocksdb-memory-ratio', label: 'Metadata server’s share of the memtables', kind: 'ratio', hint: '0 to 1', isRare: true },
  { pool: 'rocksdb', key: 'worker.storage.rocksdb-memory-budget', label: 'Partition stores in bytes', kind: 'size', hint: 'beats the share; empty: none', isRare: true },
  { pool: 'rocksdb', key: 'log-server.rocksdb-memory-budget', label: 'Log server in bytes', kind: 'size', hint: 'beats the share; empty: none', isRare: true },
  { pool: 'rocksdb', key: 'metadata-server.rocksdb-memory-budget', label: 'Metadata server in bytes', kind: 'size', hint: 'beats the share; empty: none', isRare: true },
  { pool: 'rocksdb', key: 'worker.storage.rocksdb-rebalance-interval', label: 'Time between ticks', kind: 'duration', hint: '100 ms to 1 h', isRare: true },
  { pool: 'rocksdb', key: 'worker.storage.rocksdb-disable-auto-memory-reclaimer', label: 'No reclaiming flushes', kind: 'switch', hint: 'true or false', isRare: true },
  { pool: 'query-engine', key: 'admin.query-engine.memory-size', label: 'Size', kind: 'size', hint: 'all queries together' },
  { pool: 'query-engine', key: 'admin.query-engine.query-timeout', label: 'Longest time of a query', kind: 'duration', hint: '1 ms to 1 d' },
  { pool: 'record-cache', key: 'bifrost.record-cache-memory-size', label: 'Size', kind: 'size', hint: '0 keeps none' },
];

/**
 * A setting as it stands in its input.
 * @param {Field} field
 * @param {unknown} value
 */
export function textOf(field, value) {
  if (value === null || value === undefined)
    return '';
  return field.kind === 'size' ? exactSize(Number(value)) : String(value);
}

/**
 * What the input holds, as the API takes it. What it does not understand is sent as text: the answer names what is allowed.
 * @param {Field} field
 * @param {string} text
 * @returns {string | number | boolean | null}
 */
export function valueOf(field, text) {
  const trimmed = text.trim();
  if (trimmed === '')
    return null;
  if (field.kind === 'size' && /^\d{1,15}$/.test(trimmed))
    return Number(trimmed);
  if (field.kind === 'ratio' && Number.isFinite(Number(trimmed)))
    return Number(trimmed);
  if (field.kind === 'switch' && (trimmed === 'true' || trimmed === 'false'))
    return trimmed === 'true';
  return trimmed;
}
