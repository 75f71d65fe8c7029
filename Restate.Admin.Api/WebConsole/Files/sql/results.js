// Rows, figures and plans of a statement.

import { append, fill, h, say } from '../lib/dom.js';
import { count, duration, size } from '../lib/format.js';
import { cellText } from './lines.js';

/** @typedef {import('./run.js').Outcome} Outcome */

/** Cells longer than this are cut on screen; the whole value is in the exports, and in the dialog of the cell. */
const MAX_CELL = 2000;

/** Shows what a statement answered. */
export function resultView() {
  const status = h('p', { class: 'query-status', role: 'status', 'aria-live': 'polite' });
  const stats = h('dl', { class: 'query-stats' });
  const failure = h('p', { class: 'query-failure', role: 'alert' });
  const plan = h('pre', { class: 'plan', tabindex: 0, hidden: true });
  const head = h('tr');
  const body = h('tbody');
  const table = h('table', { class: 'results' }, h('caption', { class: 'unseen' }, 'Rows of the answer'), h('thead', null, head), body);
  const box = h('div', { class: 'scroll results-box', tabindex: 0, role: 'region', 'aria-label': 'Rows of the answer', hidden: true }, table);
  const root = h('div', { class: 'query-result' }, failure, status, stats, plan, box);
  let shownColumns = '';
  let shownRows = 0;

  function clear() {
    fill(head);
    fill(body);
    fill(stats);
    say(failure, '');
    say(status, '');
    plan.hidden = true;
    box.hidden = true;
    shownColumns = '';
    shownRows = 0;
  }

  /** @param {Outcome} outcome */
  function rows(outcome) {
    const names = outcome.columns.names;
    if (names.join('\n') !== shownColumns) {
      // A column that came with a later row changes every row.
      fill(head, h('th', { scope: 'col', class: 'place' }, '#'), ...names.map(name => h('th', { scope: 'col' }, name)));
      fill(body);
      shownRows = 0;
      shownColumns = names.join('\n');
    }
    const fresh = document.createDocumentFragment();
    for (; shownRows < outcome.rows.length; shownRows++) {
      const row = outcome.rows[shownRows];
      fresh.append(h('tr', null, h('td', { class: 'place' }, shownRows + 1), ...names.map(name => cell(name, row[name]))));
    }
    body.append(fresh);
    box.hidden = outcome.rows.length === 0;
  }

  /** @param {Outcome} outcome */
  function explained(outcome) {
    const text = outcome.rows.map(row => cellText(row.plan)).join('\n').replace(/\n+$/, '');
    say(plan, text);
    plan.hidden = false;
  }

  /**
   * @param {Outcome} outcome
   * @param {Record<string, any> | null} record what the node noted in the end
   */
  function figures(outcome, record) {
    const header = outcome.stats;
    /** @type {[string, string][]} */
    const list = [
      ['time', duration(record?.elapsed_ms ?? header['elapsed-ms'] ?? outcome.tookMs)],
      ['rows read', count(record?.rows_scanned ?? header['rows-scanned'] ?? 0)],
      ['partitions', count(record?.partitions ?? header.partitions ?? 0)],
      ['peak memory', size(record?.memory_peak_bytes ?? header['memory-peak-bytes'])],
      ['spilled', size(record?.spilled_peak_bytes ?? header['spilled-peak-bytes'])],
    ];
    fill(stats, ...list.flatMap(([name, value]) => [h('dt', null, name), h('dd', null, value)]));
    if (outcome.id !== null)
      append(stats, [h('dt', null, 'query'), h('dd', null, outcome.id)]);
  }

  return { root, clear, rows, explained, figures, status, failure };
}

/** @param {string} name @param {unknown} value */
function cell(name, value) {
  const text = cellText(value);
  if (value === undefined || value === null)
    return h('td', { class: 'null' }, 'null');
  const isNumber = typeof value === 'number' || (typeof value === 'string' && value.length < 22 && /^-?\d{16,}$/.test(value));
  const td = h('td', { class: isNumber ? 'number' : '' });
  if (text.length <= 80 && !text.includes('\n')) {
    td.append(text);
    return td;
  }
  td.append(h('button', { type: 'button', class: 'cell', 'aria-label': `Whole value of ${name}: ${text.slice(0, 80)}`, onclick: () => whole(name, text) },
    text.slice(0, MAX_CELL)));
  return td;
}

/** @param {string} name @param {string} text */
function whole(name, text) {
  let pretty = text;
  try {
    pretty = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Most values are no JSON.
  }
  const close = h('button', { type: 'button', onclick: () => dialog.close(), autofocus: true }, 'Close');
  const dialog = h('dialog', { class: 'ask wide', 'aria-labelledby': 'cell-title' },
    h('h2', { id: 'cell-title' }, name), h('pre', { class: 'plan', tabindex: 0 }, pretty), h('div', { class: 'actions' }, close));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
