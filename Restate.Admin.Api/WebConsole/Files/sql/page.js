// The second page: SQL over the node's tables.

import { ApiError } from '../lib/api.js';
import { append, fill, h, say } from '../lib/dom.js';
import { count, size } from '../lib/format.js';
import { exportAs, FORMAT_NAMES } from './export.js';
import { queriesCard } from './queries.js';
import { resultView } from './results.js';
import { Run, recordOf } from './run.js';
import { schemaBrowser } from './schema.js';
import { forgetAll, remember, statements } from './statements.js';

const FIRST = `select service_name, service_key, count(*) as keys, sum(value_length) as bytes
from state
group by service_name, service_key
order by bytes desc
limit 20`;

const ROW_CHOICES = [100, 1000, 5000];

/** What was in the editor when the page was left. */
let draft = FIRST;

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 * @param {URLSearchParams} parameters `q`: a statement to show
 */
export function sqlPage(root, signal, parameters) {
  draft = parameters.get('q') ?? draft;
  /** @type {Run | null} */
  let current = null;

  const editor = h('textarea', { id: 'sql', rows: 7, spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', 'aria-describedby': 'sql-keys',
    value: draft, oninput: () => { draft = editor.value; }, onkeydown: onKey });
  const run = h('button', { type: 'button', class: 'primary', onclick: () => void start('') }, 'Run');
  const explain = h('button', { type: 'button', onclick: () => void start('explain ') }, 'Explain');
  const analyze = h('button', { type: 'button', onclick: () => void start('explain analyze ') }, 'Explain analyze');
  const cancel = h('button', { type: 'button', hidden: true, onclick: () => void stop() }, 'Cancel');
  const limit = h('select', { id: 'row-limit' }, ...ROW_CHOICES.map(rows => h('option', { value: rows }, `${count(rows)} rows`)));
  limit.value = '1000';
  const partial = h('input', { type: 'checkbox', id: 'partial' });
  const exports = FORMAT_NAMES.map(format => h('button', { type: 'button', onclick: () => void save(format) }, format));
  const past = h('div', { class: 'past', hidden: true });
  const history = h('button', { type: 'button', 'aria-expanded': 'false', onclick: () => { past.hidden = !past.hidden; showPast(); } }, 'History');
  const view = resultView();
  const queries = queriesCard(signal, open);
  const schema = schemaBrowser(signal, insert, open);

  root.append(h('h1', { class: 'unseen' }, 'SQL'), h('div', { class: 'sql-grid' }, h('div', { class: 'sql-main' },
    h('section', { class: 'card', 'aria-label': 'Editor' },
      h('label', { for: 'sql' }, 'Statement'), editor,
      h('p', { class: 'hint', id: 'sql-keys' }, h('kbd', null, 'Ctrl'), ' or ', h('kbd', null, '⌘'), ' + ', h('kbd', null, 'Enter'), ' runs it, with ',
        h('kbd', null, 'Shift'), ' explains it; ', h('kbd', null, 'Esc'), ' cancels.'),
      h('div', { class: 'actions' }, run, explain, analyze, history, cancel, h('span', { class: 'gap' }),
        h('label', { class: 'check' }, 'Show at most', limit), h('label', { class: 'check', title: 'x-restate-allow-partial' }, partial, 'Leave out closed partitions')),
      past),
    h('section', { class: 'card', 'aria-label': 'Answer' }, view.root,
      h('div', { class: 'actions exports' }, h('span', { class: 'hint' }, 'Run and save all rows as'), ...exports)),
    queries.root), schema));
  signal.addEventListener('abort', () => void current?.cancel());
  say(view.status, 'Nothing was run yet.');

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void start(event.shiftKey ? 'explain ' : '');
    } else if (event.key === 'Escape' && current !== null) {
      event.preventDefault();
      void stop();
    }
  }

  /** @param {string} text */
  function insert(text) {
    editor.setRangeText(text, editor.selectionStart, editor.selectionEnd, 'end');
    draft = editor.value;
    editor.focus();
  }

  /** @param {string} sql */
  function open(sql) {
    editor.value = draft = sql;
    editor.focus();
    editor.scrollIntoView({ block: 'nearest' });
  }

  function showPast() {
    history.setAttribute('aria-expanded', String(!past.hidden));
    const kept = statements();
    fill(past, h('p', { class: 'hint' }, kept.length === 0 ? 'No statement was run in this browser yet.' : 'Kept in this browser, without any rows.'),
      ...kept.map(sql => h('button', { type: 'button', class: 'cell statement', onclick: () => { open(sql); past.hidden = true; showPast(); } }, sql)));
    if (kept.length > 0)
      append(past, [h('button', { type: 'button', class: 'quiet', onclick: () => { forgetAll(); showPast(); } }, 'Forget all')]);
  }

  /** @param {boolean} isRunning */
  function setRunning(isRunning) {
    cancel.hidden = !isRunning;
    for (const button of [run, explain, analyze, ...exports])
      button.disabled = isRunning;
    view.root.setAttribute('aria-busy', String(isRunning));
  }

  /** @param {string} prefix */
  async function start(prefix) {
    const sql = editor.value.trim();
    if (current !== null || sql === '')
      return;
    const isPlan = prefix !== '' || /^explain\b/i.test(sql);
    const wanted = /^explain\b/i.test(sql) ? sql : prefix + sql;
    const maxRows = Number(limit.value);
    await doing(async running => {
      view.clear();
      say(view.status, 'Running …');
      const outcome = await running.read(wanted, maxRows, partial.checked, part => isPlan || view.rows(part));
      if (isPlan)
        view.explained(outcome);
      const shown = `${count(outcome.rows.length)} ${outcome.rows.length === 1 ? 'row' : 'rows'}`;
      say(view.status, (isPlan ? 'Plan.' : outcome.isWhole ? `${shown}.` : `The first ${shown}; the rest was not read. Save the answer to get all of them.`)
        + (outcome.missing === null ? '' : ` Not in it: partitions ${outcome.missing}.`));
      view.figures(outcome, outcome.id === null ? null : await recordOf(outcome.id));
      remember(sql);
    });
  }

  /** @param {string} format */
  async function save(format) {
    const sql = editor.value.trim();
    if (current !== null || sql === '')
      return;
    await doing(async running => {
      say(view.failure, '');
      say(view.status, `Saving as ${format} …`);
      const bytes = await exportAs(running, sql, format, partial.checked);
      say(view.status, `Saved ${size(bytes)} as ${format}.`);
      remember(sql);
    });
  }

  /** @param {(running: Run) => Promise<void>} work */
  async function doing(work) {
    const running = current = new Run();
    setRunning(true);
    queries.ask();
    try {
      await work(running);
    } catch (error) {
      if (running.isCancelled) {
        say(view.status, 'Cancelled.');
      } else if (error instanceof ApiError) {
        say(view.status, '');
        say(view.failure, error.message);
      } else {
        throw error;
      }
    } finally {
      current = null;
      setRunning(false);
      if (!signal.aborted)
        queries.ask();
    }
  }

  async function stop() {
    const running = current;
    if (running === null)
      return;
    say(view.status, 'Cancelling …');
    await running.cancel();
    editor.focus();
  }
}
