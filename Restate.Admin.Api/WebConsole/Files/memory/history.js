// The last hour as lines, one for resident memory and one for each pool.

import { card, h, keyed, say } from '../lib/dom.js';
import { size, time } from '../lib/format.js';
import uPlot from '../vendor/uPlot.esm.js';

/** @typedef {import('./types.js').Sample} Sample */
/** @typedef {{ name: string, color: string, width: number, values: (number | null)[] }} Line */

const HEIGHT = 240;

/** Steps of the axis: powers of two, so that its figures are round in binary units. */
const STEPS = Array.from({ length: 42 }, (_, power) => 2 ** power);

/** The node keeps an hour. */
const ALL = 360;

/** Samples further apart than so many intervals are of different runs: the line has a gap there. */
const GAP = 3;

/** A limit so far above what is used would press all lines to the ground; it is shown on demand. */
const FAR = 4;

/**
 * Makes the card.
 * @param {AbortSignal} signal ends it
 */
export function historyCard(signal) {
  const place = h('div', { class: 'chart' });
  const legend = h('div', { class: 'chart-legend', role: 'group', 'aria-label': 'Lines shown' });
  const text = h('p', { class: 'hint', dataset: { part: 'history' } }, 'A sample every 10 s; the first one is on its way.');
  const root = card('The last hour', { class: 'card' }, text, place, legend);
  /** @type {any} */
  let chart = null;
  /** @type {Line[]} */
  let lines = [];
  /** @type {number[]} */
  let times = [];
  /** @type {Sample[]} */
  let kept = [];
  let askedAt = -Infinity;
  /** @type {Map<string, boolean>} what was switched by hand */
  const chosen = new Map();

  /** @param {number} at */
  function values(at) {
    keyed(legend, lines, line => line.name,
      line => h('button', { type: 'button', class: 'line', onclick: () => toggle(line.name) }, h('i', { class: 'swatch' }), h('span')),
      (button, line) => {
        button.setAttribute('aria-pressed', String(isShown(line.name)));
        /** @type {HTMLElement} */ (button.firstElementChild).style.background = line.color;
        say(/** @type {Element} */ (button.lastElementChild), `${line.name} ${size(line.values[at])}`);
      });
  }

  /** @param {string} name */
  function isShown(name) {
    if (chosen.has(name))
      return chosen.get(name) === true;
    if (name !== 'limit')
      return name !== 'reserve';
    const highest = (/** @type {string} */ wanted) => Math.max(0, ...(lines.find(line => line.name === wanted)?.values ?? []).map(value => value ?? 0));
    return highest('limit') <= FAR * highest('resident');
  }

  /** @param {string} name */
  function toggle(name) {
    chosen.set(name, !isShown(name));
    chart?.setSeries(1 + lines.findIndex(line => line.name === name), { show: isShown(name) });
    values(times.length - 1);
  }

  function draw() {
    chart?.destroy();
    chart = null;
    if (times.length === 0)
      return;
    const style = getComputedStyle(root);
    const [ink, grid] = [style.getPropertyValue('--ink-2'), style.getPropertyValue('--line')].map(resolved);
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: `12px ${style.fontFamily}` };
    chart = new uPlot({
      width: place.clientWidth, height: HEIGHT, legend: { show: false }, cursor: { y: false, points: { size: 6 } },
      scales: { y: { range: (/** @type {any} */ _u, /** @type {number} */ _min, /** @type {number} */ max) => [0, Math.max(max, 1 << 20) * 1.05] } },
      axes: [
        { ...axis, size: 32, space: 80, values: (/** @type {any} */ _u, /** @type {number[]} */ ticks, /** @type {any} */ _axis, /** @type {any} */ _space, /** @type {number} */ step) =>
          ticks.map(tick => time(tick * 1000).slice(0, step < 60 ? 8 : 5)) },
        { ...axis, size: 76, incrs: STEPS, values: (/** @type {any} */ _u, /** @type {number[]} */ ticks) => ticks.map(size) },
      ],
      series: [{}, ...lines.map(line => ({
        label: line.name, stroke: line.color, width: line.width, show: isShown(line.name), points: { show: times.length < 3 },
      }))],
      hooks: { setCursor: [(/** @type {any} */ u) => values(u.cursor.idx ?? times.length - 1)] },
    }, [times, ...lines.map(line => line.values)], place);
  }

  /** How many samples there may be that are not known here; the browser's clock need not be the node's. */
  const missing = () => Math.min(ALL, Math.ceil((performance.now() - askedAt) / 10_000) + 3);

  /** @param {{ samples: Sample[], interval_seconds: number }} news */
  function show({ samples: fresh, interval_seconds }) {
    askedAt = performance.now();
    const from = fresh.length === 0 ? '' : fresh[0].at;
    const samples = kept = [...kept.filter(sample => sample.at < from), ...fresh].slice(-ALL);
    const wasDrawn = lines.map(line => line.name).join();
    ({ times, lines } = read(samples, interval_seconds));
    if (samples.length > 0) {
      const resident = samples.map(sample => sample.rss_bytes);
      say(text, `${samples.length} samples since ${time(samples[0].at)}: resident memory between ${size(Math.min(...resident))} and ${size(Math.max(...resident))}.`);
    }
    if (chart && wasDrawn === lines.map(line => line.name).join() && times.length >= 3 && chart.data[0].length >= 3)
      chart.setData([times, ...lines.map(line => line.values)]);
    else
      draw();
    values(times.length - 1);
  }

  const watch = new ResizeObserver(() => chart?.setSize({ width: place.clientWidth, height: HEIGHT }));
  watch.observe(place);
  const redraw = () => {
    lines.forEach(line => { line.color = colorOf(line.name); });
    draw();
    values(times.length - 1);
  };
  window.addEventListener('themechange', redraw, { signal });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw, { signal });
  signal.addEventListener('abort', () => {
    watch.disconnect();
    chart?.destroy();
  });
  return { root, show, missing };
}

/**
 * @param {Sample[]} samples
 * @param {number} interval
 */
function read(samples, interval) {
  /** @type {number[]} */
  const times = [];
  const names = [...new Set(samples.flatMap(sample => sample.pools.map(pool => pool.name)))];
  /** @type {Line[]} */
  const lines = ['resident', 'untracked', ...names, 'limit'].map(name => ({ name, color: colorOf(name), width: name === 'resident' ? 2.5 : 1.5, values: [] }));
  for (const sample of samples) {
    const at = Date.parse(sample.at) / 1000;
    const before = times[times.length - 1];
    if (before !== undefined && at <= before)
      continue;
    if (before !== undefined && at - before > GAP * interval) {
      times.push(before + interval);
      lines.forEach(line => line.values.push(null));
    }
    times.push(at);
    const figures = new Map(sample.pools.map(pool => [pool.name, pool.usage_bytes]));
    figures.set('resident', sample.rss_bytes).set('untracked', sample.untracked_bytes).set('limit', sample.limit_bytes);
    lines.forEach(line => line.values.push(figures.get(line.name) ?? null));
  }
  return { times, lines };
}

/** @param {string} name */
function colorOf(name) {
  const probe = h('i', { class: `pool-${name}`, hidden: true });
  document.body.append(probe);
  const color = getComputedStyle(probe).getPropertyValue('--pool');
  probe.remove();
  return resolved(color);
}

/**
 * A colour as a canvas takes it: light-dark() is resolved for the theme in force.
 * @param {string} color
 */
function resolved(color) {
  const probe = h('i', { hidden: true });
  probe.style.color = color;
  document.body.append(probe);
  const plain = getComputedStyle(probe).color;
  probe.remove();
  return plain;
}
