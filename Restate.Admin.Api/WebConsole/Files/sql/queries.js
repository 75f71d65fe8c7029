// The queries of the node: those that run, with a way to end them, and those that ran last.

import { ApiError, call, json } from '../lib/api.js';
import { card, h, keyed, say } from '../lib/dom.js';
import { count, duration, size, time } from '../lib/format.js';
import { poll } from '../lib/poll.js';

/** @typedef {{ id: string, state: string, client: string, query: string, started_at: string, elapsed_ms: number, partitions: number,
 *   rows_scanned: number, rows: number, memory_peak_bytes: number, spilled_peak_bytes: number, error: string | null }} Query */

const EVERY_MS = 2000;

/** Of the queries that ended, so many are shown. */
const ENDED = 20;

/**
 * Makes the card.
 * @param {AbortSignal} signal ends it
 * @param {(sql: string) => void} open shows a statement
 */
export function queriesCard(signal, open) {
  const rows = h('tbody');
  const running = h('p', { class: 'hint', role: 'status' });
  const failure = h('p', { class: 'form-message', role: 'alert' });
  const root = card('Queries of this node', { class: 'card queries' }, running, failure,
    h('div', { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': 'Queries' },
      h('table', { class: 'figures' }, h('thead', null, h('tr', null,
        ...['State', 'Started', 'Time', 'Rows read', 'Peak memory', 'Client', 'Statement', ''].map((name, index) => h('th', { scope: 'col', class: index >= 2 && index <= 4 ? 'number' : '' }, name || h('span', { class: 'unseen' }, 'Actions'))))), rows)));

  const ask = poll(EVERY_MS, signal, async cancelled => show((await json('/queries', { signal: cancelled })).queries));

  /** @param {Query} query */
  async function end(query) {
    try {
      await call(`/queries/${encodeURIComponent(query.id)}`, { method: 'DELETE' });
      say(failure, '');
    } catch (error) {
      if (!(error instanceof ApiError))
        throw error;
      say(failure, error.message);
    }
    ask();
  }

  /** @param {Query[]} queries */
  function show(queries) {
    const live = queries.filter(isLive);
    const shown = [...live, ...queries.filter(query => !isLive(query)).slice(0, ENDED)];
    say(running, live.length === 0 ? 'None runs now.' : `${live.length} ${live.length === 1 ? 'runs' : 'run'} or wait${live.length === 1 ? 's' : ''}.`);
    keyed(rows, shown, query => query.id, create, update);
  }

  /** @param {Query} query */
  const create = query => h('tr', null, h('td', null, h('span', { class: 'tag' })), h('td', null, time(query.started_at)),
    h('td', { class: 'number' }), h('td', { class: 'number' }), h('td', { class: 'number' }), h('td', null, query.client),
    h('td', null, h('button', { type: 'button', class: 'cell statement', title: query.query, onclick: () => open(query.query) }, query.query)),
    h('td', null, h('button', { type: 'button', class: 'quiet', onclick: () => void end(query), 'aria-label': `Cancel ${query.id}` }, 'Cancel')));

  /** @param {HTMLTableRowElement} row @param {Query} query */
  function update(row, query) {
    const cells = row.cells;
    const tag = /** @type {HTMLElement} */ (cells[0].firstElementChild);
    tag.className = `tag ${query.state}`;
    tag.title = query.error ?? '';
    say(tag, query.state);
    say(cells[2], duration(query.elapsed_ms));
    say(cells[3], count(query.rows_scanned));
    say(cells[4], size(query.memory_peak_bytes));
    /** @type {HTMLElement} */ (cells[7].firstElementChild).hidden = !isLive(query);
  }

  return { root, ask };
}

/** @param {Query} query */
const isLive = query => query.state === 'running' || query.state === 'queued';
