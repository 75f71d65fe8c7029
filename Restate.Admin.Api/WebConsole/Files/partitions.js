// The partitions of the node: where they stand, what they hold, and closing, opening and flushing them.

import { ApiError, call, json } from './lib/api.js';
import { card, confirmed, fill, h, keyed, say } from './lib/dom.js';
import { count, percent, size, time } from './lib/format.js';
import { poll } from './lib/poll.js';

/** @typedef {{ partition_id: number, state: string, key_range: { start: number | string, end: number | string }, applied_lsn: number,
 *   durable_lsn: number, tail_lsn: number, trim_point: number, scans: number, failure: string | null, restarts: number,
 *   restart_at: string | null }} Partition */
/** @typedef {Partition & { memory: import('./memory/types.js').Partition | undefined }} Row */

const EVERY_MS = 2000;

const HEADS = ['Partition', 'State', 'Applied', 'Only in memory', 'Behind the log', 'Memtables', 'Of its share', 'Scans', 'Actions'];

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function partitionsPage(root, signal) {
  const summary = h('p', { class: 'lead', role: 'status' });
  const failure = h('p', { class: 'form-message', role: 'alert' });
  const rows = h('tbody');
  const only = h('select', { id: 'only', onchange: () => draw() },
    ...['all', 'not open', 'open', 'closed', 'failed', 'opening', 'draining'].map(state => h('option', { value: state }, state)));
  /** @type {Row[]} */
  let partitions = [];
  root.append(h('h1', { class: 'unseen' }, 'Partitions'), card('Partitions', { class: 'card' }, summary,
    h('div', { class: 'filters' }, h('label', { for: 'only' }, 'Show'), only), failure,
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of partitions' },
      h('table', { class: 'figures partitions' }, h('thead', null, h('tr', null, ...HEADS.map((name, index) =>
        h('th', { scope: 'col', class: index >= 2 && index <= 5 ? 'number' : '' }, name)))), rows))));

  const ask = poll(EVERY_MS, signal, async cancelled => {
    const [list, memory] = await Promise.all(['/partitions', '/memory/partitions'].map(path => json(path, { signal: cancelled })));
    /** @type {Map<number, import('./memory/types.js').Partition>} */
    const byId = new Map(memory.partitions.map((/** @type {import('./memory/types.js').Partition} */ part) => [part.partition_id, part]));
    partitions = list.partitions.map((/** @type {Partition} */ partition) => ({ ...partition, memory: byId.get(partition.partition_id) }));
    draw();
  });

  function draw() {
    const open = partitions.filter(partition => partition.state === 'open').length;
    say(summary, partitions.length === open ? `All ${count(open)} partitions are open.` : `${count(open)} of ${count(partitions.length)} partitions are open.`);
    const wanted = partitions.filter(partition => only.value === 'all' || (only.value === 'not open' ? partition.state !== 'open' : partition.state === only.value));
    keyed(rows, wanted, partition => String(partition.partition_id), create, update);
  }

  /** @param {Row} partition */
  function create(partition) {
    const id = partition.partition_id;
    return h('tr', null, h('th', { scope: 'row', title: `partition keys ${partition.key_range.start} to ${partition.key_range.end}` }, id),
      h('td', null, h('span', { class: 'tag' }), h('span', { class: 'detail bad' })),
      ...Array.from({ length: 4 }, () => h('td', { class: 'number' })),
      h('td', null, h('div', { class: 'meter' }, h('i')), h('span')), h('td', { class: 'number' }),
      h('td', null, h('div', { class: 'actions' }, ...['flush', 'close', 'open'].map(verb =>
        h('button', { type: 'button', class: 'quiet', dataset: { verb }, 'aria-label': `${verb} partition ${id}`, onclick: () => void act(id, verb) }, verb)))));
  }

  /** @param {HTMLTableRowElement} row @param {Row} partition */
  function update(row, partition) {
    const cells = row.cells;
    const [tag, detail] = /** @type {HTMLElement[]} */ ([...cells[1].children]);
    tag.className = `tag ${partition.state}`;
    say(tag, partition.state);
    say(detail, [partition.failure, partition.restarts > 0 ? `${partition.restarts} restarts` : null,
      partition.restart_at === null ? null : `again at ${time(partition.restart_at)}`].filter(text => text !== null).join('; '));
    const isKnown = partition.state === 'open' || partition.state === 'draining';
    say(cells[2], isKnown ? count(partition.applied_lsn) : '–');
    say(cells[3], isKnown ? count(partition.applied_lsn - partition.durable_lsn) : '–');
    say(cells[4], count(Math.max(0, partition.tail_lsn - partition.applied_lsn)));
    say(cells[5], size(partition.memory?.all_memtables_bytes));
    const [used, budget] = [partition.memory?.all_memtables_bytes ?? 0, partition.memory?.budget_bytes ?? 0];
    /** @type {HTMLElement} */ (cells[6].querySelector('i')).style.width = `${budget > 0 ? Math.min(100, 100 * used / budget) : 0}%`;
    say(/** @type {Element} */ (cells[6].lastElementChild), percent(used, budget));
    say(cells[7], count(partition.scans));
    for (const button of cells[8].querySelectorAll('button'))
      button.hidden = button.dataset.verb === 'open' ? partition.state === 'open' || partition.state === 'opening' : partition.state !== 'open' && !(button.dataset.verb === 'close' && partition.state === 'failed');
  }

  /** @param {number} id @param {string} verb */
  async function act(id, verb) {
    if (verb === 'close' && !await confirmed(`Close partition ${id}?`,
      'Its memtables are written to disk and its memory goes to the others after 30 s. Until it is opened again, writes to it and queries that read it are answered with 503.',
      'Close partition'))
      return;
    try {
      await call(`/partitions/${id}/${verb}`, { method: 'POST', timeoutMs: 30_000 });
      fill(failure);
    } catch (error) {
      if (!(error instanceof ApiError))
        throw error;
      say(failure, error.message);
    }
    ask();
  }
}
