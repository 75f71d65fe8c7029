// What the controller did last, and what the node says should be changed.

import { card, fill, h, keyed, say } from '../lib/dom.js';
import { duration, size, time } from '../lib/format.js';

/** @typedef {import('./types.js').Rebalance} Rebalance */
/** @typedef {import('./types.js').Memory} Memory */

/** What a step of the guard means; docs/memory.md has the whole ladder. */
const GUARD = 'The guard acts against a lack of memory. It takes its steps back by itself once there is room; '
  + 'see “The guard” in docs/memory.md.';

/** Makes the list of warnings. */
export function warningList() {
  const root = h('div', { class: 'warnings', 'aria-live': 'polite', role: 'region', 'aria-label': 'Warnings' });

  /** @param {Memory} memory */
  function show(memory) {
    const step = memory.guard.step;
    const shown = [
      ...(step === 'none' ? [] : [{ code: `guard: ${step}`, message: `The memory guard is at the step “${step}”.`, what_to_do: GUARD }]),
      ...memory.warnings,
    ];
    keyed(root, shown, warning => warning.code,
      () => h('div', { class: 'warning' }, h('code'), h('p', { class: 'message' }), h('p', { class: 'todo' }), h('p', { class: 'hint' })),
      (element, warning) => {
        const [code, message, todo, more] = element.children;
        say(code, warning.code);
        say(message, warning.message);
        say(todo, `What to do: ${warning.what_to_do}`);
        say(more, warning.code.startsWith('guard') ? '' : `docs/memory.md has more on ${warning.code}.`);
      });
  }

  return { root, show };
}

/** Makes the card of rebalances. */
export function ticksCard() {
  const rows = h('tbody');
  const none = h('p', { class: 'hint' }, 'None yet.');
  const root = card('Rebalances', { class: 'card' },
    none,
    h('div', { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': 'Table of rebalances' },
      h('table', { class: 'figures nowrap' },
        h('thead', null, h('tr', null,
          ...['When', 'Why', 'Total', 'Share of a partition', 'Flushes', 'Took'].map(name => h('th', { scope: 'col' }, name)))),
        rows)));

  /** @param {Rebalance[]} rebalances */
  function show(rebalances) {
    none.hidden = rebalances.length > 0;
    keyed(rows, rebalances, tick => tick.at, () => h('tr', null, ...Array.from({ length: 6 }, () => h('td'))), (row, tick) => {
      if (row.cells[0].textContent !== '')
        return;
      const freed = tick.flushes.reduce((sum, flush) => sum + flush.expected_bytes, 0);
      const texts = [
        time(tick.at), tick.reason,
        change(tick.before.total_bytes, tick.after.total_bytes),
        change(tick.before.partition_budget_bytes, tick.after.partition_budget_bytes),
        tick.flushes.length === 0 ? 'none' : `${tick.flushes.length}, ${size(freed)} (${[...new Set(tick.flushes.map(flush => flush.reason))].join(', ')})`,
        duration(tick.duration_ms),
      ];
      texts.forEach((text, index) => say(row.cells[index], text));
      if (tick.failures.length > 0)
        fill(row.cells[4], texts[4], h('span', { class: 'bad' }, ` ${tick.failures.join('; ')}`));
    });
  }

  return { root, show };
}

/** @param {number} before @param {number} after */
const change = (before, after) => before === after ? size(after) : `${size(before)} → ${size(after)}`;
