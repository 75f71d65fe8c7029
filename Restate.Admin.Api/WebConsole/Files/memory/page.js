// The first page: where the memory goes.

import { json } from '../lib/api.js';
import { h } from '../lib/dom.js';
import { poll } from '../lib/poll.js';
import { changeCard } from './change.js';
import { historyCard } from './history.js';
import { limitCard } from './limit.js';
import { splitCard } from './split.js';
import { ticksCard, warningList } from './ticks.js';

/** Ticks are seconds apart; looking twice as often as anything moves is enough. */
const FIGURES_MS = 2000;
const TICKS_MS = 5000;
const HISTORY_MS = 10_000;

/** Rebalances shown. */
const TICKS = 20;

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function memoryPage(root, signal) {
  const warnings = warningList();
  const limit = limitCard();
  const split = splitCard();
  const history = historyCard(signal);
  const ticks = ticksCard();
  const change = changeCard(signal, () => { askFigures(); askTicks(); });
  root.append(h('h1', { class: 'unseen' }, 'Memory'), warnings.root, limit.root, split.root,
    h('div', { class: 'pair' }, history.root, ticks.root), change.root);

  const askFigures = poll(FIGURES_MS, signal, async cancelled => {
    const [memory, rocks, partitions] = await Promise.all(
      ['/memory', '/memory/rocksdb', '/memory/partitions'].map(path => json(path, { signal: cancelled })));
    warnings.show(memory);
    limit.show(memory);
    split.show(rocks, partitions.partitions);
    change.show(rocks);
  });
  const askTicks = poll(TICKS_MS, signal, async cancelled => ticks.show((await json(`/memory/rebalances?limit=${TICKS}`, { signal: cancelled })).rebalances));
  poll(HISTORY_MS, signal, async cancelled => history.show(await json(`/memory/history?limit=${history.missing()}`, { signal: cancelled })));
}
