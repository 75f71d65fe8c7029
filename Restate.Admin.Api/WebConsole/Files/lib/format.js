// Figures as people read them.

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/**
 * Bytes in binary units, as the node writes them: `35.5 MiB`.
 * @param {number | null | undefined} bytes
 */
export function size(bytes) {
  if (bytes === null || bytes === undefined)
    return '–';
  let unit = 0;
  let value = Math.abs(bytes);
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${bytes < 0 ? '−' : ''}${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/**
 * A size as it goes into a field: in the largest unit that holds it exactly, so that nothing is rounded.
 * @param {number} bytes
 */
export function exactSize(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && value % 1024 === 0 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? String(bytes) : `${value} ${UNITS[unit]}`;
}

/** @param {number} part @param {number} whole */
export function percent(part, whole) {
  if (!(whole > 0))
    return '–';
  const value = 100 * part / whole;
  if (value > 0 && value < 0.1)
    return '< 0.1 %';
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/** @param {number | string} value */
export const count = value => typeof value === 'number' ? value.toLocaleString('en-US') : value;

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1)
    return `${ms.toFixed(2)} ms`;
  if (ms < 1000)
    return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 120)
    return `${seconds.toFixed(1)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** @param {string | number | Date} moment */
export const time = moment => new Date(moment).toLocaleTimeString('en-GB');

/** @param {string | number | Date} moment */
export const dateTime = moment => new Date(moment).toLocaleString('sv-SE');
