// Statements that were run in this browser: their text, never their rows.

const KEY = 'restate-admin-statements';

const MAX = 50;

/** Longer ones are seldom typed, and would push out all others. */
const MAX_LENGTH = 10_000;

/** @returns {string[]} last one first */
export function statements() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter(item => typeof item === 'string').slice(0, MAX) : [];
  } catch {
    return [];
  }
}

/** @param {string} sql */
export function remember(sql) {
  if (sql.length <= MAX_LENGTH)
    localStorage.setItem(KEY, JSON.stringify([sql, ...statements().filter(other => other !== sql)].slice(0, MAX)));
}

export const forgetAll = () => localStorage.removeItem(KEY);
