// Asking again and again: one call in flight, none while nobody looks, and what is known of the node's being there.

import { ApiError } from './api.js';

/** @typedef {{ at: number | null, error: ApiError | null }} Contact */

/** @type {Contact} last success, and why there is none since */
export const contact = { at: null, error: null };

/** @type {(() => void)[]} */
const listeners = [];

/** @param {() => void} listener called after every success and failure */
export const onContact = listener => void listeners.push(listener);

/** @param {ApiError | null} error */
export function report(error) {
  contact.error = error;
  if (error === null)
    contact.at = Date.now();
  listeners.forEach(listener => listener());
}

/** @type {Set<() => void>} */
const wakers = new Set();

document.addEventListener('visibilitychange', () => {
  if (!document.hidden)
    wakers.forEach(wake => wake());
});

/**
 * Calls a function every so often until the signal ends it.
 * @param {number} everyMs
 * @param {AbortSignal} signal
 * @param {(signal: AbortSignal) => Promise<void>} ask
 * @returns {() => void} asks at once
 */
export function poll(everyMs, signal, ask) {
  /** @type {number | undefined} */
  let timer;
  let isAsking = false;
  let isWanted = false;

  const wake = () => {
    clearTimeout(timer);
    if (isAsking)
      isWanted = true;
    else
      void run();
  };

  async function run() {
    if (signal.aborted || document.hidden)
      return;
    isAsking = true;
    try {
      await ask(signal);
      report(null);
    } catch (error) {
      if (signal.aborted)
        return;
      if (!(error instanceof ApiError))
        throw error;
      report(error);
    } finally {
      isAsking = false;
      if (!signal.aborted) {
        timer = setTimeout(run, isWanted ? 0 : everyMs);
        isWanted = false;
      }
    }
  }

  wakers.add(wake);
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    wakers.delete(wake);
  });
  void run();
  return wake;
}
