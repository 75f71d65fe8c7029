// Tables and columns, to look at and to put into the statement.

import { call } from '../lib/api.js';
import { fill, h, say } from '../lib/dom.js';
import { readLines, rowOf } from './lines.js';

const QUERY = 'select table_name, column_name, data_type from information_schema.columns order by table_name, ordinal_position';

/** Names that SQL takes as they are. */
const PLAIN = /^[a-z_][a-z0-9_]*$/;

/** Columns that are words of SQL. */
const RESERVED = new Set(['at', 'key', 'limit', 'table', 'select', 'from', 'where', 'order', 'group', 'end', 'default', 'user', 'column']);

/**
 * Makes the browser.
 * @param {AbortSignal} signal
 * @param {(text: string) => void} insert puts a text into the statement
 * @param {(sql: string) => void} open shows a statement
 */
export function schemaBrowser(signal, insert, open) {
  const list = h('div', { class: 'tables' });
  const state = h('p', { class: 'hint' }, 'Reading …');
  const filter = h('input', { type: 'search', id: 'schema-filter', placeholder: 'Filter', 'aria-label': 'Filter tables and columns', oninput: () => show() });
  const root = h('nav', { class: 'schema card', 'aria-label': 'Tables' }, h('h2', null, 'Tables'), filter, state, list);
  /** @type {Map<string, { name: string, type: string }[]>} */
  const tables = new Map();

  function show() {
    const wanted = filter.value.trim().toLowerCase();
    const found = [...tables].map(([table, columns]) => ({
      table, columns: table.includes(wanted) ? columns : columns.filter(column => column.name.includes(wanted)),
    })).filter(({ table, columns }) => table.includes(wanted) || columns.length > 0);
    say(state, `${found.length} of ${tables.size} tables`);
    fill(list, ...found.map(({ table, columns }) => h('details', { open: wanted !== '' && found.length <= 4 },
      h('summary', null, table),
      h('div', { class: 'columns-of' },
        h('button', { type: 'button', class: 'quiet', onclick: () => open(`select * from ${table} limit 100`) }, 'Show rows'),
        ...columns.map(column => h('button', { type: 'button', class: 'column-name', title: `${column.name}: ${column.type}`, onclick: () => insert(quoted(column.name)) },
          h('span', null, column.name), h('span', { class: 'hint' }, column.type)))))));
  }

  async function load() {
    try {
      const response = await call('/query', { method: 'POST', body: { query: QUERY }, headers: { Accept: 'application/x-ndjson' }, signal, timeoutMs: 15_000 });
      tables.clear();
      await readLines(/** @type {ReadableStream<Uint8Array>} */ (response.body), lines => {
        for (const line of lines.filter(text => text !== '')) {
          const row = rowOf(line);
          const table = String(row.table_name);
          tables.set(table, [...tables.get(table) ?? [], { name: String(row.column_name), type: String(row.data_type) }]);
        }
        return true;
      });
      show();
    } catch (error) {
      if (!signal.aborted)
        fill(state, error instanceof Error ? error.message : '', ' ', h('button', { type: 'button', class: 'quiet', onclick: () => void load() }, 'Try again'));
    }
  }

  void load();
  return root;
}

/** @param {string} name */
const quoted = name => PLAIN.test(name) && !RESERVED.has(name) ? name : `"${name.replace(/"/g, '""')}"`;
