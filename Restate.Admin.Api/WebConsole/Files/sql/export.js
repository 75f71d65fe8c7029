// The whole answer as a file. It is asked for again: what is on screen may be the first rows only.

import { ApiError } from '../lib/api.js';
import { Columns, csvField, readLines, rowOf } from './lines.js';
import { Run } from './run.js';

/** A file is put together in the browser; more than this is better fetched with curl. */
const MAX_BYTES = 256 * 1024 * 1024;

/** @type {Record<string, { accept: string, ending: string, type: string }>} */
const FORMATS = {
  CSV: { accept: 'application/x-ndjson', ending: 'csv', type: 'text/csv' },
  JSON: { accept: 'application/json', ending: 'json', type: 'application/json' },
  Arrow: { accept: 'application/vnd.apache.arrow.stream', ending: 'arrows', type: 'application/vnd.apache.arrow.stream' },
};

export const FORMAT_NAMES = Object.keys(FORMATS);

/**
 * Runs a statement and saves its answer.
 * @param {Run} run
 * @param {string} sql
 * @param {string} name one of the formats
 * @param {boolean} allowPartial
 */
export async function exportAs(run, sql, name, allowPartial) {
  const format = FORMATS[name];
  const response = await run.ask(sql, format.accept, allowPartial);
  if (response.body === null)
    throw new ApiError(0, 'the answer has no body');
  let blob;
  try {
    blob = name === 'CSV' ? await csv(response.body) : await raw(response.body, format.type);
  } catch (error) {
    throw run.isCancelled || error instanceof ApiError ? error : await run.cut(error);
  }
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = `query-${new Date().toISOString().replace(/[:.]/g, '-').slice(0, 19)}.${format.ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return blob.size;
}

/** @param {ReadableStream<Uint8Array>} body @param {string} type */
async function raw(body, type) {
  const reader = body.getReader();
  /** @type {BlobPart[]} */
  const parts = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done)
      return new Blob(parts, { type });
    bytes += value.length;
    if (bytes > MAX_BYTES) {
      await reader.cancel();
      throw tooLarge();
    }
    parts.push(/** @type {BlobPart} */ (value));
  }
}

/** The head needs all columns, and the last row may be the first that has one: rows are kept until then. @param {ReadableStream<Uint8Array>} body */
async function csv(body) {
  const columns = new Columns();
  /** @type {string[]} */
  const kept = [];
  let bytes = 0;
  const isWhole = await readLines(body, lines => {
    for (const line of lines) {
      if (line === '')
        continue;
      bytes += line.length;
      columns.add(rowOf(line));
      kept.push(line);
    }
    return bytes <= MAX_BYTES;
  });
  if (!isWhole)
    throw tooLarge();
  const parts = [`${columns.names.map(csvField).join(',')}\r\n`];
  for (const line of kept) {
    const row = rowOf(line);
    parts.push(`${columns.names.map(name => csvField(row[name])).join(',')}\r\n`);
  }
  return new Blob(parts, { type: 'text/csv;charset=utf-8' });
}

const tooLarge = () => new ApiError(0, `the answer is larger than ${MAX_BYTES >> 20} MiB: fetch it with curl, or select less`);
