// One statement: running it, cancelling it, and handing its rows over as they come.

import { ApiError, call, json } from '../lib/api.js';
import { Columns, readLines, rowOf, statsOf } from './lines.js';

/** @typedef {{ id: string | null, columns: Columns, rows: Record<string, unknown>[], stats: Record<string, number | boolean>,
 *   isWhole: boolean, missing: string | null, tookMs: number }} Outcome */

/** Longer than the longest time that a node gives a query by default; the node's own limit is the one that counts. */
const NO_LIMIT = 0;

/** A statement that runs. */
export class Run {
  #abort = new AbortController();
  /** @type {string | null} */
  id = null;

  /**
   * @param {string} sql
   * @param {number} maxRows rows to read; the rest is left to the node
   * @param {boolean} allowPartial leave out partitions that are not available
   * @param {(outcome: Outcome) => void} onRows called whenever there is more to see
   * @returns {Promise<Outcome>}
   */
  async read(sql, maxRows, allowPartial, onRows) {
    const started = performance.now();
    const response = await this.ask(sql, 'application/x-ndjson', allowPartial);
    /** @type {Outcome} */
    const outcome = {
      id: this.id, columns: new Columns(), rows: [], stats: statsOf(response.headers.get('x-restate-query-stats')), isWhole: true,
      missing: response.headers.get('x-restate-missing-partitions'), tookMs: 0,
    };
    onRows(outcome);
    try {
      outcome.isWhole = response.body === null || await readLines(response.body, lines => {
        const wanted = lines.filter(line => line !== '');
        const room = maxRows - outcome.rows.length;
        for (const row of wanted.slice(0, room).map(rowOf)) {
          outcome.columns.add(row);
          outcome.rows.push(row);
        }
        outcome.tookMs = performance.now() - started;
        onRows(outcome);
        return wanted.length <= room;
      });
    } catch (error) {
      throw this.#abort.signal.aborted ? error : await this.cut(error);
    }
    outcome.tookMs = performance.now() - started;
    return outcome;
  }

  /**
   * @param {string} sql
   * @param {string} accept
   * @param {boolean} allowPartial
   */
  async ask(sql, accept, allowPartial) {
    const response = await call('/query', {
      method: 'POST', body: { query: sql }, timeoutMs: NO_LIMIT, signal: this.#abort.signal,
      headers: { Accept: accept, ...(allowPartial ? { 'x-restate-allow-partial': 'true' } : {}) },
    });
    this.id = response.headers.get('x-restate-query-id');
    return response;
  }

  /**
   * Rows were on their way when the answer was cut. Why, the node's list of queries tells.
   * @param {unknown} error
   */
  async cut(error) {
    const record = this.id === null ? null : await recordOf(this.id);
    if (record?.error)
      return new ApiError(0, `${record.error}. The rows below are not all of them.`);
    return error instanceof Error ? new ApiError(0, 'the answer was cut: the rows below are not all of them') : error;
  }

  /** Ends it: nothing more is read here, and the node is told to stop, which it would also notice by itself. */
  async cancel() {
    this.#abort.abort();
    if (this.id !== null)
      await call(`/queries/${encodeURIComponent(this.id)}`, { method: 'DELETE' }).catch(() => null);
  }

  get isCancelled() {
    return this.#abort.signal.aborted;
  }
}

/**
 * What the node noted of a query; null where it is unknown, or may not be read.
 * @param {string} id
 * @returns {Promise<Record<string, any> | null>}
 */
export async function recordOf(id) {
  try {
    const list = await json('/queries');
    return list.queries.find((/** @type {{ id: string }} */ query) => query.id === id) ?? null;
  } catch {
    return null;
  }
}
