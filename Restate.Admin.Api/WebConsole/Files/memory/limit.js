// The process against its limit: what the pools may use, and what is used.

import { card, fill, h, keyed, say } from '../lib/dom.js';
import { percent, size } from '../lib/format.js';

/** @typedef {import('./types.js').Memory} Memory */
/** @typedef {import('./types.js').Pool} Pool */

/** What each pool is, for people who have not read docs/memory.md yet. */
const EXPLAINED = new Map([
  ['rocksdb', 'block cache and memtables of all databases'],
  ['gc-heap', 'managed heap of the process'],
  ['rocksdb-overhead', 'what open databases cost besides'],
  ['reserve', 'kept free on purpose'],
  ['bifrost-record-cache', 'recent log records'],
  ['query-engine', 'SQL queries'],
]);

/** Makes the card; the returned function shows new figures. */
export function limitCard() {
  const summary = h('p', { class: 'lead', dataset: { part: 'summary' } });
  const planned = h('div', { class: 'bar', role: 'img' });
  const used = h('div', { class: 'bar', role: 'img' });
  const plannedText = h('span');
  const usedText = h('span');
  const marker = h('div', { class: 'bar-limit', hidden: true }, h('span', null, 'limit'));
  const rows = h('tbody');
  const root = card('Where does the memory go?', { class: 'card limit-card' },
    summary,
    h('div', { class: 'bar-head' }, h('h3', null, 'Planned, against the limit'), plannedText),
    h('div', { class: 'bar-frame' }, planned, marker),
    h('div', { class: 'bar-head' }, h('h3', null, 'In use now'), usedText),
    used,
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Pools' },
      h('table', { class: 'figures' },
        h('thead', null, h('tr', null,
          h('th', { scope: 'col' }, 'Pool'), h('th', { scope: 'col', class: 'number' }, 'In use'),
          h('th', { scope: 'col', class: 'number' }, 'May use'), h('th', { scope: 'col' }, 'Full'),
          h('th', { scope: 'col' }, 'Setting'))),
        rows)));

  /** @param {Memory} memory */
  function show(memory) {
    const { process, pools, planned_bytes } = memory;
    const scale = Math.max(process.limit_bytes, planned_bytes);
    const untracked = Math.max(0, process.untracked_bytes);
    const tracked = pools.reduce((sum, pool) => sum + pool.usage_bytes, 0);
    fill(summary,
      h('strong', { dataset: { figure: 'rss' } }, size(process.rss_bytes)), ' resident of ',
      h('strong', { dataset: { figure: 'limit' } }, size(process.limit_bytes)),
      ` (${percent(process.rss_bytes, process.limit_bytes)}; the limit is ${origin(process.limit_source)}). `,
      `The pools may grow to ${size(planned_bytes)}, ${percent(planned_bytes, process.limit_bytes)} of it.`);
    say(plannedText, `${size(planned_bytes)} of ${size(process.limit_bytes)}`);
    planned.setAttribute('aria-label', pools.map(pool => `${pool.name} ${size(pool.capacity_bytes)}`).join(', '));
    keyed(planned, pools, pool => pool.name, segment, (element, pool) => {
      element.style.width = `${100 * pool.capacity_bytes / scale}%`;
      element.title = `${pool.name}: ${size(pool.usage_bytes)} of ${size(pool.capacity_bytes)}`;
      /** @type {HTMLElement} */ (element.firstElementChild).style.width = `${full(pool)}%`;
    });
    marker.hidden = planned_bytes <= process.limit_bytes;
    marker.style.left = `${100 * process.limit_bytes / scale}%`;

    const parts = [...pools.filter(pool => pool.usage_bytes > 0), { name: 'untracked', usage_bytes: untracked }];
    say(usedText, process.untracked_bytes < 0 ? `${size(tracked)} in pools, of which ${size(-process.untracked_bytes)} were never touched` : size(process.rss_bytes));
    used.setAttribute('aria-label', parts.map(part => `${part.name} ${size(part.usage_bytes)}`).join(', '));
    keyed(used, parts, part => part.name, solid, (element, part) => {
      element.style.width = `${100 * part.usage_bytes / Math.max(1, tracked + untracked)}%`;
      element.title = `${part.name}: ${size(part.usage_bytes)}`;
    });
    keyed(rows, [...pools, null], pool => pool?.name ?? 'untracked', poolRow, (row, pool) => {
      const cells = row.cells;
      say(cells[1], size(pool ? pool.usage_bytes : process.untracked_bytes));
      say(cells[2], size(pool ? pool.capacity_bytes : process.untracked_bound_bytes));
      const share = pool ? full(pool) : Math.min(100, 100 * untracked / process.untracked_bound_bytes);
      const meter = /** @type {HTMLElement} */ (cells[3].querySelector('.meter i'));
      meter.style.width = `${share}%`;
      say(cells[3].querySelector('span') ?? cells[3],
        percent(pool ? pool.usage_bytes : untracked, pool ? pool.capacity_bytes : process.untracked_bound_bytes));
      if (pool)
        showSetting(cells[4], pool);
    });
  }

  return { root, show };
}

/** @param {HTMLTableCellElement} cell @param {Pool} pool */
function showSetting(cell, pool) {
  const wanted = pool.config_key === null ? 'follows from the others' : `${pool.config_key} ${pool.source}`;
  if (cell.textContent === wanted)
    return;
  if (pool.config_key === null)
    fill(cell, h('span', { class: 'hint' }, wanted));
  else
    fill(cell, h('code', null, pool.config_key), ' ', h('span', { class: `tag source-${pool.source}` }, pool.source));
}

/** @param {Pool} pool */
const full = pool => pool.capacity_bytes > 0 ? Math.min(100, 100 * pool.usage_bytes / pool.capacity_bytes) : 0;

/** @param {string} source */
const origin = source => source === 'machine' ? 'the machine’s memory' : source === 'config' ? 'configured' : `of ${source}`;

/** @param {{ name: string }} pool */
const segment = pool => h('div', { class: `segment planned pool-${pool.name}` }, h('i'), h('span', null, pool.name));

/** @param {{ name: string }} pool */
const solid = pool => h('div', { class: `segment pool-${pool.name}` }, h('span', null, pool.name));

/** @param {Pool | null} pool */
function poolRow(pool) {
  const name = pool?.name ?? 'untracked';
  return h('tr', { class: `pool-${name}` },
    h('th', { scope: 'row' }, h('i', { class: 'swatch' }), name,
      h('span', { class: 'hint' }, EXPLAINED.get(name) ?? (pool ? '' : 'resident, and explained by no pool'))),
    h('td', { class: 'number' }), h('td', { class: 'number' }),
    h('td', null, h('div', { class: 'meter' }, h('i')), h('span')),
    h('td', null, pool ? '' : h('span', { class: 'hint' }, 'what it should stay below')));
}
