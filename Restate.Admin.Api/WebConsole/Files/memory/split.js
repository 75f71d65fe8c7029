// RocksDB's budget as a picture: the total, its two parts, the components, and the partitions' shares; how full each is.

import { nodeNow } from '../lib/api.js';
import { card, fill, h, keyed, say } from '../lib/dom.js';
import { percent, size } from '../lib/format.js';

/** @typedef {import('./types.js').RocksDb} RocksDb */
/** @typedef {import('./types.js').Partition} Partition */
/** @typedef {{ name: string, label: string, bytes: number, used: number }} Block */
/** @typedef {{ key: string, label: string, count: number, budget: number, used: number, pinned: number, state: string, isOver: boolean,
 *   isFlushing: boolean }} Column */

/** More columns than this would be thinner than a hair on a phone: partitions are then shown in groups. */
const MAX_COLUMNS = 192;

/** Groups are so many. */
const GROUPS = 128;

/** Makes the card; the returned function shows new figures. */
export function splitCard() {
  const status = h('p', { class: 'hint tick', dataset: { part: 'tick' } });
  const total = h('div', { class: 'level' });
  const halves = h('div', { class: 'level' });
  const components = h('div', { class: 'level' });
  const zoom = h('div', { class: 'zoom', 'aria-hidden': 'true' });
  const columns = h('div', { class: 'columns' });
  const caption = h('p', { class: 'lead', dataset: { part: 'partitions' } });
  const picture = h('div', { class: 'split', role: 'img' }, total, halves, components, zoom, columns);
  const rows = h('tbody');
  const root = card('RocksDB’s budget, down to partitions', { class: 'card split-card' },
    status, picture, caption,
    h('ul', { class: 'legend' },
      h('li', null, h('i', { class: 'swatch used' }), 'in use'), h('li', null, h('i', { class: 'swatch free' }), 'share not in use'),
      h('li', null, h('i', { class: 'swatch pinned' }), 'kept by scans'), h('li', null, h('i', { class: 'swatch over' }), 'over its share'),
      h('li', null, h('i', { class: 'swatch flushing' }), 'being flushed'), h('li', null, h('i', { class: 'swatch closed' }), 'closed')),
    h('details', null, h('summary', null, 'The same as a table'),
      h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Budget by part' },
        h('table', { class: 'figures' },
          h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'Part'), h('th', { scope: 'col', class: 'number' }, 'Budget'),
            h('th', { scope: 'col', class: 'number' }, 'In use'), h('th', { scope: 'col', class: 'number' }, 'Full'))),
          rows))));

  /** @param {RocksDb} rocks @param {Partition[]} partitions */
  function show(rocks, partitions) {
    const { plan, usage } = rocks;
    const dataBlocks = Math.max(0, usage.block_cache_bytes - usage.write_buffer_manager_bytes);
    const parts = plan.components.map(component => ({
      name: component.name, label: component.name, bytes: component.budget_bytes, used: component.usage_bytes,
    }));
    const cache = { name: 'data-blocks', label: 'data blocks, at least', bytes: plan.block_cache_bytes, used: dataBlocks };
    const memtables = { name: 'memtables', label: 'memtables', bytes: plan.memtables_bytes, used: usage.write_buffer_manager_bytes };
    const whole = { name: 'total', label: 'RocksDB in total', bytes: plan.total_bytes, used: usage.block_cache_bytes };
    blocks(total, [whole], plan.total_bytes);
    blocks(halves, [memtables, cache], plan.total_bytes);
    blocks(components, parts, plan.total_bytes);
    const store = plan.components.find(component => component.name === 'partition-store');
    const right = store ? 100 * store.budget_bytes / Math.max(1, plan.total_bytes) : 0;
    zoom.style.clipPath = `polygon(0 0, ${right}% 0, 100% 100%, 0 100%)`;

    const groups = grouped(partitions);
    keyed(columns, groups, column => column.key, () => h('div', { class: 'column' }, h('i', { class: 'use' }), h('i', { class: 'pin' }), h('span')),
      (element, column) => {
        element.style.flexGrow = String(Math.max(column.budget, 1) / Math.max(1, plan.partition_budget_bytes));
        element.className = `column ${column.state}${column.isOver ? ' over' : ''}${column.isFlushing ? ' flushing' : ''}`;
        element.title = `partition ${column.label}: ${size(column.used)} of ${size(column.budget)}, ${column.state}`;
        const [use, pin, label] = /** @type {HTMLElement[]} */ ([...element.children]);
        use.style.height = `${fullness(column.used, column.budget)}%`;
        pin.style.height = `${fullness(column.pinned, column.budget)}%`;
        say(label, groups.length <= 32 ? column.label : '');
      });
    columns.classList.toggle('many', groups.length > 64);
    const busiest = groups.reduce((most, column) => column.used > most.used ? column : most, groups[0]);
    fill(caption, `${plan.open_partitions} partitions with a share of `, h('strong', { dataset: { figure: 'share' } }, size(plan.partition_budget_bytes)),
      ` each, write buffers of ${size(plan.write_buffer_size_bytes)}.`,
      groups.length < partitions.length ? ` A column is ${Math.ceil(partitions.length / GROUPS)} partitions.` : '',
      busiest ? ` Fullest: ${busiest.label} with ${percent(busiest.used, busiest.budget)}.` : '',
      plan.over_subscribed ? ' Over-subscribed: not even the smallest write buffers fit.' : '');
    picture.setAttribute('aria-label', `RocksDB may use ${size(plan.total_bytes)} and uses ${size(usage.block_cache_bytes)}: memtables `
      + `${size(usage.write_buffer_manager_bytes)} of ${size(plan.memtables_bytes)}. The table below has all parts.`);
    keyed(rows, [whole, memtables, ...parts, cache, ...groups.map(column => ({
      name: `partition ${column.label}`, label: `partition ${column.label}`, bytes: column.budget, used: column.used,
    }))], part => part.name, part => h('tr', null, h('th', { scope: 'row' }, part.label),
      h('td', { class: 'number' }), h('td', { class: 'number' }), h('td', { class: 'number' })), (row, part) => {
      say(row.cells[1], size(part.bytes));
      say(row.cells[2], size(part.used));
      say(row.cells[3], percent(part.used, part.bytes));
    });
    const seconds = Math.max(0, Math.round((Date.parse(rocks.next_tick_at) - nodeNow()) / 1000));
    say(status, rocks.applied_generation < rocks.generation
      ? `Generation ${rocks.generation} is being applied; in force is ${rocks.applied_generation}.`
      : `Generation ${rocks.generation} is applied. The controller looks again in ${seconds} s.`);
    status.classList.toggle('busy', rocks.applied_generation < rocks.generation);
  }

  return { root, show };
}

/** @param {HTMLElement} level @param {Block[]} parts @param {number} whole */
function blocks(level, parts, whole) {
  keyed(level, parts, part => part.name,
    part => h('div', { class: `block block-${part.name}` }, h('i'), h('b'), h('span')),
    (element, part) => {
      element.style.width = `${100 * part.bytes / Math.max(1, whole)}%`;
      element.title = `${part.label}: ${size(part.used)} of ${size(part.bytes)} (${percent(part.used, part.bytes)})`;
      const [use, name, figures] = /** @type {HTMLElement[]} */ ([...element.children]);
      use.style.width = `${fullness(part.used, part.bytes)}%`;
      say(name, part.label);
      say(figures, `${size(part.used)} of ${size(part.bytes)}`);
    });
}

/** @param {Partition[]} partitions @returns {Column[]} */
function grouped(partitions) {
  const by = partitions.length > MAX_COLUMNS ? Math.ceil(partitions.length / GROUPS) : 1;
  /** @type {Column[]} */
  const columns = [];
  for (let start = 0; start < partitions.length; start += by) {
    const members = partitions.slice(start, start + by);
    const [first, last] = [members[0].partition_id, members[members.length - 1].partition_id];
    columns.push({
      key: `${first}-${last}`,
      label: first === last ? String(first) : `${first}–${last}`,
      count: members.length,
      budget: sum(members, member => member.budget_bytes),
      used: sum(members, member => member.all_memtables_bytes),
      pinned: sum(members, member => member.pinned_memtable_bytes),
      state: members.every(member => member.state === members[0].state) ? members[0].state : 'mixed',
      isOver: members.some(member => member.over_budget),
      isFlushing: members.some(member => member.flush_pending),
    });
  }
  return columns;
}

/** @template T @param {T[]} items @param {(item: T) => number} figure */
const sum = (items, figure) => items.reduce((total, item) => total + figure(item), 0);

/** @param {number} used @param {number} budget */
const fullness = (used, budget) => budget > 0 ? Math.min(100, 100 * used / budget) : 0;
