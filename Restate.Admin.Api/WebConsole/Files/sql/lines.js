// Answers of POST /query, read line by line while they come.

import { parseJson } from '../lib/json.js';

/**
 * Reads newline-delimited JSON.
 * @param {ReadableStream<Uint8Array>} body
 * @param {(lines: string[]) => boolean} take gets whole lines; false ends the reading
 * @returns {Promise<boolean>} true when the answer was read to its end
 */
export async function readLines(body, take) {
  const reader = body.pipeThrough(/** @type {ReadableWritablePair<string, any>} */ (new TextDecoderStream())).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done)
      return rest === '' || take([rest]);
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0 && !take(lines)) {
      await reader.cancel();
      return false;
    }
  }
}

/**
 * The columns of rows whose nulls are left out: one that is missing in the first row is put where a later row has it.
 */
export class Columns {
  /** @type {string[]} */
  names = [];
  /** @type {Set<string>} */
  #known = new Set();

  /** @param {Record<string, unknown>} row */
  add(row) {
    let place = 0;
    for (const name of Object.keys(row)) {
      if (this.#known.has(name)) {
        place = this.names.indexOf(name) + 1;
      } else {
        this.names.splice(place++, 0, name);
        this.#known.add(name);
      }
    }
  }
}

/** @param {string} line @returns {Record<string, unknown>} */
export const rowOf = line => parseJson(line);

/**
 * The dictionary of `x-restate-query-stats` (RFC 8941): numbers and booleans.
 * @param {string | null} header
 * @returns {Record<string, number | boolean>}
 */
export function statsOf(header) {
  /** @type {Record<string, number | boolean>} */
  const stats = {};
  for (const item of (header ?? '').split(',')) {
    const [name, value] = item.trim().split('=');
    if (name && value !== undefined)
      stats[name] = value.startsWith('?') ? value === '?1' : Number(value);
  }
  return stats;
}

/**
 * A value as a cell shows it.
 * @param {unknown} value
 */
export function cellText(value) {
  if (value === undefined || value === null)
    return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * A field of CSV (RFC 4180). What a spreadsheet takes for a formula is told to be
 * text, also behind what separates fields in some countries: state is written by strangers.
 * @param {unknown} value
 */
export function csvField(value) {
  let text = cellText(value);
  if (typeof value === 'string' && /(^|[;\t])[\s"]*[=+\-@＝＋－＠]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text))
    text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
