// Calls of the admin API: time limits, tokens, errors in the server's words.

import { parseJson } from './json.js';

/** Where the API is: the folder above this console's, whatever stands before it. */
const BASE = new URL('../../', import.meta.url);

const TOKEN_KEY = 'restate-admin-token';

/** Patience with a call that reads; one that hangs longer counts as unanswered. */
const TIMEOUT_MS = 5000;

/** Clocks closer than this are called equal: what the node says of its own has no fractions of a second. */
const SKEW_MS = 2000;

let skewMs = 0;

/** The time of the node's clock, which need not be the browser's. */
export const nodeNow = () => Date.now() + (Math.abs(skewMs) > SKEW_MS ? skewMs : 0);

/** An answer that is none of success, or none at all (status 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** True when the node did not answer, or something between here and there did in its place. */
  get isUnreachable() {
    return this.status === 0 || this.status === 502 || this.status === 504;
  }
}

/** @type {string | null} kept for this tab only */
let token = sessionStorage.getItem(TOKEN_KEY);

/** @param {string | null} value */
export function setToken(value) {
  token = value;
  if (value === null)
    sessionStorage.removeItem(TOKEN_KEY);
  else
    sessionStorage.setItem(TOKEN_KEY, value);
}

export const hasToken = () => token !== null;

/** @type {((error: ApiError) => void)[]} */
const refusals = [];

/**
 * Tells of answers 401 and 403.
 * @param {(error: ApiError) => void} listener
 */
export const onRefusal = listener => void refusals.push(listener);

/** @param {string} path */
export const urlOf = path => new URL(path.replace(/^\//, ''), BASE);

/**
 * One call.
 * @param {string} path
 * @param {{ method?: string, body?: unknown, headers?: Record<string, string>, timeoutMs?: number, signal?: AbortSignal }} [options]
 *   `timeoutMs` 0: no limit but the signal's
 * @returns {Promise<Response>}
 * @throws {ApiError} for every answer but 2xx
 */
export async function call(path, options = {}) {
  const headers = new Headers(options.headers);
  const used = token;
  if (token !== null)
    headers.set('Authorization', `Bearer ${token}`);
  if (options.body !== undefined)
    headers.set('Content-Type', 'application/json');
  const limit = options.timeoutMs ?? TIMEOUT_MS;
  const signals = [options.signal, limit > 0 ? AbortSignal.timeout(limit) : undefined].filter(signal => signal !== undefined);
  let response;
  try {
    response = await fetch(urlOf(path), {
      method: options.method ?? 'GET',
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: signals.length > 0 ? AbortSignal.any(signals) : null,
      cache: 'no-store',
      credentials: 'same-origin',
      referrerPolicy: 'no-referrer',
    });
  } catch (error) {
    throw unanswered(error, limit);
  }
  skewMs = Date.parse(response.headers.get('Date') ?? '') - Date.now() || 0;
  if (response.ok)
    return response;
  const refused = new ApiError(response.status, await messageOf(response));

  // What was asked with a token that is replaced meanwhile says nothing of the new one.
  if ((response.status === 401 || response.status === 403) && used === token)
    refusals.forEach(listener => listener(refused));
  throw refused;
}

/**
 * One call whose answer is JSON.
 * @param {string} path
 * @param {Parameters<typeof call>[1]} [options]
 * @returns {Promise<any>}
 */
export async function json(path, options) {
  return (await jsonWithTag(path, options)).body;
}

/**
 * One call whose answer is JSON, with the tag that names the settings in it.
 * @param {string} path
 * @param {Parameters<typeof call>[1]} [options]
 * @returns {Promise<{ body: any, tag: string | null, status: number }>}
 */
export async function jsonWithTag(path, options) {
  const response = await call(path, options);
  try {
    const text = await response.text();
    return { body: text === '' ? null : parseJson(text), tag: response.headers.get('ETag'), status: response.status };
  } catch (error) {
    throw error instanceof SyntaxError ? new ApiError(502, 'the answer is no JSON') : unanswered(error, options?.timeoutMs ?? TIMEOUT_MS);
  }
}

/**
 * @param {unknown} error
 * @param {number} limit
 */
function unanswered(error, limit) {
  if (error instanceof DOMException && error.name === 'AbortError')
    return error;
  return new ApiError(0, error instanceof DOMException && error.name === 'TimeoutError'
    ? `no answer within ${limit / 1000} s`
    : 'the node cannot be reached');
}

/**
 * The server's own words.
 * @param {Response} response
 */
async function messageOf(response) {
  const text = await response.text().catch(() => '');
  try {
    const body = JSON.parse(text);
    if (typeof body?.message === 'string')
      return body.message;
  } catch {
    // Some errors are plain text.
  }
  return text.length > 0 && text.length < 2000 ? text : `HTTP ${response.status} ${response.statusText}`.trim();
}
