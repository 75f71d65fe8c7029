// Changing the budgets: values, then what they would lead to, then the change itself.

import { ApiError, json, jsonWithTag } from '../lib/api.js';
import { append, card, fill, h, say } from '../lib/dom.js';
import { duration } from '../lib/format.js';
import { poll } from '../lib/poll.js';
import { FIELDS, POOLS, textOf, valueOf } from './fields.js';
import { comparison } from './preview.js';

/** @typedef {import('./types.js').Memory} Memory */
/** @typedef {import('./types.js').RocksDb} RocksDb */
/** @typedef {import('./fields.js').Field} Field */
/** @typedef {Map<string, Record<string, unknown>>} Changes what is changed, by pool */

/** How long an applied change is waited for; what takes longer goes on behind. */
const WAIT_S = 30;

/** Settings change seldom; a new generation is noticed by the figures of the page. */
const SETTINGS_MS = 10_000;

/**
 * Makes the card.
 * @param {AbortSignal} signal ends it
 * @param {() => void} onApplied called when something was changed
 */
export function changeCard(signal, onApplied) {
  /** @type {Map<string, HTMLInputElement>} */
  const inputs = new Map();
  /** @type {Map<string, HTMLElement>} */
  const errors = new Map();
  /** @type {Map<string, HTMLElement>} */
  const sources = new Map();
  /** @type {Map<string, string>} what the inputs were given, which tells what somebody has typed */
  const given = new Map();
  /** @type {Set<string>} keys whose change over REST shall be taken back */
  const resets = new Set();
  /** @type {Record<string, any>} */
  const views = {};
  /** @type {Record<string, string>} */
  const tags = {};
  /** @type {Record<string, string>} */
  const origins = {};
  /** @type {RocksDb | null} */
  let latest = null;
  let isReadOnly = false;
  let isBusy = false;
  /** @type {string | null} the change that was previewed, as text */
  let previewed = null;

  const preview = h('button', { type: 'submit', class: 'primary', disabled: true }, 'Preview');
  const apply = h('button', { type: 'button', disabled: true, onclick: () => void run(false) }, 'Apply');
  const discard = h('button', { type: 'button', hidden: true, onclick: () => { discardAll(); } }, 'Discard');
  const persist = h('input', { type: 'checkbox', id: 'persist', onchange: () => touched() });
  const message = h('p', { class: 'form-message', role: 'alert' });
  const result = h('div', { class: 'result', 'aria-live': 'polite', tabindex: -1 });
  const note = h('p', { class: 'hint' }, 'Values hold until the node restarts, unless kept. Nothing is changed before “Apply”.');
  const form = h('form', { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void run(true); }, oninput: () => touched(), autocomplete: 'off' },
    h('div', { class: 'fieldsets' }, ...POOLS.map(fieldset)),
    h('div', { class: 'actions' }, h('label', { class: 'check' }, persist, 'Keep over a restart'), preview, apply, discard),
    message);
  const root = card('Change the budget', { class: 'card change-card' }, note, form, result);

  /** @param {{ name: string, title: string }} pool */
  function fieldset(pool) {
    const fields = FIELDS.filter(field => field.pool === pool.name);
    const rare = fields.filter(field => field.isRare);
    return h('fieldset', null, h('legend', null, pool.title), h('div', { class: 'fields' }, ...fields.filter(field => !field.isRare).map(row)),
      rare.length > 0 && h('details', null, h('summary', null, 'More settings'), h('div', { class: 'fields' }, ...rare.map(row))));
  }

  /** @param {Field} field */
  function row(field) {
    const id = `f-${field.key.replace(/\./g, '-')}`;
    const input = h('input', { id, type: 'text', name: field.key, spellcheck: 'false', 'aria-describedby': `${id}-hint ${id}-error`,
      inputmode: field.kind === 'ratio' ? 'decimal' : 'text', oninput: () => resets.delete(field.key) });
    const error = h('p', { class: 'field-error', id: `${id}-error` });
    const source = h('span', { class: 'source' });
    inputs.set(field.key, input);
    errors.set(field.key, error);
    sources.set(field.key, source);
    return h('div', { class: 'field' }, h('label', { for: id }, field.label), input, source,
      h('p', { class: 'hint', id: `${id}-hint` }, h('code', null, field.key), ` · ${field.hint}`), error);
  }

  /** @returns {Changes} */
  function changes() {
    const found = new Map();
    for (const field of FIELDS) {
      const view = views[field.pool];
      const text = inputs.get(field.key)?.value ?? '';
      const isReset = resets.has(field.key);
      if (!view || (!isReset && text.trim() === (given.get(field.key) ?? '')))
        continue;
      found.set(field.pool, { ...found.get(field.pool), [field.key]: isReset ? null : valueOf(field, text) });
    }
    return found;
  }

  /** @param {Changes} wanted */
  const asText = wanted => JSON.stringify([[...wanted], persist.checked, tags]);

  function touched() {
    const wanted = changes();
    for (const field of FIELDS)
      inputs.get(field.key)?.closest('.field')?.classList.toggle('changed', wanted.get(field.pool)?.[field.key] !== undefined);
    preview.disabled = isBusy || isReadOnly || wanted.size === 0;
    apply.disabled = isBusy || isReadOnly || wanted.size === 0 || previewed !== asText(wanted);
    apply.classList.toggle('primary', !apply.disabled);
    preview.classList.toggle('primary', apply.disabled);
    discard.hidden = wanted.size === 0;
    if (previewed !== null && previewed !== asText(wanted)) {
      previewed = null;
      fill(result);
    }
  }

  function discardAll() {
    resets.clear();
    refresh(true);
    complain(null);
    fill(result);
    previewed = null;
    touched();
  }

  /**
   * Shows the settings in force, but leaves alone what somebody is typing.
   * @param {boolean} [all]
   */
  function refresh(all = false) {
    const wanted = changes();
    for (const field of FIELDS) {
      const [input, source, view] = [inputs.get(field.key), sources.get(field.key), views[field.pool]];
      if (!input || !source || !view)
        continue;
      const text = textOf(field, view.desired[field.key]);
      if (all || wanted.get(field.pool)?.[field.key] === undefined)
        input.value = text;
      given.set(field.key, text);
      showSource(field, source, origins[field.key] ?? '');
    }
  }

  /** @param {Field} field @param {HTMLElement} place @param {string} origin */
  function showSource(field, place, origin) {
    const wanted = `${origin}${resets.has(field.key)}${isReadOnly}`;
    if (place.dataset.shown === wanted)
      return;
    place.dataset.shown = wanted;
    fill(place, origin !== '' && h('span', { class: `tag source-${origin}` }, origin),
      origin === 'runtime' && !isReadOnly && h('button', { type: 'button', class: 'quiet', 'aria-label': `Reset ${field.label} to configured`,
        onclick: () => { reset(field); } }, resets.has(field.key) ? 'will be reset' : 'Reset to configured'));
  }

  /** @param {Field} field */
  function reset(field) {
    resets.add(field.key);
    refresh();
    touched();
    preview.focus();
  }

  /** @param {ApiError | null} error */
  function complain(error) {
    for (const [key, place] of errors) {
      const isHere = error !== null && error.message.includes(`key "${key}"`);
      say(place, isHere ? error.message : '');
      const input = inputs.get(key);
      if (isHere) {
        input?.closest('details')?.setAttribute('open', '');
        input?.setAttribute('aria-invalid', 'true');
        input?.focus();
      } else {
        input?.removeAttribute('aria-invalid');
      }
    }
    say(message, error === null || [...errors.values()].some(place => place.textContent !== '') ? '' : error.message);
  }

  async function load() {
    const answers = await Promise.all(POOLS.map(pool => jsonWithTag(`/memory/${pool.name}`, { signal })));
    const config = await json('/config', { signal });
    POOLS.forEach((pool, index) => {
      views[pool.name] = answers[index].body;
      tags[pool.name] = answers[index].tag ?? '';
    });
    for (const option of config.options)
      origins[option.key] = option.source;
    isReadOnly = config.options.find((/** @type {{ key: string }} */ option) => option.key === 'admin.read-only')?.value === true;
    say(note, isReadOnly
      ? 'This node is read-only (admin.read-only = true): its settings can be seen here, and changed in its configuration only.'
      : 'Values hold until the node restarts, unless kept. Nothing is changed before “Apply”.');
    persist.disabled = isReadOnly;
    for (const input of inputs.values())
      input.readOnly = isReadOnly;
    refresh();
    touched();
  }

  const reload = poll(SETTINGS_MS, signal, load);

  /** @param {boolean} isDry */
  async function run(isDry) {
    const wanted = changes();
    if (isBusy || wanted.size === 0)
      return;
    isBusy = true;
    touched();
    complain(null);
    fill(result, h('p', { class: 'hint' }, isDry ? 'Asking what this would lead to …' : 'Applying …'));
    /** @type {{ before: Record<string, any>, after: Record<string, any> }} */
    const outcome = { before: {}, after: {} };
    try {
      /** @type {Memory} */
      const basis = await json('/memory');
      const started = performance.now();
      for (const [pool, body] of wanted) {
        outcome.before[pool] = views[pool];
        const answer = await jsonWithTag(`/memory/${pool}?${isDry ? 'dry_run=true' : `wait=${WAIT_S}s&persist=${persist.checked}`}`, {
          method: 'PATCH', body, headers: { 'If-Match': tags[pool] }, timeoutMs: (isDry ? 10 : WAIT_S + 10) * 1000,
        });
        outcome.after[pool] = answer.body;

        // All pools share one generation: the next one is meant for the settings that this change led to.
        if (!isDry && answer.tag !== null)
          POOLS.forEach(other => { tags[other.name] = /** @type {string} */ (answer.tag); });
      }
      previewed = isDry ? asText(wanted) : null;
      fill(result, h('h3', null, isDry ? 'Preview: this would happen' : headline(outcome.after, performance.now() - started)),
        comparison(basis, outcome));
      if (!isDry)
        settled(outcome.after);
      result.focus({ preventScroll: true });
      result.scrollIntoView({ block: 'nearest' });
    } catch (error) {
      if (!(error instanceof ApiError))
        throw error;
      fill(result);
      complain(error.status === 412
        ? new ApiError(412, 'Somebody else has changed these settings meanwhile. The fields that you have not changed show the present ones; preview again.')
        : error);
      if (!isDry && Object.keys(outcome.after).length > 0) {
        settled(outcome.after);
        append(message, [` Applied before that: ${Object.keys(outcome.after).join(', ')}.`]);
      }
      if (error.status === 412)
        reload();
    } finally {
      isBusy = false;
      touched();
    }
  }

  /** @param {Record<string, any>} after answers of the pools that were changed */
  function settled(after) {
    for (const [pool, view] of Object.entries(after)) {
      views[pool] = view;
      for (const field of FIELDS.filter(candidate => candidate.pool === pool)) {
        resets.delete(field.key);
        const input = inputs.get(field.key);
        const text = textOf(field, view.desired[field.key]);
        given.set(field.key, text);
        if (input)
          input.value = text;
      }
    }
    reload();
    onApplied();
  }

  return {
    root,
    /** @param {RocksDb} rocks */
    show(rocks) {
      if (latest !== null && latest.generation !== rocks.generation && !isBusy)
        reload();
      latest = rocks;
    },
  };
}

/**
 * @param {Record<string, any>} after
 * @param {number} tookMs
 */
function headline(after, tookMs) {
  const views = Object.values(after);
  const generation = views[views.length - 1].generation;
  const behind = views.filter(view => view.applied_generation < view.generation && view.generation === generation);
  return behind.length === 0
    ? `Applied in ${duration(tookMs)}: generation ${generation}`
    : `Accepted as generation ${generation}, and being carried out: the picture above shows when it is.`;
}
